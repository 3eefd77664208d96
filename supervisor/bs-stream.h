/* SPDX-License-Identifier: Apache-2.0 */
/* bs-stream.h — the rules of one stream of the guest channel, for frames of either end
 *
 * States: open (after its request) → ended (by EXITED, DONE or ERROR of the guest, which frees it). Within it each
 * channel has a window, the credit that its sender still has, never above BS_WIRE_CREDIT, and is ended by EOF. The
 * supervisor keeps these books for both ends: a client that breaks a rule must not cost the others their session, and a
 * guest that sends without credit must not fill our memory.
 */
#pragma once

#include "bs-guest-wire.h"

#include <glib.h>

#define BS_STREAM_CHANNELS 3

typedef struct
{
  guint32 id;        /* on the channel to the guest */
  guint32 client_id; /* on the client's socket */
  gpointer client;   /* NULL once it is gone: frames of the guest are discarded then */
  guint8 request;    /* the type of frame that opened it */
  gboolean started;
  guint32 window[BS_STREAM_CHANNELS];
  gboolean ended[BS_STREAM_CHANNELS];
} BsStream;

/* Is @type a request, which opens a stream? */
gboolean bs_stream_is_request (guint8 type);
/* Does a frame of @type from the guest end its stream? */
gboolean bs_stream_is_end (guint8 type);

BsStream *bs_stream_new (guint32 id, guint32 client_id, gpointer client, guint8 request);

/* Takes note of a frame of the host's end (no request) or the guest's. Returns: NULL, or which rule it breaks */
const char *bs_stream_from_host (BsStream *self, const BsWireHeader *header, const guint8 *payload);
const char *bs_stream_from_guest (BsStream *self, const BsWireHeader *header, const guint8 *payload);
