/* SPDX-License-Identifier: Apache-2.0 */
/* bs-relay.h — many clients on one open session with a guest
 *
 * Goals. Frames of any number of clients travel over one channel, each client with stream ids of its own; a frame is
 * never torn apart by another client's; a client that is slow, dead or mad costs the others nothing; a guest that
 * breaks a rule ends its session and nothing else.
 *
 * Limits. Towards the guest one outbox is shared: while it holds bytes no client is read, so it never holds more than
 * one read. Towards a client an outbox holds at most what the client granted as credit, plus headers. Bytes are read
 * into the loop's scratch buffer, checked and renumbered in place and written from there: a copy is made only of what a
 * full socket did not take and of a frame that has not wholly come.
 *
 * Given up: order between clients is the order of readiness, and a bulk copy may delay another client's frame by one
 * read of 128 KiB.
 */
#pragma once

#include "bs-frames.h"
#include "bs-loop.h"
#include "bs-outbox.h"

#define BS_RELAY_CLIENTS_MAX 256
#define BS_RELAY_STREAMS_MAX 256 /* open at once, of one client */

typedef struct _BsRelay BsRelay;

/* The session is over. Called once, from within the relay: free it later, not here. @reason: why, in words */
typedef void (*BsRelayEnded) (const char *reason, gpointer user_data);

/* @fd: (transfer full): to the guest, after both HELLOs; @out: (transfer full): what of our opening was not taken yet
 */
BsRelay *bs_relay_new (BsLoop *loop, int fd, BsOutbox *out, BsRelayEnded ended, gpointer user_data);
/* Ends every client's socket. */
void bs_relay_free (BsRelay *self);

/* Bytes that came with the guest's HELLO. FALSE when they ended the session (@ended was called). */
gboolean bs_relay_feed (BsRelay *self, guint8 *data, gsize length);

/* Returns: the end of a stream socket for a new client, which the caller owns; -1 with an error */
int bs_relay_connect (BsRelay *self, GError **error);
