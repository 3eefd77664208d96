/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-ports.h — host ports that are to be forwarded, looked at before and after */
#pragma once

#include "bs-backend.h"

/* FALSE with %BS_ERROR_EXISTS naming node and port when one is taken, %BS_ERROR_HOST when it is not ours to take. */
gboolean bs_qemu_ports_check (const BsBackendNode *node, GError **error);

/* Whether QEMU's @said is about a port that was taken meanwhile; sets @error then. */
gboolean bs_qemu_ports_explain (const BsBackendNode *node, const char *said, GError **error);
