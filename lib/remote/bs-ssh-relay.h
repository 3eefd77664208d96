/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-relay.h — one forwarded connection: a socket here, a channel there (internal to lib/remote) */
#pragma once

#include "bs-ssh-private.h"

#define BS_SSH_RELAY_BUFFER (32 * 1024)

typedef struct
{
  ssh_channel channel;
  int fd;
  guint16 node_port;
  gboolean open;                /* the machine took it */
  gboolean in_ended, out_ended; /* the socket's, the channel's end of file, told to the other side */
  gboolean failed;
  guint8 in[BS_SSH_RELAY_BUFFER], out[BS_SSH_RELAY_BUFFER]; /* to the channel; to the socket */
  gsize in_at, in_end, out_at, out_end;
} BsSshRelay;

/* @fd: (transfer full), non-blocking */
BsSshRelay *bs_ssh_relay_new (BsSsh *ssh, int fd, guint16 node_port);
void bs_ssh_relay_free (BsSshRelay *self);

/* What poll(2) is to wait for on @fd. */
short bs_ssh_relay_events (const BsSshRelay *self);
/* Moves what can be moved. Returns: TRUE when something was. */
gboolean bs_ssh_relay_move (BsSshRelay *self);
gboolean bs_ssh_relay_over (const BsSshRelay *self);
