/* SPDX-License-Identifier: Apache-2.0 */
/* impair-rate.c — the line takes one packet at a time: the others wait, or find the queue full */
#include "bs-switch.h"

static BsWire *
find_bucket (BsSwitch *self, const BsPacket *packet)
{
  if (packet->is_ingress || (packet->wire->config.flags & BS_SWITCH_WIRE_OWN_BUCKET) != 0)
    return packet->wire;
  return &self->wires.all[packet->in];
}

/* There is always room for one. A copy that costs nothing is in with the one that paid. */
static bool
is_full (const BsSwitch *self, const BsWire *wire, uint32_t cost)
{
  const BsSwitchWire *config = &wire->config;

  if (wire->bucket.n == 0 || cost == 0)
    return false;
  return (config->queue_bytes != 0 && wire->bucket.bytes + cost > config->queue_bytes)
         || (config->queue_nsec != 0 && bs_bucket_wait (self, wire) > config->queue_nsec);
}

void
bs_rate_push (BsImpair *self, BsPacket *packet)
{
  BsSwitch *owner = self->owner;
  BsWire *wire = find_bucket (owner, packet);
  bool is_shared = wire == &owner->wires.all[packet->in];

  if (wire->config.rate == 0 && wire->config.trace_bytes == 0)
    {
      bs_impair_push (self->next, packet);
      return;
    }
  packet->cost = is_shared && packet->is_charged ? 0 : packet->length;
  if (is_full (owner, wire, packet->cost))
    bs_transit_drop (owner, packet, BS_SWITCH_DROP_QUEUE);
  else if (bs_transit_own (owner, packet))
    {
      packet->is_charged |= is_shared;
      bs_bucket_put (owner, wire, packet);
    }
}
