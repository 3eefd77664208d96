/* SPDX-License-Identifier: Apache-2.0 */
/* bs-guest-channel.c — bytes to and from the guest, and what a call waits for beside them */
#include "bs-guest-call.h"
#include "bs-text.h"
#include "bs-time.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

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
  bs_wire_put_header (bs_guest_out (call->guest), type, 0, call->stream, (guint32) length);
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
  char *text = bs_text_printable ((const char *) field->data, field->length);

  return g_strdelimit (text, "\n\t", '?');
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
    self->out_at += (gsize) n;
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
    bs_wire_parser_filled (&self->parser, (gsize) n);
  else
    {
      self->in_at = self->in;
      self->in_left = (gsize) n;
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
