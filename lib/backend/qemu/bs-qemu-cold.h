/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-cold.h — what a template would hold, put into a machine of ours that boots instead */
#pragma once

#include "bs-backend.h"

/* Whether @node has a system of ours, is not forked, and wants something baked. */
gboolean bs_qemu_cold_bakes (const BsBackendNode *node);

/* Does it; the machine is up and knows who it is. */
gboolean bs_qemu_cold_bake (const BsBackendLab *lab, const BsBackendNode *node, GError **error);
