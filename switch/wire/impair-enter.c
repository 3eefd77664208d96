/* SPDX-License-Identifier: Apache-2.0 */
/* impair-enter.c — onto the wire, one segment at a time; a wire that is down carries nothing */
#include "bs-switch.h"

/* The caller may go on with the same frame for another port: what this one's wire does to the packet is not to be seen
 * there, but who paid for the frame, and what its flow is, is. */
static void
go_on (BsImpair *self, BsPacket *packet, BsWire *wire)
{
  BsPacket own = *packet;

  own.wire = wire;
  own.verdict = 0;
  own.jitter_nsec = 0;
  bs_impair_push (self->next, &own);
  packet->is_charged = own.is_charged;
  packet->is_parsed = own.is_parsed;
  packet->protocol = own.protocol;
  packet->lower_port = own.lower_port;
}

void
bs_enter_push (BsImpair *self, BsPacket *packet)
{
  BsWire *wire = bs_wires_of (self->owner, packet);

  if (!bs_offload_is_nothing (&packet->offload))
    bs_segments_push (self->owner, packet, self);
  else if ((wire->config.flags & BS_SWITCH_WIRE_DOWN) != 0)
    bs_transit_drop (self->owner, packet, BS_SWITCH_DROP_DOWN);
  else
    go_on (self, packet, wire);
}
