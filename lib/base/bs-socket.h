/* SPDX-License-Identifier: Apache-2.0 */
/* bs-socket.h — unix sockets below a folder, and messages that carry descriptors */
#pragma once

#include <glib.h>

/* Greatest number of descriptors in one message. */
#define BS_SOCKET_FDS_MAX 8
/* Greatest message, in bytes, of a SOCK_SEQPACKET socket that these functions use. */
#define BS_SOCKET_MESSAGE_MAX (160 * 1024)

/* @type is SOCK_STREAM or SOCK_SEQPACKET; sockets are close-on-exec and non-blocking. A socket left behind at @name is
 * replaced, anything else there is an error. Returns: descriptor or -1. */
int bs_socket_listen (int dirfd, const char *name, int type, GError **error);
/* Connects at once (unix sockets do not wait); the result is non-blocking. Returns: descriptor or -1 with
 * %BS_ERROR_NOT_FOUND when there is no socket or nobody listens on it any more, %BS_ERROR_BUSY when too many wait
 * already. */
int bs_socket_connect (int dirfd, const char *name, int type, GError **error);
/* Two ends, close-on-exec; FALSE with %BS_ERROR_FAILED. */
gboolean bs_socket_pair (int type, int ends[2], GError **error);

/**
 * bs_socket_send:
 * @fds: (nullable): descriptors to lend; the receiver gets copies, the caller's stay open
 *
 * Sends one message (an empty one looks to bs_socket_receive() like the end) on a SOCK_SEQPACKET or SOCK_DGRAM socket
 * without waiting.
 *
 * Returns: FALSE with %BS_ERROR_BUSY when the peer's buffer is full, else %BS_ERROR_FAILED (peer gone)
 */
gboolean bs_socket_send (int fd, const void *data, gsize length, const int *fds, guint n_fds, GError **error);

/**
 * bs_socket_receive:
 * @fds: (out caller-allocates): room for %BS_SOCKET_FDS_MAX; the caller owns what came, close-on-exec
 * @n_fds: (inout): in, how many the caller expects at most (when more come, all are closed: %BS_ERROR_PROTOCOL); out,
 * how many came
 *
 * Takes one message without waiting.
 *
 * Returns: its length; 0 when the peer has closed; -1 with %BS_ERROR_BUSY when there is none yet,
 * %BS_ERROR_PROTOCOL when it was longer than @size or not all its descriptors arrived, or %BS_ERROR_FAILED
 */
gssize bs_socket_receive (int fd, void *data, gsize size, int *fds, guint *n_fds, GError **error);

/* Waits for @events (poll(2)) until the monotonic @deadline_usec (negative: for ever). Returns: revents, 0 on timeout,
 * -1 on error (errno). */
int bs_socket_wait (int fd, short events, gint64 deadline_usec);

/* The peer's uid, or (uid_t) -1. */
guint bs_socket_peer_uid (int fd);
