/* SPDX-License-Identifier: Apache-2.0 */
/* From the guest to the clients; the other direction is bs-relay-client.c. */
#include "bs-relay-private.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-socket.h"

#include <string.h>
#include <sys/socket.h>

#define READ_MOST (256 * 1024)

G_STATIC_ASSERT (READ_MOST + BS_FRAME_MAX <= BS_LOOP_SCRATCH);

void
bs_relay_end (BsRelay *self, const char *reason)
{
  if (self->over)
    return;
  self->over = TRUE;
  bs_loop_set_events (self->source, 0);
  for (guint i = 0; i < self->clients->len; i++)
    bs_relay_client_update (g_ptr_array_index (self->clients, i));
  self->ended (reason, self->user_data);
}

/* Watches for room towards the guest, and stops or resumes the clients, as the outbox fills or empties. */
static void
update (BsRelay *self)
{
  bs_loop_set_events (self->source, EPOLLIN | (bs_outbox_pending (&self->out) > 0 ? EPOLLOUT : 0));
  for (guint i = 0; i < self->clients->len; i++)
    bs_relay_client_update (g_ptr_array_index (self->clients, i));
}

gboolean
bs_relay_send (BsRelay *self, const guint8 *data, gsize length)
{
  gboolean was_full = bs_outbox_pending (&self->out) > 0;

  if (self->over)
    return FALSE;
  if (!bs_outbox_write (&self->out, self->fd, data, length))
    {
      bs_relay_end (self, "the machine closed the channel");
      return FALSE;
    }
  if (!was_full && bs_outbox_pending (&self->out) > 0)
    update (self);
  return TRUE;
}

/* A run of neighbouring frames for one client, sent by one call. */
typedef struct
{
  BsRelayClient *client;
  const guint8 *start;
  gsize length;
} Run;

static void
flush_run (Run *run)
{
  if (run->client != NULL && run->length > 0)
    bs_relay_client_send (run->client, run->start, run->length);
  *run = (Run){ 0 };
}

static void
add_to_run (Run *run, const BsStream *stream, const guint8 *frame, gsize length)
{
  if (run->client != NULL && (run->client != stream->client || run->start + run->length != frame))
    flush_run (run); /* which may find the client of this very stream gone */
  if (stream->client == NULL)
    return;
  if (run->client == NULL)
    {
      run->client = stream->client;
      run->start = frame;
    }
  run->length += length;
}

static void
forget_stream (BsRelay *self, BsStream *stream)
{
  BsRelayClient *client = stream->client;

  if (client != NULL)
    g_hash_table_remove (client->streams, GUINT_TO_POINTER (stream->client_id));
  g_hash_table_remove (self->streams, GUINT_TO_POINTER (stream->id));
}

/* Returns: NULL, or which rule the frame breaks */
static const char *
route (BsRelay *self, Run *run, guint8 *frame, const BsWireHeader *header)
{
  BsStream *stream = g_hash_table_lookup (self->streams, GUINT_TO_POINTER (header->stream));
  const char *broken;

  if (header->type == BS_WIRE_HUNT)
    return "its program was started anew";
  if (stream == NULL)
    return "a frame of a stream that is not open";
  broken = bs_stream_from_guest (stream, header, frame + BS_WIRE_HEADER_SIZE);
  if (broken != NULL)
    return broken;
  bs_wire_put_header (frame, header->type, header->channel, stream->client_id, header->length);
  add_to_run (run, stream, frame, BS_WIRE_HEADER_SIZE + header->length);
  if (bs_stream_is_end (header->type))
    forget_stream (self, stream);
  return NULL;
}

gboolean
bs_relay_feed (BsRelay *self, guint8 *data, gsize length)
{
  const char *broken = NULL;
  BsFramesStep step;
  BsWireHeader header;
  Run run = { 0 };

  while ((step = bs_frames_peek (data, length, &header)) == BS_FRAMES_WHOLE)
    {
      gsize size = BS_WIRE_HEADER_SIZE + header.length;

      broken = route (self, &run, data, &header);
      if (broken != NULL || self->over)
        break;
      data += size;
      length -= size;
    }
  if (!self->over)
    flush_run (&run);
  if (broken == NULL && step == BS_FRAMES_BROKEN)
    broken = "a broken frame header";
  if (self->over)
    return FALSE;
  if (broken != NULL)
    {
      bs_relay_end (self, broken);
      return FALSE;
    }
  bs_frames_keep (&self->in, data, length);
  return TRUE;
}

static void
guest_ready (guint32 events, gpointer user_data)
{
  BsRelay *self = user_data;
  guint8 *buffer = bs_loop_scratch (self->loop);
  gssize n;

  if (self->over)
    return;
  if ((events & EPOLLOUT) != 0 && bs_outbox_flush (&self->out, self->fd) && bs_outbox_pending (&self->out) == 0)
    update (self);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
    return;
  n = bs_frames_read (&self->in, self->fd, buffer, READ_MOST);
  if (n > 0)
    bs_relay_feed (self, buffer, (gsize) n);
  else if (n == 0 || errno != EAGAIN)
    bs_relay_end (self, "the machine closed the channel");
}

BsRelay *
bs_relay_new (BsLoop *loop, int fd, BsOutbox *out, BsRelayEnded ended, gpointer user_data)
{
  BsRelay *self = g_new0 (BsRelay, 1);

  self->loop = loop;
  self->fd = fd;
  self->out = *out;
  *out = (BsOutbox){ 0 };
  self->ended = ended;
  self->user_data = user_data;
  self->streams = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->clients = g_ptr_array_new ();
  self->source = bs_loop_add (loop, fd, EPOLLIN, guest_ready, self);
  update (self);
  return self;
}

void
bs_relay_free (BsRelay *self)
{
  if (self == NULL)
    return;
  self->over = TRUE;
  for (guint i = 0; i < self->clients->len; i++)
    bs_relay_client_free (g_ptr_array_index (self->clients, i));
  g_ptr_array_unref (self->clients);
  g_hash_table_unref (self->streams);
  bs_loop_remove (&self->source);
  bs_frames_clear (&self->in);
  bs_outbox_clear (&self->out);
  bs_fd_clear (&self->fd);
  g_free (self);
}

int
bs_relay_connect (BsRelay *self, GError **error)
{
  int ends[2];

  if (self->clients->len >= BS_RELAY_CLIENTS_MAX)
    {
      bs_set_error (error, BS_ERROR_BUSY, NULL, "the guest has too many clients");
      return -1;
    }
  if (!bs_socket_pair (SOCK_STREAM, ends, error))
    return -1;
  g_ptr_array_add (self->clients, bs_relay_client_new (self, ends[0]));
  return ends[1];
}
