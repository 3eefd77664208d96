/* SPDX-License-Identifier: Apache-2.0 */
/* bs-control-server.c — requests of the supervisor (bs-switch-protocol.h)
 *
 * All requests that are there are applied before the turn's packets: a new switch, to which the supervisor sends all
 * ports without waiting for the answers, takes its first frame when it knows them all. A request changes nothing before
 * it was checked as a whole. Every descriptor that came is either taken by a port or closed.
 */
#include "bs-switch.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define FDS_MAX 4 /* room for more than is right, so that an excess is seen */

static bool
is_zero (const void *data, size_t length)
{
  const uint8_t *bytes = data;

  return length == 0 || (bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0);
}

/* The union is as long as its longest member: what is behind the one that is used is zero. */
static bool
uses_only (const BsSwitchRequest *request, size_t length)
{
  return is_zero ((const uint8_t *) &request->zero + length, sizeof request->zero - length);
}

static bool
is_valid_port (const BsSwitchRequest *request)
{
  const BsSwitchAddPort *add = &request->add;

  return uses_only (request, sizeof *add) && request->port < BS_SWITCH_PORTS_MAX
         && add->network < BS_SWITCH_NETWORKS_MAX && bs_port_is_valid_kind (add->kind, add->offload)
         && (add->mac[0] & 1) == 0 && is_zero (add->reserved, sizeof add->reserved);
}

static bool
is_valid_wire (const BsSwitchRequest *request, uint32_t n_fds)
{
  return request->port < BS_SWITCH_PORTS_MAX && request->wire.to != request->port
         && n_fds == (request->wire.trace_bytes != 0) && uses_only (request, sizeof request->wire)
         && bs_wire_is_valid (&request->wire);
}

static bool
is_valid_tap (const BsSwitchRequest *request, uint32_t n_fds)
{
  if (!uses_only (request, sizeof request->tap) || request->port != 0)
    return false;
  if (request->op == BS_SWITCH_ADD_TAP)
    return n_fds == 1 && bs_tap_is_valid (&request->tap);
  return n_fds == 0 && request->tap.number < BS_SWITCH_TAPS_MAX
         && is_zero (&request->tap.sink, sizeof request->tap - offsetof (BsSwitchTap, sink));
}

static bool
is_valid (const BsSwitchRequest *request, uint32_t n_fds)
{
  if (request->version != BS_SWITCH_VERSION || request->size != sizeof *request)
    return false;
  switch (request->op)
    {
    case BS_SWITCH_ADD_PORT:
      return n_fds == 1 && is_valid_port (request);
    case BS_SWITCH_REMOVE_PORT:
      return n_fds == 0 && uses_only (request, 0) && request->port < BS_SWITCH_PORTS_MAX;
    case BS_SWITCH_SET_WIRE:
      return is_valid_wire (request, n_fds);
    case BS_SWITCH_SET_CUTS:
      return n_fds == 0 && uses_only (request, sizeof request->cuts) && request->port < BS_SWITCH_PORTS_MAX;
    case BS_SWITCH_PING:
      return n_fds == 0 && uses_only (request, 0);
    case BS_SWITCH_ADD_TAP:
    case BS_SWITCH_REMOVE_TAP:
      return is_valid_tap (request, n_fds);
    case BS_SWITCH_SET_REPLAY:
      return n_fds == (request->replay.bytes != 0) && uses_only (request, sizeof request->replay) && request->port == 0;
    default:
      return false;
    }
}

int
bs_control_apply (BsSwitch *self, const void *message, size_t length, int *fds, uint32_t n_fds, uint32_t *serial)
{
  BsSwitchRequest request = { 0 };
  int result = 0;

  memcpy (&request, message, length < sizeof request ? length : sizeof request);
  *serial = request.serial;
  if (length != sizeof request || !is_valid (&request, n_fds))
    return EPROTO;
  if (request.op == BS_SWITCH_ADD_PORT)
    {
      result = bs_port_add (self, &request, fds[0]);
      if (result == 0)
        fds[0] = -1;
    }
  else if (request.op == BS_SWITCH_REMOVE_PORT)
    result = bs_port_remove (self, request.port);
  else if (request.op == BS_SWITCH_SET_WIRE)
    result = bs_wires_set (self, (uint16_t) request.port, &request.wire, n_fds == 1 ? fds[0] : -1);
  else if (request.op == BS_SWITCH_SET_CUTS)
    result = bs_wires_cut (self, (uint16_t) request.port, &request.cuts);
  else if (request.op == BS_SWITCH_ADD_TAP)
    {
      result = bs_tap_add (&self->taps, &request.tap, fds[0]);
      if (result == 0)
        fds[0] = -1;
    }
  else if (request.op == BS_SWITCH_REMOVE_TAP)
    result = bs_tap_remove (&self->taps, request.tap.number);
  else if (request.op == BS_SWITCH_SET_REPLAY)
    {
      result = bs_replay_set (&self->replay, request.replay.bytes, n_fds == 1 ? fds[0] : -1);
      if (result == 0 && n_fds == 1)
        fds[0] = -1;
    }
  return result;
}

static void
watch (BsSwitch *self, uint32_t events)
{
  struct epoll_event event = { .events = events, .data.u64 = BS_EVENT_CONTROL };

  epoll_ctl (self->epoll, EPOLL_CTL_MOD, self->control, &event);
}

/* The supervisor is gone; the ports stay. */
static void
hang_up (BsSwitch *self)
{
  epoll_ctl (self->epoll, EPOLL_CTL_DEL, self->control, NULL);
  close (self->control);
  self->control = -1;
}

/* While an answer cannot be sent no further request is taken. */
static void
answer (BsSwitch *self)
{
  bool waited = self->reply_waits;
  ssize_t n = send (self->control, &self->reply, sizeof self->reply, MSG_DONTWAIT | MSG_NOSIGNAL);

  if (n < 0 && errno != EAGAIN && errno != EINTR)
    {
      hang_up (self);
      return;
    }
  self->reply_waits = n < 0;
  if (self->reply_waits != waited)
    watch (self, self->reply_waits ? EPOLLOUT : EPOLLIN | EPOLLRDHUP);
}

static uint32_t
collect (struct msghdr *message, int fds[FDS_MAX])
{
  uint32_t n = 0;

  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL; part = CMSG_NXTHDR (message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
      {
        size_t bytes = part->cmsg_len - CMSG_LEN (0);

        memcpy (fds, CMSG_DATA (part), bytes);
        n = (uint32_t) (bytes / sizeof (int));
      }
  return n;
}

/* What came was cut: too many descriptors, or (none came though there was room) no place for one in our table. */
static int
judge_cut (const struct msghdr *message, uint32_t n_fds)
{
  if ((message->msg_flags & MSG_TRUNC) != 0)
    return EPROTO;
  if ((message->msg_flags & MSG_CTRUNC) != 0)
    return n_fds == 0 ? EMFILE : EPROTO;
  return 0;
}

/* An empty message and the end of file look the same; only epoll tells them apart. Returns: whether there may be more
 */
static bool
take_request (BsSwitch *self, bool ended)
{
  union
  {
    char bytes[CMSG_SPACE (sizeof (int) * FDS_MAX)];
    struct cmsghdr align;
  } control;
  BsSwitchRequest request = { 0 };
  struct iovec part = { &request, sizeof request };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  ssize_t n = recvmsg (self->control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  int fds[FDS_MAX], result;
  uint32_t n_fds, serial;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return false;
  if (n < 0 || (n == 0 && ended))
    {
      hang_up (self);
      return false;
    }
  n_fds = collect (&message, fds);
  serial = request.serial;
  result = judge_cut (&message, n_fds);
  if (result == 0)
    result = bs_control_apply (self, &request, (size_t) n, fds, n_fds, &serial);
  for (uint32_t i = 0; i < n_fds; i++)
    if (fds[i] >= 0)
      close (fds[i]);
  self->reply
      = (BsSwitchReply){ .version = BS_SWITCH_VERSION, .size = sizeof self->reply, .serial = serial, .result = result };
  answer (self);
  return self->control >= 0 && !self->reply_waits;
}

void
bs_control_serve (BsSwitch *self, uint32_t events)
{
  if (self->control < 0)
    return;
  if ((events & EPOLLOUT) != 0 && self->reply_waits)
    answer (self);
  else if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
    while (take_request (self, (events & (EPOLLRDHUP | EPOLLHUP)) != 0))
      ;
}
