/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-forward.h — ports of a machine on the host's loopback, through SSH
 *
 * For backends that cannot forward themselves. One thread holds the session and all connections. When the session
 * breaks, its connections end, and the next one to come opens another.
 */
#pragma once

#include "bs-ssh.h"

typedef struct
{
  guint16 host; /* on 127.0.0.1; 0: any, see bs_ssh_forward_port() */
  guint16 node; /* on the machine's own 127.0.0.1 */
} BsSshForwardPort;

typedef struct _BsSshForward BsSshForward;

/**
 * bs_ssh_forward_start:
 *
 * Listens at once; logs in when the first connection comes.
 *
 * Returns: (transfer full): NULL with %BS_ERROR_EXISTS when a port is taken
 */
BsSshForward *bs_ssh_forward_start (const BsSshTarget *target, const BsSshForwardPort *ports, guint n_ports,
                                    GError **error);
/* The host's port of the @index-th. */
guint16 bs_ssh_forward_port (const BsSshForward *self, guint index);
/* Why the last attempt to reach the machine failed; (transfer full) (nullable). */
GError *bs_ssh_forward_error (BsSshForward *self);
/* Ends listeners, connections and the session, and waits for that. */
void bs_ssh_forward_stop (BsSshForward *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSshForward, bs_ssh_forward_stop)
