/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-switch.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 64
#define STAGING_BYTES ((size_t) BS_BATCH * BS_STAGING_STRIDE + BS_SEGMENTS_ROOM)
#define NSEC_PER_SEC UINT64_C (1000000000)

static uint64_t
read_clock (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * NSEC_PER_SEC + (uint64_t) now.tv_nsec;
}

static void
init_receiving (BsSwitch *self)
{
  for (unsigned i = 0; i < BS_BATCH; i++)
    {
      uint8_t *slot = self->staging + (size_t) i * BS_STAGING_STRIDE;

      self->rx_parts[i] = (struct iovec){ slot + BS_HEAD_ROOM, BS_SWITCH_FRAME_MAX };
      self->rx[i].msg_hdr = (struct msghdr){ .msg_iov = &self->rx_parts[i], .msg_iovlen = 1 };
    }
}

bool
bs_switch_init (BsSwitch *self, BsSwitchMemory *memory, int control)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.u64 = BS_EVENT_CONTROL };
  void *map = mmap (NULL, STAGING_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (map == MAP_FAILED || !bs_pool_init (&self->pool)
      || !bs_schedule_init (&self->schedule, BS_POOL_CELLS + BS_WIRES_MAX))
    return false;
  self->staging = map;
  self->segments = self->staging + (size_t) BS_BATCH * BS_STAGING_STRIDE;
  self->memory = memory;
  self->control = control;
  self->send = sendmmsg;
  self->clock = read_clock;
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  bs_chain_init (self);
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
    munmap (self->staging, STAGING_BYTES);
  bs_pool_clear (&self->pool);
  bs_schedule_clear (&self->schedule);
}

/* Reads the clock, and does what is due by it. */
static void
tick (BsSwitch *self)
{
  uint64_t now = self->clock ();

  bs_transit_run (self, now + BS_EARLY_NSEC);
  self->now_nsec = now;
}

/* How long to wait for events: NULL for ever, which is so when nothing waits and nobody is paused. */
static const struct timespec *
find_timeout (BsSwitch *self, struct timespec *timeout)
{
  uint64_t pause_end = bs_pace_due (self), due = bs_schedule_due (&self->schedule), now, left;

  if (pause_end < due)
    due = pause_end;
  if (due == BS_NEVER)
    return NULL;
  now = self->clock ();
  left = due > now + BS_EARLY_NSEC ? due - now - BS_EARLY_NSEC : 0;
  *timeout = (struct timespec){ .tv_sec = (time_t) (left / NSEC_PER_SEC), .tv_nsec = (long) (left % NSEC_PER_SEC) };
  return timeout;
}

/* A port may have been removed, and another added in its place, by an earlier event of this turn: its epoch tells. */
static void
serve_port (BsSwitch *self, uint64_t data, uint32_t events)
{
  uint16_t number = (uint16_t) data;

  if (self->ports[number].fd == 0 || data != bs_event_of_port (self, number))
    return;
  tick (self);
  if ((events & EPOLLOUT) != 0)
    bs_port_drain (self, number);
  if ((events & (EPOLLIN | EPOLLERR)) != 0)
    bs_port_receive (self, number);
  if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0)
    bs_port_hang_up (self, number);
}

static void
publish_queues (BsSwitch *self)
{
  uint64_t bytes = (uint64_t) (BS_POOL_CELLS - self->pool.n_free) * BS_CELL_SIZE;

  if (bytes != self->memory->queue_bytes)
    __atomic_store_n (&self->memory->queue_bytes, bytes, __ATOMIC_RELAXED);
}

bool
bs_switch_turn (BsSwitch *self)
{
  struct epoll_event events[EVENTS_MAX];
  struct timespec timeout;
  int n = epoll_pwait2 (self->epoll, events, EVENTS_MAX, find_timeout (self, &timeout), NULL);

  if (n < 0)
    return errno == EINTR;
  tick (self);
  self->now_sec = (uint32_t) (self->now_nsec / NSEC_PER_SEC);
  if (bs_pace_due (self) <= self->now_nsec + BS_EARLY_NSEC)
    bs_pace_resume (self);
  for (int i = 0; i < n; i++)
    if (events[i].data.u64 == BS_EVENT_CONTROL)
      bs_control_serve (self, events[i].events);
  for (int i = 0; i < n; i++)
    if (events[i].data.u64 != BS_EVENT_CONTROL)
      serve_port (self, events[i].data.u64, events[i].events);
  bs_tap_flush (&self->taps);
  publish_queues (self);
  return true;
}
