/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-channel-open.h"
#include "bs-fd.h"
#include "bs-frames.h"
#include "bs-supervisor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#define READ_MOST (128 * 1024)
#define STRING_MAX 256

struct _BsOpening
{
  BsLoop *loop;
  int fd;
  BsLoopSource *source;
  guint8 nonce[BS_WIRE_NONCE_SIZE];
  gboolean found; /* magic and nonce */
  gboolean over;
  BsFrames in;
  BsOutbox out;
  BsOpeningDone done;
  BsOpeningFailed failed;
  gpointer user_data;
};

static gboolean
add_member (json_t *hello, const BsWireField *field)
{
  static const struct
  {
    guint16 tag;
    const char *name;
  } strings[] = { { BS_WIRE_TAG_PROGRAM, "program" },
                  { BS_WIRE_TAG_KERNEL, "kernel" },
                  { BS_WIRE_TAG_BOOT_ID, "boot_id" },
                  { BS_WIRE_TAG_HOSTNAME, "hostname" } };
  guint32 version;

  if (field->tag == BS_WIRE_TAG_VERSION)
    {
      if (!bs_wire_field32 (field, &version) || version == 0)
        return FALSE;
      json_object_set_new (hello, "version", json_integer (MIN (version, BS_WIRE_VERSION)));
    }
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    if (strings[i].tag == field->tag)
      {
        g_autofree char *text
            = g_utf8_make_valid ((const char *) field->data, (gssize) MIN (field->length, STRING_MAX));

        json_object_set_new (hello, strings[i].name, json_string (text));
      }
  return TRUE;
}

json_t *
bs_opening_parse_hello (const guint8 *payload, gsize length)
{
  g_autoptr (json_t) hello = json_object ();
  BsWireFields fields;
  BsWireField field;

  bs_wire_fields_init (&fields, payload, length);
  while (bs_wire_fields_next (&fields, &field))
    if (!add_member (hello, &field))
      return NULL;
  return fields.broken || json_object_get (hello, "version") == NULL ? NULL : g_steal_pointer (&hello);
}

static void
give_up (BsOpening *self, const char *reason)
{
  self->over = TRUE;
  bs_loop_set_events (self->source, 0);
  self->failed (reason, self->user_data);
}

static void
finish (BsOpening *self, guint8 *frame, gsize length, const BsWireHeader *header)
{
  gsize size = BS_WIRE_HEADER_SIZE + header->length;
  g_autoptr (json_t) hello = NULL;
  BsOpened opened;

  if (header->type == BS_WIRE_HELLO && header->stream == 0)
    hello = bs_opening_parse_hello (frame + BS_WIRE_HEADER_SIZE, header->length);
  if (hello == NULL)
    {
      give_up (self, "its hello is broken");
      return;
    }
  self->over = TRUE;
  bs_loop_remove (&self->source);
  opened = (BsOpened){
    .hello = hello, .fd = bs_fd_steal (&self->fd), .out = self->out, .rest = frame + size, .rest_length = length - size
  };
  self->out = (BsOutbox){ 0 };
  self->done (&opened, self->user_data);
}

/* Skips to behind magic and nonce. Returns: FALSE when they are not there yet; the last bytes that may begin them are
 * kept then */
static gboolean
hunt (BsOpening *self, guint8 **data, gsize *length)
{
  guint8 wanted[BS_WIRE_OPENING_ANSWER];
  gsize kept = MIN (*length, sizeof wanted - 1);
  guint8 *at;

  memcpy (wanted, BS_WIRE_MAGIC, BS_WIRE_MAGIC_SIZE);
  memcpy (wanted + BS_WIRE_MAGIC_SIZE, self->nonce, BS_WIRE_NONCE_SIZE);
  at = memmem (*data, *length, wanted, sizeof wanted);
  if (at == NULL)
    {
      bs_frames_keep (&self->in, *data + *length - kept, kept);
      return FALSE;
    }
  at += sizeof wanted;
  *length -= (gsize) (at - *data);
  *data = at;
  return self->found = TRUE;
}

static void
take (BsOpening *self, guint8 *data, gsize length)
{
  BsWireHeader header;

  if (!self->found && !hunt (self, &data, &length))
    return;
  switch (bs_frames_peek (data, length, &header))
    {
    case BS_FRAMES_BROKEN:
      give_up (self, "its hello is broken");
      return;
    case BS_FRAMES_PARTIAL:
      bs_frames_keep (&self->in, data, length);
      return;
    case BS_FRAMES_WHOLE:
      finish (self, data, length, &header);
    }
}

static void
ready (guint32 events, gpointer user_data)
{
  BsOpening *self = user_data;
  guint8 *buffer = bs_loop_scratch (self->loop);
  gssize n;

  if (self->over)
    return;
  if ((events & EPOLLOUT) != 0)
    {
      bs_outbox_flush (&self->out, self->fd);
      bs_loop_set_events (self->source, EPOLLIN | (bs_outbox_pending (&self->out) > 0 ? EPOLLOUT : 0));
    }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
    return;
  n = bs_frames_read (&self->in, self->fd, buffer, READ_MOST);
  if (n > 0)
    take (self, buffer, (gsize) n);
  else if (n == 0 || errno != EAGAIN)
    give_up (self, "the machine closed the channel before its guest said hello");
}

static void
send_opening (BsOpening *self)
{
  guint8 *buffer = bs_loop_scratch (self->loop);
  BsWireBuilder builder;

  bs_wire_put_opening (buffer, self->nonce);
  bs_wire_builder_init (&builder, buffer + BS_WIRE_OPENING, BS_FRAME_MAX);
  bs_wire_add32 (&builder, BS_WIRE_TAG_VERSION, BS_WIRE_VERSION);
  bs_wire_add_string (&builder, BS_WIRE_TAG_PROGRAM, BS_SUPERVISOR_PROGRAM_VERSION);
  /* a peer that is gone already is found by reading */
  bs_outbox_write (&self->out, self->fd, buffer, BS_WIRE_OPENING + bs_wire_builder_finish (&builder, BS_WIRE_HELLO, 0));
}

BsOpening *
bs_opening_new (BsLoop *loop, int fd, BsOpeningDone done, BsOpeningFailed failed, gpointer user_data)
{
  BsOpening *self = g_new0 (BsOpening, 1);

  self->loop = loop;
  self->fd = fd;
  self->done = done;
  self->failed = failed;
  self->user_data = user_data;
  if (getrandom (self->nonce, sizeof self->nonce, 0) != sizeof self->nonce)
    g_warning ("no random nonce");
  send_opening (self);
  self->source = bs_loop_add (loop, fd, EPOLLIN | (bs_outbox_pending (&self->out) > 0 ? EPOLLOUT : 0), ready, self);
  return self;
}

void
bs_opening_free (BsOpening *self)
{
  if (self == NULL)
    return;
  bs_loop_remove (&self->source);
  bs_frames_clear (&self->in);
  bs_outbox_clear (&self->out);
  bs_fd_clear (&self->fd);
  g_free (self);
}
