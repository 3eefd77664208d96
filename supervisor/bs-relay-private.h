/* SPDX-License-Identifier: Apache-2.0 */
/* bs-relay-private.h — what the two directions of a relay share */
#pragma once

#include "bs-relay.h"
#include "bs-stream.h"

struct _BsRelay
{
  BsLoop *loop;
  int fd;
  BsLoopSource *source;
  BsFrames in;
  BsOutbox out;
  GHashTable *streams; /* id → BsStream, owned */
  guint32 last_stream;
  GPtrArray *clients; /* (element-type BsRelayClient) */
  gboolean over;
  BsRelayEnded ended;
  gpointer user_data;
};

typedef struct
{
  BsRelay *relay;
  int fd;
  BsLoopSource *source;
  BsFrames in;
  BsOutbox out;
  GHashTable *streams; /* the client's id → BsStream, borrowed */
} BsRelayClient;

/* Writes to the guest or keeps it. FALSE when the session is over. */
gboolean bs_relay_send (BsRelay *self, const guint8 *data, gsize length);
/* Calls ended() once. */
void bs_relay_end (BsRelay *self, const char *reason);

BsRelayClient *bs_relay_client_new (BsRelay *relay, int fd);
void bs_relay_client_free (BsRelayClient *self);
/* Asks the guest to end all its streams, and frees it. */
void bs_relay_client_drop (BsRelayClient *self);
/* Frames from the guest. FALSE: the client is gone or reads too little, and was dropped. */
gboolean bs_relay_client_send (BsRelayClient *self, const guint8 *data, gsize length);
/* Reads from the client, or not, as the channel to the guest is free or not. */
void bs_relay_client_update (BsRelayClient *self);
