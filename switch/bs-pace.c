/* SPDX-License-Identifier: Apache-2.0 */
/* bs-pace.c — sources that send faster than their receivers take are read at the receivers' pace (see bs-switch.h)
 *
 * All that are paused are resumed together: whoever still meets a full queue is paused again after its next batch.
 * A port that was removed meanwhile, or replaced, is told nothing new by being resumed.
 */
#include "bs-switch.h"

#include <sys/epoll.h>

static int64_t
now_usec (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void
bs_pace_pause (BsSwitch *self, uint16_t number)
{
  if (self->n_paused == BS_SWITCH_PORTS_MAX)
    return;
  if (self->n_paused == 0)
    self->pause_end_usec = now_usec () + BS_PAUSE_USEC;
  self->paused[self->n_paused++] = number;
  bs_port_watch (self, number, self->ports[number].events & ~(uint32_t) EPOLLIN);
}

void
bs_pace_resume (BsSwitch *self)
{
  for (uint32_t i = 0; i < self->n_paused; i++)
    {
      const BsPort *port = &self->ports[self->paused[i]];

      if (port->fd > 0 && port->events != 0)
        bs_port_watch (self, self->paused[i], port->events | EPOLLIN);
    }
  self->n_paused = 0;
}

const struct timespec *
bs_pace_timeout (BsSwitch *self, struct timespec *timeout)
{
  int64_t left;

  if (self->n_paused == 0)
    return NULL;
  left = self->pause_end_usec - now_usec ();
  if (left <= 0)
    {
      bs_pace_resume (self);
      return NULL;
    }
  *timeout = (struct timespec){ .tv_nsec = left * 1000 };
  return timeout;
}
