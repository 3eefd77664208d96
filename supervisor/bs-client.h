/* SPDX-License-Identifier: Apache-2.0 */
/* bs-client.h — one connection to control.sock and what it has not read yet */
#pragma once

#include "bs-server.h"

typedef struct
{
  BsServer *server; /* borrowed */
  guint64 serial;
  int fd;
  BsLoopSource *source;
  gboolean subscribed;
  guint unanswered;
  GQueue unread; /* (element-type UnreadMessage) */
  gsize unread_bytes;
} BsClient;

/* @fd: (transfer full). The caller sets the source, which bs_client_free() removes. */
BsClient *bs_client_new (BsServer *server, int fd, guint64 serial);
void bs_client_free (BsClient *self);

/* Sends a message, or keeps it until it fits; @fd is -1 or lent. FALSE when the client is gone or reads too little. */
gboolean bs_client_send (BsClient *self, const char *text, gsize length, int fd);
/* Sends what was kept. FALSE when the client is gone. */
gboolean bs_client_flush (BsClient *self);

/* Messages of the protocol; (transfer full). @answer: (nullable) (transfer full) */
char *bs_client_answer_text (json_int_t id, json_t *answer);
char *bs_client_error_text (json_int_t id, const GError *error);
char *bs_client_event_text (const json_t *event);
