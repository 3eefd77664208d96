/* SPDX-License-Identifier: Apache-2.0 */
/* bs-channel.h — the way to one machine's guest program
 *
 * States: AWAITING (the socket that QEMU makes is not there or not listening yet: inotify, and a short timer while it
 * refuses) → OPENING (preamble, magic, nonce and HELLO are sent; hunting for the answer) → READY (a BsRelay has the
 * socket) → AWAITING again when the session broke for the first time → LOST when it broke again within 10 s of its
 * hello.
 *
 * A machine that ends closes its socket a moment before its process is seen to end. So a broken session is looked at
 * again after 20 ms, and only then told; a death tells more.
 */
#pragma once

#include "bs-supervisor.h"

typedef struct _BsChannel BsChannel;

/* @node: borrowed, lives longer; @path: of the socket, below the lab's folder */
BsChannel *bs_channel_new (BsSupervisor *lab, const char *node, const char *path);
/* Answers who waits with %BS_ERROR_DIED and ends all clients. */
void bs_channel_free (BsChannel *self);

gboolean bs_channel_is_ready (const BsChannel *self);

/**
 * bs_channel_request:
 * @reply: (transfer full): answered with the guest's hello and a socket, at once when it is known, else when it comes
 * @timeout_usec: how long it may take; 0 does not wait
 */
void bs_channel_request (BsChannel *self, BsReply *reply, gint64 timeout_usec);
