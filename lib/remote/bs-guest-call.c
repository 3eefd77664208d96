/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-guest-call.h"
#include "bs-time.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define CREDIT_STEP (BS_WIRE_CREDIT / 2)
#define CLOSE_GRACE_USEC (2 * BS_USEC_PER_SEC)
#define DIRECT_MIN 8192

gsize
bs_guest_room (const BsGuest *self)
{
  gsize left = BS_GUEST_OUT_SIZE - self->out_end;

  return left > BS_GUEST_OUT_RESERVE ? left - BS_GUEST_OUT_RESERVE : 0;
}

guint8 *
bs_guest_out (BsGuest *self)
{
  return self->out + self->out_end;
}

void
bs_guest_send_built (BsGuestCall *call, guint8 type, gsize length)
{
  bs_wire_put_header (bs_guest_out (call->guest), type, 0, call->stream, (guint32)length);
  call->guest->out_end += BS_WIRE_HEADER_SIZE + length;
}

gboolean
bs_guest_send32 (BsGuestCall *call, guint8 type, guint8 channel, guint32 value)
{
  BsGuest *self = call->guest;

  if (BS_GUEST_OUT_SIZE - self->out_end < BS_WIRE_SMALL_FRAME)
    return FALSE;
  self->out_end += bs_wire_put_frame32 (bs_guest_out (self), type, channel, call->stream, value);
  return TRUE;
}

gboolean
bs_guest_break (BsGuest *self, GError **error, BsErrorCode code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->broken == NULL)
    bs_set_error (&self->broken, code, NULL, "%s", text);
  g_propagate_error (error, g_error_copy (self->broken));
  return FALSE;
}

char *
bs_guest_text (const BsWireField *field)
{
  char *text = g_utf8_make_valid ((const char *)field->data, field->length);

  for (char *at = text; *at != '\0'; at++)
    if ((guchar)*at < 0x20 || *at == 0x7f)
      *at = '?';
  return text;
}

static gboolean
send_out (BsGuest *self, GError **error)
{
  ssize_t n;

  if (self->out_at == self->out_end)
    return TRUE;
  n = send (self->fd, self->out + self->out_at, self->out_end - self->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR)
    return bs_guest_break (self, error, BS_ERROR_DIED, "the guest's channel is closed");
  if (n > 0)
    self->out_at += (gsize)n;
  if (self->out_at == self->out_end)
    self->out_at = self->out_end = 0;
  else if (self->out_at > BS_GUEST_OUT_SIZE / 2)
    {
      memmove (self->out, self->out + self->out_at, self->out_end - self->out_at);
      self->out_end -= self->out_at;
      self->out_at = 0;
    }
  return TRUE;
}

/* Reads what there is, a payload's rest straight to where it belongs. Only when all earlier input was parsed. */
static gboolean
receive (BsGuest *self, GError **error)
{
  guint8 *at;
  gsize space = bs_wire_parser_space (&self->parser, &at);
  gboolean direct = space >= DIRECT_MIN;
  ssize_t n = recv (self->fd, direct ? at : self->in, direct ? space : BS_GUEST_IN_SIZE, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (n <= 0)
    return bs_guest_break (self, error, BS_ERROR_DIED, "the guest's channel is closed");
  if (direct)
    bs_wire_parser_filled (&self->parser, (gsize)n);
  else
    {
      self->in_at = self->in;
      self->in_left = (gsize)n;
    }
  return TRUE;
}

/* The two descriptors of @call are watched only while what they give could be sent on. */
static guint
watched (BsGuestCall *call, struct pollfd items[4])
{
  guint n = 2;

  for (guint i = 0; i < 2; i++)
    if (call != NULL && call->read_fd[i] >= 0 && !call->failed
        && bs_guest_room (call->guest) >= BS_WIRE_PAYLOAD_MAX + BS_WIRE_HEADER_SIZE && (i != 0 || call->credit > 0))
      items[n++] = (struct pollfd){ .fd = call->read_fd[i], .events = POLLIN };
  return n;
}

static gboolean
call_readable (BsGuestCall *call, const struct pollfd *items, guint n, GError **error)
{
  for (guint i = 2; i < n; i++)
    if (items[i].revents != 0 && !call->readable (call, items[i].fd == call->read_fd[0] ? 0 : 1, error))
      return FALSE;
  return TRUE;
}

gboolean
bs_guest_move (BsGuest *self, BsGuestCall *call, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  struct pollfd items[4] = { { .fd = self->fd, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
  guint count;
  int n;

  if (g_cancellable_is_cancelled (cancellable))
    {
      bs_set_error (error, BS_ERROR_CANCELLED, NULL, "cancelled");
      return FALSE;
    }
  if (!send_out (self, error))
    return FALSE;
  if (self->out_at < self->out_end)
    items[0].events |= POLLOUT;
  items[1].fd = g_cancellable_get_fd (cancellable);
  count = watched (call, items);
  do
    n = poll (items, count, bs_time_poll_timeout (deadline_usec));
  while (n < 0 && errno == EINTR);
  if (items[1].fd >= 0)
    g_cancellable_release_fd (cancellable);
  if (n == 0)
    {
      bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "the guest did not answer in time");
      return FALSE;
    }
  if ((items[0].revents & ~POLLOUT) != 0 && !receive (self, error))
    return FALSE;
  return call == NULL || call_readable (call, items, count, error);
}

BsWireBuilder
bs_guest_request (BsGuest *self)
{
  BsWireBuilder builder;

  bs_wire_builder_init (&builder, bs_guest_out (self), BS_GUEST_OUT_SIZE - self->out_end);
  return builder;
}

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
      return (BsErrorCode)code;
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

  if (frame->length != 4 || frame->channel != 0 || more > BS_WIRE_CREDIT - call->credit)
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
