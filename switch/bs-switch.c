/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-switch.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 64

static void
init_receiving (BsSwitch *self)
{
  for (unsigned i = 0; i < BS_BATCH; i++)
    {
      self->rx_parts[i] = (struct iovec){ self->staging + (size_t) i * BS_STAGING_STRIDE, BS_SWITCH_FRAME_MAX };
      self->rx[i].msg_hdr = (struct msghdr){ .msg_iov = &self->rx_parts[i], .msg_iovlen = 1 };
    }
}

bool
bs_switch_init (BsSwitch *self, BsSwitchMemory *memory, int control)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.u64 = BS_EVENT_CONTROL };
  void *map = mmap (NULL, (size_t) BS_BATCH * BS_STAGING_STRIDE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (map == MAP_FAILED || !bs_pool_init (&self->pool))
    return false;
  self->staging = map;
  self->memory = memory;
  self->control = control;
  self->send = sendmmsg;
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  bs_deliver_init (&self->deliver, self);
  init_receiving (self);
  return self->epoll >= 0 && (control < 0 || epoll_ctl (self->epoll, EPOLL_CTL_ADD, control, &event) == 0);
}

void
bs_switch_clear (BsSwitch *self)
{
  for (unsigned i = 0; i < BS_SWITCH_PORTS_MAX; i++)
    bs_port_remove (self, i);
  bs_tap_clear (&self->taps);
  bs_replay_set (&self->replay, 0, -1);
  if (self->epoll >= 0)
    close (self->epoll);
  if (self->staging != NULL)
    munmap (self->staging, (size_t) BS_BATCH * BS_STAGING_STRIDE);
  bs_pool_clear (&self->pool);
}

/* A port may have been removed, and another added in its place, by an earlier event of this turn: its epoch tells. */
static void
serve_port (BsSwitch *self, uint64_t data, uint32_t events)
{
  uint16_t number = (uint16_t) data;

  if (self->ports[number].fd == 0 || data != bs_event_of_port (self, number))
    return;
  if ((events & EPOLLOUT) != 0)
    bs_port_drain (self, number);
  if ((events & (EPOLLIN | EPOLLERR)) != 0)
    bs_port_receive (self, number);
  if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0)
    bs_port_hang_up (self, number);
}

bool
bs_switch_turn (BsSwitch *self)
{
  struct epoll_event events[EVENTS_MAX];
  struct timespec now, timeout;
  int n = epoll_pwait2 (self->epoll, events, EVENTS_MAX, bs_pace_timeout (self, &timeout), NULL);

  if (n < 0)
    return errno == EINTR;
  clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
  self->now_sec = (uint32_t) now.tv_sec;
  for (int i = 0; i < n; i++)
    if (events[i].data.u64 == BS_EVENT_CONTROL)
      bs_control_serve (self, events[i].events);
  for (int i = 0; i < n; i++)
    if (events[i].data.u64 != BS_EVENT_CONTROL)
      serve_port (self, events[i].data.u64, events[i].events);
  bs_tap_flush (&self->taps);
  return true;
}
