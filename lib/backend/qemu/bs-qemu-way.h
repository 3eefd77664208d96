/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-way.h — into a machine whose image is not ours: commands and copies by its stock agent, or by SSH
 *
 * Not every publisher's image has the agent, and none has both ways at once while it boots. So they take turns until
 * one answers: the agent first, which needs no network in the guest, or SSH where the agent was missing when the
 * machine came up (bs-qemu-link.h). The agent talks to one at a time: who comes second gets in by SSH, or waits. Its
 * limits are in bs-qga.h: output comes at the end, input is read to its end first, no terminals. A terminal is always
 * SSH's.
 */
#pragma once

#include "bs-backend.h"
#include "bs-qga.h"

/* Whether the node @name of a lab is of those: it has a seed. */
gboolean bs_qemu_is_foreign (const BsBackendLab *lab, const char *name);

typedef struct
{
  BsQga *agent; /* either this */
  BsSsh *ssh;   /* or this */
  BsSshPool *pool;
  BsRemote remote;
} BsQemuWay;

/**
 * bs_qemu_way_open:
 * @deadline_usec: of what is done through @self->remote, negative: none
 *
 * Returns: FALSE with %BS_ERROR_TIMEOUT (neither answered until @open_deadline_usec), %BS_ERROR_DIED when QEMU is gone,
 * %BS_ERROR_CHECK (SSH is the way, and its server has another key), %BS_ERROR_FAILED (SSH did not let us in, and the
 * agent did not answer), %BS_ERROR_CANCELLED
 */
gboolean bs_qemu_way_open (BsQemuWay *self, const BsBackendLab *lab, const char *name, gint64 open_deadline_usec,
                           gint64 deadline_usec, GError **error);
/* The same of a machine that boots: whatever SSH says until then may be other when the seed was read. */
gboolean bs_qemu_way_await (BsQemuWay *self, const BsBackendLab *lab, const char *name, gint64 deadline_usec,
                            GError **error);
void bs_qemu_way_clear (BsQemuWay *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsQemuWay, bs_qemu_way_clear)

/* Asks the machine to end; returns when it has begun, or never will. */
void bs_qemu_way_power_off (BsQemuWay *self, const BsBackendLab *lab, gint64 deadline_usec);

/* The operations of the backend; see bs-backend.h. */
gboolean bs_qemu_way_exec (const BsBackendLab *lab, const char *name, const BsExecSpec *spec, const BsExecIO *io,
                           gint64 open_deadline_usec, BsExecResult *result, GError **error);
gboolean bs_qemu_way_copy (const BsBackendLab *lab, const char *name, const char *source, const char *destination,
                           gboolean out, gint64 open_deadline_usec, GError **error);
gboolean bs_qemu_way_wait_for (const BsBackendLab *lab, const char *name, const char *kind,
                               const char *const *arguments, gint64 deadline_usec, GError **error);
