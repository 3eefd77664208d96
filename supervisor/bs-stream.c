/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-stream.h"

gboolean
bs_stream_is_request (guint8 type)
{
  return type >= BS_WIRE_EXEC && type <= BS_WIRE_PING;
}

gboolean
bs_stream_is_end (guint8 type)
{
  return type == BS_WIRE_EXITED || type == BS_WIRE_DONE || type == BS_WIRE_ERROR;
}

BsStream *
bs_stream_new (guint32 id, guint32 client_id, gpointer client, guint8 request)
{
  BsStream *self = g_new0 (BsStream, 1);

  self->id = id;
  self->client_id = client_id;
  self->client = client;
  self->request = request;
  for (guint i = 0; i < BS_STREAM_CHANNELS; i++)
    self->window[i] = BS_WIRE_CREDIT;
  return self;
}

/* DATA, EOF or CREDIT_MORE whose channel the caller has found to be right for the sender. */
static const char *
account (BsStream *self, const BsWireHeader *header, const guint8 *payload)
{
  /* Only what goes into a guest may run far ahead: what comes out of one may have to be kept for a slow client. */
  guint32 most = header->channel == BS_WIRE_STDIN ? BS_WIRE_CREDIT_MAX : BS_WIRE_CREDIT;
  guint32 *window = &self->window[header->channel], more;

  if (header->type == BS_WIRE_CREDIT_MORE)
    {
      if (header->length != 4)
        return "credit of a wrong size";
      more = bs_wire_get32 (payload);
      if (more > most - *window)
        return "more credit than a window holds";
      *window += more;
      return NULL;
    }
  if (self->ended[header->channel])
    return "data after its end";
  if (header->type == BS_WIRE_EOF)
    {
      self->ended[header->channel] = TRUE;
      return header->length == 0 ? NULL : "an end with a payload";
    }
  if (header->length > *window)
    return "data without credit";
  *window -= header->length;
  return NULL;
}

const char *
bs_stream_from_host (BsStream *self, const BsWireHeader *header, const guint8 *payload)
{
  gboolean inward = header->channel == BS_WIRE_STDIN;

  switch (header->type)
    {
    case BS_WIRE_DATA:
    case BS_WIRE_EOF:
      return inward ? account (self, header, payload) : "data on a channel of the guest";
    case BS_WIRE_CREDIT_MORE:
      return !inward && header->channel < BS_STREAM_CHANNELS ? account (self, header, payload)
                                                             : "credit for a channel of the host";
    case BS_WIRE_SIGNAL:
    case BS_WIRE_WINSIZE:
      return header->length == 4 ? NULL : "a signal or size of a wrong length";
    case BS_WIRE_CLOSE:
      return header->length == 0 ? NULL : "a close with a payload";
    default:
      return "a frame that the host never sends";
    }
}

static gboolean
may_send (const BsStream *self, guint8 channel)
{
  if (self->request == BS_WIRE_EXEC)
    return channel == BS_WIRE_STDOUT || channel == BS_WIRE_STDERR;
  return self->request == BS_WIRE_GET && channel == BS_WIRE_STDOUT;
}

const char *
bs_stream_from_guest (BsStream *self, const BsWireHeader *header, const guint8 *payload)
{
  gboolean first;

  switch (header->type)
    {
    case BS_WIRE_DATA:
    case BS_WIRE_EOF:
      return may_send (self, header->channel) ? account (self, header, payload) : "data on a channel of the host";
    case BS_WIRE_CREDIT_MORE:
      return header->channel == BS_WIRE_STDIN ? account (self, header, payload) : "credit for a channel of the guest";
    case BS_WIRE_STARTED:
      first = !self->started;
      self->started = TRUE;
      return first && self->request == BS_WIRE_EXEC ? NULL : "a start that nobody asked for";
    case BS_WIRE_EXITED:
      return self->request == BS_WIRE_EXEC ? NULL : "an exit of what was not started";
    case BS_WIRE_DONE:
      return self->request != BS_WIRE_EXEC ? NULL : "an exec that is done without an exit";
    case BS_WIRE_ERROR:
      return NULL;
    default:
      return "a frame that the guest never sends";
    }
}
