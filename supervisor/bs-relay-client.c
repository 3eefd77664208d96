/* SPDX-License-Identifier: Apache-2.0 */
/* From the clients to the guest. */
#include "bs-relay-private.h"
#include "bs-fd.h"

#include <errno.h>

#define READ_MOST (128 * 1024)
/* A byte may come in a frame of its own: header and byte for each byte of credit, on both channels of a stream. */
#define UNREAD_PER_STREAM ((gsize) 2 * BS_WIRE_CREDIT * (BS_WIRE_HEADER_SIZE + 1))
#define UNREAD_SLACK ((gsize) 1024 * 1024)

G_STATIC_ASSERT (READ_MOST + BS_FRAME_MAX <= BS_LOOP_SCRATCH);

void
bs_relay_client_update (BsRelayClient *self)
{
  guint32 events = (bs_outbox_pending (&self->relay->out) == 0 ? EPOLLIN : 0)
                   | (bs_outbox_pending (&self->out) > 0 ? EPOLLOUT : 0);

  bs_loop_set_events (self->source, self->relay->over ? 0 : events);
}

void
bs_relay_client_free (BsRelayClient *self)
{
  bs_loop_remove (&self->source);
  g_hash_table_unref (self->streams);
  bs_frames_clear (&self->in);
  bs_outbox_clear (&self->out);
  bs_fd_clear (&self->fd);
  g_free (self);
}

void
bs_relay_client_drop (BsRelayClient *self)
{
  BsRelay *relay = self->relay;
  GHashTableIter iter;
  BsStream *stream;
  g_autoptr (GByteArray) closes = g_byte_array_new ();

  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &stream))
    {
      guint8 frame[BS_WIRE_HEADER_SIZE];

      bs_wire_put_header (frame, BS_WIRE_CLOSE, 0, stream->id, 0);
      g_byte_array_append (closes, frame, sizeof frame);
      stream->client = NULL;
    }
  g_ptr_array_remove_fast (relay->clients, self);
  bs_relay_client_free (self);
  if (closes->len > 0)
    bs_relay_send (relay, closes->data, closes->len);
}

gboolean
bs_relay_client_send (BsRelayClient *self, const guint8 *data, gsize length)
{
  /* one more: the stream that just ended may have left a full window here */
  gsize most = UNREAD_SLACK + UNREAD_PER_STREAM * (g_hash_table_size (self->streams) + 1);

  if (!bs_outbox_write (&self->out, self->fd, data, length) || bs_outbox_pending (&self->out) > most)
    {
      bs_relay_client_drop (self);
      return FALSE;
    }
  bs_relay_client_update (self);
  return TRUE;
}

static guint32
next_id (BsRelay *relay)
{
  do
    relay->last_stream++;
  while (relay->last_stream == 0 || g_hash_table_contains (relay->streams, GUINT_TO_POINTER (relay->last_stream)));
  return relay->last_stream;
}

static BsStream *
open_stream (BsRelayClient *self, const BsWireHeader *header)
{
  BsStream *stream = bs_stream_new (next_id (self->relay), header->stream, self, header->type);

  g_hash_table_insert (self->relay->streams, GUINT_TO_POINTER (stream->id), stream);
  g_hash_table_insert (self->streams, GUINT_TO_POINTER (header->stream), stream);
  return stream;
}

typedef enum
{
  FORWARD,
  DISCARD, /* for a stream that has just ended */
  BREAK,
} Verdict;

static Verdict
judge (BsRelayClient *self, guint8 *frame, const BsWireHeader *header)
{
  BsStream *stream = g_hash_table_lookup (self->streams, GUINT_TO_POINTER (header->stream));

  if (bs_stream_is_request (header->type))
    {
      if (stream != NULL || header->stream == 0 || g_hash_table_size (self->streams) >= BS_RELAY_STREAMS_MAX)
        return BREAK;
      stream = open_stream (self, header);
    }
  else if (header->type < BS_WIRE_DATA || header->type > BS_WIRE_CLOSE)
    return BREAK;
  else if (stream == NULL)
    return DISCARD;
  else if (bs_stream_from_host (stream, header, frame + BS_WIRE_HEADER_SIZE) != NULL)
    return BREAK;
  bs_wire_put_header (frame, header->type, header->channel, stream->id, header->length);
  return FORWARD;
}

/* Sends on what is whole and keeps the rest. Returns: FALSE when the client broke a rule, or when all is over */
static gboolean
forward (BsRelayClient *self, guint8 *data, gsize length)
{
  BsFramesStep step;
  BsWireHeader header;
  guint8 *run = data;

  while ((step = bs_frames_peek (data, length, &header)) == BS_FRAMES_WHOLE)
    {
      gsize size = BS_WIRE_HEADER_SIZE + header.length;
      Verdict verdict = judge (self, data, &header);

      if (verdict != FORWARD)
        {
          if (data > run && !bs_relay_send (self->relay, run, (gsize) (data - run)))
            return FALSE;
          run = data + size;
        }
      if (verdict == BREAK)
        return FALSE;
      data += size;
      length -= size;
    }
  if (data > run && !bs_relay_send (self->relay, run, (gsize) (data - run)))
    return FALSE;
  bs_frames_keep (&self->in, data, length);
  return step != BS_FRAMES_BROKEN;
}

static void
client_ready (guint32 events, gpointer user_data)
{
  BsRelayClient *self = user_data;
  BsRelay *relay = self->relay;
  guint8 *buffer = bs_loop_scratch (relay->loop);
  gssize n;

  if (relay->over)
    return;
  if ((events & EPOLLOUT) != 0)
    {
      if (!bs_outbox_flush (&self->out, self->fd))
        {
          bs_relay_client_drop (self);
          return;
        }
      bs_relay_client_update (self);
    }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || bs_outbox_pending (&relay->out) > 0)
    return;
  n = bs_frames_read (&self->in, self->fd, buffer, READ_MOST);
  if (n < 0 && errno == EAGAIN)
    return;
  if (n <= 0 || !forward (self, buffer, (gsize) n))
    bs_relay_client_drop (self);
}

BsRelayClient *
bs_relay_client_new (BsRelay *relay, int fd)
{
  BsRelayClient *self = g_new0 (BsRelayClient, 1);

  self->relay = relay;
  self->fd = fd;
  self->streams = g_hash_table_new (NULL, NULL);
  self->source = bs_loop_add (relay->loop, fd, 0, client_ready, self);
  bs_relay_client_update (self);
  return self;
}
