/* SPDX-License-Identifier: Apache-2.0 */
/* impair-delay.c — the way takes its time, more or less */
#include "bs-switch.h"

static uint64_t
due_time (BsSwitch *self, const BsPacket *packet, const BsWire *wire, uint64_t delay)
{
  uint64_t due = self->now_nsec + delay;
  uint32_t key = (1u << 25) | (uint32_t) packet->in << 13 | (uint32_t) packet->out << 1 | packet->is_ingress;

  return wire->config.jitter_nsec != 0 ? bs_order_keep (&self->order, key, wire->epoch, due) : due;
}

void
bs_delay_push (BsImpair *self, BsPacket *packet)
{
  const BsSwitchWire *config = &packet->wire->config;
  int64_t delay = (int64_t) config->delay_nsec + (config->jitter_nsec != 0 ? packet->jitter_nsec : 0);

  if (config->delay_nsec == 0 && config->jitter_nsec == 0)
    bs_impair_push (self->next, packet);
  else if ((packet->verdict & BS_SWITCH_VERDICT_REORDER) != 0)
    {
      bs_count (&bs_transit_counters (self->owner, packet)->reordered, 1);
      bs_impair_push (self->next, packet);
    }
  else if (bs_transit_own (self->owner, packet))
    bs_transit_delay (self->owner, packet,
                      due_time (self->owner, packet, packet->wire, delay > 0 ? (uint64_t) delay : 0));
}
