/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-ssh-paths.h — the lab's SSH files as other programs are told of them (internal to lib/lab) */
#pragma once

#include "bs-lab-ssh.h"

typedef struct
{
  char *key, *known_hosts; /* absolute */
} BsLabSshPaths;

/* %BS_ERROR_INVALID when a path has characters that ssh_config(5) has no way to write. */
gboolean bs_lab_ssh_paths_init (BsLabSshPaths *self, BsLab *lab, GError **error);
void bs_lab_ssh_paths_clear (BsLabSshPaths *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsLabSshPaths, bs_lab_ssh_paths_clear)

/* Always FALSE: %BS_ERROR_UNSUPPORTED. */
gboolean bs_lab_ssh_none (BsLab *lab, GError **error);
