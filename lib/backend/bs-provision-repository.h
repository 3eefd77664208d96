/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-repository.h — extra sources of packages in the machine (internal to lib/backend) */
#pragma once

#include "bs-provision-tool.h"

/* Puts @entry's source and key where @tool looks for them; once more changes nothing. */
gboolean bs_provision_repository (const BsProvision *self, const BsPackageTool *tool, const BsTopologyPackage *entry,
                                  GError **error);

/* Downloads @url to @path in the machine, with what an image of that tool has. */
gboolean bs_provision_fetch (const BsProvision *self, const BsPackageTool *tool, const char *url, const char *path,
                             GError **error);
