/* SPDX-License-Identifier: Apache-2.0 */
/* bs-server.h — control.sock: its clients, their requests, answers and subscriptions
 *
 * Bounded in every direction: clients, unanswered requests of each, and bytes that a client does not read. A client
 * that goes over is cut off; the others do not notice.
 */
#pragma once

#include "bs-json.h"
#include "bs-loop.h"

#define BS_SERVER_CLIENTS_MAX 256
#define BS_SERVER_REQUESTS_MAX 512
#define BS_SERVER_UNREAD_MAX (2 * 1024 * 1024)

typedef struct _BsServer BsServer;
/* The right and duty to answer one request, now or later; the client may be gone by then. */
typedef struct _BsReply BsReply;

/* One message from a client; @reply is (transfer full). */
typedef void (*BsServerHandler) (const char *message, gsize length, BsReply *reply, gpointer user_data);

BsServer *bs_server_listen (BsLoop *loop, int dir, BsServerHandler handler, gpointer user_data, GError **error);
/* Closes every client; @self may have replies out, which answer nobody then. */
void bs_server_close (BsServer *self);
void bs_server_unref (BsServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsServer, bs_server_unref)

/* Tells of each client that goes from now on; NULL: no more. */
typedef void (*BsServerGone) (guint64 client, gpointer user_data);
void bs_server_set_gone (BsServer *self, BsServerGone gone, gpointer user_data);

guint bs_server_subscribers (const BsServer *self);
/* To each subscriber: {"event":@event}. */
void bs_server_publish (BsServer *self, const json_t *event);

/* A reply whose client is gone from the start: for tests of handlers. */
BsReply *bs_reply_new_orphan (void);
/* The "id" of the request, for the answer; 0 until set. */
void bs_reply_set_id (BsReply *self, json_int_t id);
/* Which client asked: a number that no other one gets; 0: nobody. */
guint64 bs_reply_client (const BsReply *self);
/* FALSE when nobody waits for it any more. */
gboolean bs_reply_wanted (const BsReply *self);
/* @answer: (nullable) (transfer full): members beside id and ok; @fd: -1, or a descriptor that is lent. Frees @self. */
void bs_reply_ok (BsReply *self, json_t *answer, int fd);
/* @error: (transfer none). Frees @self. */
void bs_reply_error (BsReply *self, const GError *error);
/* The client has more unanswered requests than BS_SERVER_REQUESTS_MAX. */
gboolean bs_reply_is_over_limit (const BsReply *self);
/* From now on the client gets events. */
void bs_reply_subscribe (BsReply *self);
