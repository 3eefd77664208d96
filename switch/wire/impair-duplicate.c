/* SPDX-License-Identifier: Apache-2.0 */
/* impair-duplicate.c — a packet that comes twice: the second behind the first, whole even when the first is corrupted
 */
#include "bs-switch.h"

void
bs_duplicate_push (BsImpair *self, BsPacket *packet)
{
  BsPacket twin = *packet;
  bool has_twin = (packet->verdict & BS_SWITCH_VERDICT_DUPLICATE) != 0;

  if (has_twin)
    {
      twin.verdict &= (uint8_t) ~BS_SWITCH_VERDICT_CORRUPT;
      bs_count (&bs_transit_counters (self->owner, packet)->duplicated, 1);
      has_twin = packet->cell == BS_CELL_NONE || bs_transit_copy (self->owner, &twin);
    }
  bs_impair_push (self->next, packet);
  if (has_twin)
    bs_impair_push (self->next, &twin);
}
