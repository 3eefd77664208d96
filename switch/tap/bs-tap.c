/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-tap.h"
#include "bs-tap-ring.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KINDS (BS_SWITCH_TAP_PACKETS | BS_SWITCH_TAP_DROPS | BS_SWITCH_TAP_DECISIONS)

static bool
is_below (uint32_t number, uint32_t limit)
{
  return number < limit || number == BS_SWITCH_ANY;
}

bool
bs_tap_is_valid (const BsSwitchTap *what)
{
  return what->number < BS_SWITCH_TAPS_MAX && (what->sink == BS_SWITCH_SINK_SOCKET || what->sink == BS_SWITCH_SINK_RING)
         && what->what != 0 && (what->what & ~(uint32_t) KINDS) == 0 && is_below (what->network, BS_SWITCH_NETWORKS_MAX)
         && is_below (what->port, BS_SWITCH_PORTS_MAX) && is_below (what->peer, BS_SWITCH_PORTS_MAX)
         && (what->peer == BS_SWITCH_ANY || (what->port != BS_SWITCH_ANY && what->port != what->peer))
         && what->reserved == 0;
}

/* Connected, so that no address is needed; messages, so that a sample stays one. */
static bool
is_sample_socket (int fd)
{
  struct sockaddr_storage peer;
  socklen_t size = sizeof (int), peer_size = sizeof peer;
  int domain = 0, type = 0;

  return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX
         && getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && (type == SOCK_DGRAM || type == SOCK_SEQPACKET)
         && getpeername (fd, (struct sockaddr *) &peer, &peer_size) == 0;
}

static void
sum_up (BsTaps *self)
{
  self->wanted = 0;
  for (unsigned i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    if (self->taps[i].used)
      self->wanted |= self->taps[i].what.what;
}

int
bs_tap_add (BsTaps *self, const BsSwitchTap *what, int fd)
{
  BsTap tap = { .what = *what, .used = true, .fd = fd };
  int result = 0;

  if (self->taps[what->number].used)
    return EEXIST;
  if (what->sink == BS_SWITCH_SINK_RING)
    result = bs_tap_ring_open (&tap, fd);
  else if (!is_sample_socket (fd))
    result = EINVAL;
  if (result != 0)
    return result;
  self->taps[what->number] = tap;
  sum_up (self);
  return 0;
}

static void
end (BsTaps *self, BsTap *tap)
{
  bs_tap_ring_close (tap);
  close (tap->fd);
  *tap = (BsTap){ 0 };
  sum_up (self);
}

int
bs_tap_remove (BsTaps *self, uint32_t number)
{
  bs_tap_send (self); /* which may end it, too */
  if (!self->taps[number].used)
    return ENOENT;
  end (self, &self->taps[number]);
  return 0;
}

void
bs_tap_clear (BsTaps *self)
{
  for (uint32_t i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    if (self->taps[i].used)
      bs_tap_remove (self, i);
}

/* A pair: what one of them sends to the other, or to whom it may concern. */
static bool
concerns (const BsSwitchTap *what, const BsTapEvent *event)
{
  if (what->network != BS_SWITCH_ANY && what->network != event->network)
    return false;
  if (what->port == BS_SWITCH_ANY)
    return true;
  if (what->peer == BS_SWITCH_ANY)
    return event->kind == BS_SWITCH_SAMPLE_SENT       ? event->from == what->port
           : event->kind == BS_SWITCH_SAMPLE_RECEIVED ? event->to == what->port
                                                      : event->from == what->port || event->to == what->port;
  return (event->from == what->port && (event->to == what->peer || event->to == BS_SWITCH_ANY))
         || (event->from == what->peer && (event->to == what->port || event->to == BS_SWITCH_ANY))
         || (event->from == BS_SWITCH_ANY && (event->to == what->port || event->to == what->peer));
}

static uint64_t
now_nsec (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

static void
lay_by (BsTaps *self, uint32_t number, const BsSwitchSample *sample, const void *data)
{
  uint32_t length = (uint32_t) sizeof *sample + sample->length;
  uint8_t *place;

  if (self->n_waiting == BS_TAP_SAMPLES || self->bytes > BS_TAP_BUFFER)
    bs_tap_send (self);
  if (!self->taps[number].used || self->taps[number].closed)
    return;
  place = self->buffer + self->bytes;
  memcpy (place, sample, sizeof *sample);
  if (sample->length > 0)
    memcpy (place + sizeof *sample, data, sample->length);
  self->waiting[self->n_waiting].tap = number;
  self->waiting[self->n_waiting].offset = self->bytes;
  self->waiting[self->n_waiting++].length = length;
  self->bytes += (length + 7) & ~7u;
  self->taps[number].n_waiting++;
}

static void
give (BsTaps *self, uint32_t number, BsSwitchSample *sample, const BsTapEvent *event)
{
  BsTap *tap = &self->taps[number];

  sample->length = event->length;
  if (tap->what.snap != 0 && event->kind != BS_SWITCH_SAMPLE_DECISION && tap->what.snap < sample->length)
    sample->length = tap->what.snap;
  if (tap->ring == NULL)
    {
      lay_by (self, number, sample, event->data);
      return;
    }
  sample->lost = tap->lost;
  tap->lost = bs_tap_ring_write (tap, sample, event->data) ? 0 : tap->lost + 1;
  sample->lost = 0;
}

void
bs_tap_take (BsTaps *self, uint32_t want, const BsTapEvent *event)
{
  BsSwitchSample sample = { .kind = (uint16_t) event->kind,
                            .cause = (uint16_t) event->cause,
                            .original = event->length,
                            .time_nsec = now_nsec (),
                            .from = event->from,
                            .to = event->to };

  for (uint32_t i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    if (self->taps[i].used && (self->taps[i].what.what & want) != 0 && concerns (&self->taps[i].what, event))
      give (self, i, &sample, event);
}

void
bs_tap_take_parts (BsTaps *self, uint32_t want, BsTapEvent event, BsTapParts parts)
{
  event.data = parts.n == 1 ? parts.parts[0].iov_base : self->scratch;
  for (size_t i = 0; i < parts.n; i++)
    {
      if (parts.n > 1)
        memcpy (self->scratch + event.length, parts.parts[i].iov_base, parts.parts[i].iov_len);
      event.length += (uint32_t) parts.parts[i].iov_len;
    }
  bs_tap_take (self, want, &event);
}

static uint32_t
gather (BsTaps *self, uint32_t number)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < self->n_waiting; i++)
    if (self->waiting[i].tap == number)
      {
        self->parts[n] = (struct iovec){ self->buffer + self->waiting[i].offset, self->waiting[i].length };
        self->messages[n].msg_hdr = (struct msghdr){ .msg_iov = &self->parts[n], .msg_iovlen = 1 };
        n++;
      }
  return n;
}

/* A message that is too long for the socket is lost alone; a socket that is full loses the rest. */
static void
send_all (BsTaps *self, BsTap *tap, uint32_t n)
{
  uint32_t done = 0;

  while (done < n)
    {
      int sent;

      ((BsSwitchSample *) self->parts[done].iov_base)->lost = tap->lost;
      sent = sendmmsg (tap->fd, self->messages + done, n - done, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0)
        {
          done += (uint32_t) sent;
          tap->lost = 0;
        }
      else if (sent < 0 && errno == EMSGSIZE)
        {
          done++;
          tap->lost++;
        }
      else if (sent == 0 || errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)
        {
          tap->lost += n - done;
          return;
        }
      else if (errno != EINTR)
        {
          tap->closed = true;
          return;
        }
    }
}

void
bs_tap_send (BsTaps *self)
{
  for (uint32_t i = 0; i < BS_SWITCH_TAPS_MAX && self->n_waiting > 0; i++)
    if (self->taps[i].n_waiting > 0)
      {
        send_all (self, &self->taps[i], gather (self, i));
        self->taps[i].n_waiting = 0;
        if (self->taps[i].closed)
          end (self, &self->taps[i]);
      }
  self->n_waiting = 0;
  self->bytes = 0;
}
