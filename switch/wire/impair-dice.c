/* SPDX-License-Identifier: Apache-2.0 */
/* impair-dice.c — a packet is told its fate */
#include "bs-switch.h"

void
bs_dice_push (BsImpair *self, BsPacket *packet)
{
  if (packet->wire->has_dice)
    {
      BsSwitchDecision decision = bs_judge (self->owner, packet->wire, packet);

      packet->verdict = decision.verdict;
      packet->corrupt_bit = decision.corrupt_bit;
      packet->jitter_nsec = decision.jitter_nsec;
    }
  bs_impair_push (self->next, packet);
}
