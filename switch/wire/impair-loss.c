/* SPDX-License-Identifier: Apache-2.0 */
/* impair-loss.c — packets that the dice said are lost */
#include "bs-switch.h"

void
bs_loss_push (BsImpair *self, BsPacket *packet)
{
  if ((packet->verdict & BS_SWITCH_VERDICT_LOST) != 0)
    bs_transit_drop (self->owner, packet, BS_SWITCH_DROP_LOSS);
  else
    bs_impair_push (self->next, packet);
}
