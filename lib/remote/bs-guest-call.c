/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-guest-call.h"
#include "bs-time.h"

#define CREDIT_STEP (BS_WIRE_CREDIT / 2)
/* A guest that answers does so in milliseconds; for one that does not, nobody wants to wait after Ctrl-C. */
#define CLOSE_GRACE_USEC (BS_USEC_PER_SEC / 2)

/* Only codes that a guest can judge; what it says about us is not taken over. */
static BsErrorCode
trusted_code (const char *name)
{
  int code;

  if (!bs_error_code_from_name (name, &code))
    return BS_ERROR_FAILED;
  switch (code)
    {
    case BS_ERROR_INVALID:
    case BS_ERROR_TIMEOUT:
    case BS_ERROR_NOT_FOUND:
    case BS_ERROR_EXISTS:
    case BS_ERROR_BUSY:
    case BS_ERROR_UNSUPPORTED:
    case BS_ERROR_PROTOCOL:
    case BS_ERROR_EXHAUSTED:
      return (BsErrorCode) code;
    default:
      return BS_ERROR_FAILED;
    }
}

static void
set_guest_error (const guint8 *payload, gsize length, GError **error)
{
  g_autofree char *name = NULL, *text = NULL;
  BsWireField field;

  if (bs_wire_fields_find (payload, length, BS_WIRE_TAG_CODE, &field))
    name = bs_guest_text (&field);
  if (bs_wire_fields_find (payload, length, BS_WIRE_TAG_TEXT, &field))
    text = bs_guest_text (&field);
  bs_set_error (error, trusted_code (name != NULL ? name : ""), NULL, "%s",
                text != NULL ? text : "the guest gave no reason");
}

static gboolean
nonsense (BsGuestCall *call, const char *what, GError **error)
{
  return bs_guest_break (call->guest, error, BS_ERROR_PROTOCOL, "the guest broke the protocol: %s", what);
}

static gboolean
take_data (BsGuestCall *call, const BsWireHeader *frame, const guint8 *body, GError **error)
{
  guint8 channel = frame->channel;

  if (channel < 1 || channel > 2 || call->eof[channel] || call->data == NULL)
    return nonsense (call, "data on a channel that has none", error);
  if (frame->length > call->owed[channel])
    return nonsense (call, "more data than it has credit for", error);
  call->owed[channel] -= frame->length;
  if (!call->failed && !call->data (call, channel, body, frame->length, error))
    return FALSE;
  call->consumed[channel] += frame->length;
  if (call->consumed[channel] < CREDIT_STEP
      || !bs_guest_send32 (call, BS_WIRE_CREDIT_MORE, channel, call->consumed[channel]))
    return TRUE;
  call->owed[channel] += call->consumed[channel];
  call->consumed[channel] = 0;
  return TRUE;
}

static gboolean
take_credit (BsGuestCall *call, const BsWireHeader *frame, const guint8 *body, GError **error)
{
  guint32 more = frame->length == 4 ? bs_wire_get32 (body) : 0;

  if (frame->length != 4 || frame->channel != 0 || more > BS_WIRE_CREDIT_MAX - call->credit)
    return nonsense (call, "impossible credit", error);
  call->credit += more;
  return TRUE;
}

static gboolean
take_final (BsGuestCall *call, const BsWireHeader *frame, const guint8 *body, GError **error)
{
  call->ended = TRUE;
  if (frame->type == BS_WIRE_ERROR)
    {
      if (!call->failed)
        set_guest_error (body, frame->length, error);
      return call->failed;
    }
  if (frame->type != call->final)
    return nonsense (call, "an answer to another question", error);
  return call->failed || call->finish == NULL || call->finish (call, body, frame->length, error);
}

static gboolean
take_frame (BsGuestCall *call, GError **error)
{
  const BsWireHeader *frame = &call->guest->parser.frame;
  const guint8 *body = call->guest->parser.body;

  if (frame->stream == 0 && frame->type == BS_WIRE_ERROR)
    {
      g_autoptr (GError) local = NULL;

      set_guest_error (body, frame->length, &local);
      return bs_guest_break (call->guest, error, BS_ERROR_PROTOCOL, "%s", local->message);
    }
  if (frame->stream == 0 || frame->stream > call->stream)
    return nonsense (call, "a stream that nobody opened", error);
  if (frame->stream < call->stream)
    return TRUE;
  switch (frame->type)
    {
    case BS_WIRE_DATA:
      return take_data (call, frame, body, error);
    case BS_WIRE_EOF:
      if (frame->channel < 1 || frame->channel > 2 || call->data == NULL)
        return nonsense (call, "an end of no channel", error);
      call->eof[frame->channel] = TRUE;
      return TRUE;
    case BS_WIRE_CREDIT_MORE:
      return take_credit (call, frame, body, error);
    case BS_WIRE_STARTED:
      if (call->started != NULL && !call->failed)
        call->started (call);
      return TRUE;
    case BS_WIRE_EXITED:
    case BS_WIRE_DONE:
    case BS_WIRE_ERROR:
      return take_final (call, frame, body, error);
    default:
      return nonsense (call, "a frame that no guest sends", error);
    }
}

/* Frames in what was read so far, up to the last one of the stream; what follows it stays for the next call. */
static gboolean
take_frames (BsGuestCall *call, GError **error)
{
  BsGuest *self = call->guest;

  while (!call->ended)
    switch (bs_wire_parser_feed (&self->parser, &self->in_at, &self->in_left))
      {
      case BS_WIRE_MORE:
        return TRUE;
      case BS_WIRE_FRAME:
        if (!take_frame (call, error))
          return FALSE;
        break;
      default:
        return nonsense (call, "a bad header", error);
      }
  return TRUE;
}

static gboolean
expired (const BsGuestCall *call, GError **error)
{
  if (call->deadline_usec < 0 || bs_time_now_usec () < call->deadline_usec)
    return FALSE;
  bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "the guest did not answer in time");
  return TRUE;
}

static gboolean
run (BsGuestCall *call, GError **error)
{
  for (;;)
    {
      if (!take_frames (call, error))
        return FALSE;
      if (call->ended)
        return TRUE;
      if (expired (call, error) || (!call->failed && call->fill != NULL && !call->fill (call, error))
          || !bs_guest_move (call->guest, call, call->deadline_usec, call->cancellable, error))
        return FALSE;
    }
}

/* The call failed here: the guest ends what it began. Its last frame is awaited, so that it has ended when we return.
 */
static void
close_stream (BsGuestCall *call)
{
  BsGuest *self = call->guest;

  call->failed = TRUE;
  if (self->broken != NULL || call->ended || self->out_end + BS_WIRE_HEADER_SIZE > BS_GUEST_OUT_SIZE)
    return;
  bs_guest_send_built (call, BS_WIRE_CLOSE, 0);
  call->cancellable = NULL;
  call->deadline_usec = bs_time_now_usec () + CLOSE_GRACE_USEC;
  run (call, NULL);
}

gboolean
bs_guest_call (BsGuestCall *call, BsWireBuilder *request, guint8 type, GError **error)
{
  BsGuest *self = call->guest;
  gsize length;

  if (self->broken != NULL)
    {
      g_propagate_prefixed_error (error, g_error_copy (self->broken), "cannot %s: ", call->what);
      return FALSE;
    }
  call->stream = self->next_stream;
  length = bs_wire_builder_finish (request, type, call->stream);
  if (length == 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, "pass long arguments or variables in a file",
                    "cannot %s: the request is longer than %d bytes", call->what, BS_WIRE_PAYLOAD_MAX);
      return FALSE;
    }
  self->next_stream++;
  self->out_end += length;
  call->credit = call->owed[1] = call->owed[2] = BS_WIRE_CREDIT;
  if (run (call, error))
    return TRUE;
  close_stream (call);
  g_prefix_error (error, "cannot %s: ", call->what);
  return FALSE;
}
