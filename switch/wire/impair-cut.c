/* SPDX-License-Identifier: Apache-2.0 */
/* impair-cut.c — partitions: nothing passes from one side to the other */
#include "bs-switch.h"

void
bs_cut_push (BsImpair *self, BsPacket *packet)
{
  BsSwitch *owner = self->owner;

  if ((owner->ports[packet->in].cuts.sends & owner->ports[packet->out].cuts.receives) != 0)
    bs_transit_drop (owner, packet, BS_SWITCH_DROP_CUT);
  else
    bs_impair_push (self->next, packet);
}
