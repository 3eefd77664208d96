/* SPDX-License-Identifier: Apache-2.0 */
/* bs-pace.c — sources that send faster than their receivers take are read at the receivers' pace (see bs-switch.h)
 *
 * All that are paused are resumed together: whoever still meets a full queue is paused again after its next batch.
 * A port that was removed meanwhile, or replaced, is told nothing new by being resumed.
 */
#include "bs-switch.h"

#include <sys/epoll.h>

void
bs_pace_pause (BsSwitch *self, uint16_t number)
{
  if (self->n_paused == BS_SWITCH_PORTS_MAX)
    return;
  if (self->n_paused == 0)
    self->pause_end_nsec = self->clock () + BS_PAUSE_NSEC;
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

uint64_t
bs_pace_due (const BsSwitch *self)
{
  return self->n_paused != 0 ? self->pause_end_nsec : BS_NEVER;
}
