/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-way.h — into a machine whose image is not ours: commands and copies by its stock agent
 *
 * The agent talks to one at a time, so who comes second waits. Its limits are in bs-qga.h: output comes at the end,
 * input is read to its end first, no terminals.
 */
#pragma once

#include "bs-backend.h"
#include "bs-qga.h"

/* Whether the node @name of a lab is of those: it has a seed. */
gboolean bs_qemu_is_foreign (const BsBackendLab *lab, const char *name);

typedef struct
{
  BsQga *agent;
  BsRemote remote;
} BsQemuWay;

/* Until @open_deadline_usec; @deadline_usec is of what is done through @self->remote, negative: none. */
gboolean bs_qemu_way_open (BsQemuWay *self, const BsBackendLab *lab, const char *name, gint64 open_deadline_usec,
                           gint64 deadline_usec, GError **error);
void bs_qemu_way_clear (BsQemuWay *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsQemuWay, bs_qemu_way_clear)

/* The operations of the backend; see bs-backend.h. */
gboolean bs_qemu_way_exec (const BsBackendLab *lab, const char *name, const BsExecSpec *spec, const BsExecIO *io,
                           gint64 open_deadline_usec, BsExecResult *result, GError **error);
gboolean bs_qemu_way_copy (const BsBackendLab *lab, const char *name, const char *source, const char *destination,
                           gboolean out, gint64 open_deadline_usec, GError **error);
gboolean bs_qemu_way_wait_for (const BsBackendLab *lab, const char *name, const char *kind,
                               const char *const *arguments, gint64 deadline_usec, GError **error);
