/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-pool.h — sessions kept open for the next who needs one, in one process
 *
 * Logging in costs tens of milliseconds, a command over an open session two round trips. A session belongs to the
 * thread that took it until it is given back; so many threads at once need as many sessions. All functions may be
 * called from any thread.
 */
#pragma once

#include "bs-ssh.h"

typedef struct _BsSshPool BsSshPool;

typedef struct
{
  guint most;       /* sessions to one target at once, in use or not; 0: 100. Who wants more waits */
  guint most_idle;  /* of one target; 0: 8 */
  gint64 idle_usec; /* older ones are closed when the pool is next used; 0: 60 s */
  guint greetings;  /* how many log in at once to one target; 0: 4 (sshd turns more than ten away) */
} BsSshPoolLimits;

/* @limits: (nullable) */
BsSshPool *bs_ssh_pool_new (const BsSshPoolLimits *limits);
/* Closes all; none may be taken. */
void bs_ssh_pool_free (BsSshPool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSshPool, bs_ssh_pool_free)

/**
 * bs_ssh_pool_take:
 *
 * An idle session to an equal target, or a new one. One that died is not handed out; one that was idle for a second is
 * asked whether it lives. A server that closes the connection while it greets (it is full, or only starts) is tried
 * again until the target's connect timeout is over.
 *
 * Returns: (transfer full): for bs_ssh_pool_give(); or NULL with the errors of bs_ssh_open(), %BS_ERROR_TIMEOUT also
 * when all stayed in use
 */
BsSsh *bs_ssh_pool_take (BsSshPool *self, const BsSshTarget *target, GCancellable *cancellable, GError **error);
/* (transfer full) (nullable): an idle session to an equal target that is alive; never logs in. For bs_ssh_pool_give().
 */
BsSsh *bs_ssh_pool_take_idle (BsSshPool *self, const BsSshTarget *target, GCancellable *cancellable);
/* @ssh: (transfer full): closed when it is of no more use */
void bs_ssh_pool_give (BsSshPool *self, BsSsh *ssh);

/* bs_ssh_exec() over a session of the pool. When a session that was idle turns out to be dead before the command was
 * begun, another is taken. */
gboolean bs_ssh_pool_exec (BsSshPool *self, const BsSshTarget *target, const BsExecSpec *spec, const BsExecIO *io,
                           BsExecResult *result, GCancellable *cancellable, GError **error);

/* How many sessions are idle, or taken. */
void bs_ssh_pool_count (BsSshPool *self, guint *idle, guint *taken);
