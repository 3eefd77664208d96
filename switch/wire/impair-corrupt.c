/* SPDX-License-Identifier: Apache-2.0 */
/* impair-corrupt.c — one bit of the frame is wrong, and no checksum is put right */
#include "bs-switch.h"

static void
flip (BsPool *pool, uint32_t cell, uint32_t bit)
{
  for (; bit >= BS_CELL_DATA * 8; bit -= BS_CELL_DATA * 8)
    cell = pool->cells[cell].next;
  pool->cells[cell].data[bit / 8] ^= (uint8_t) (0x80 >> bit % 8);
}

void
bs_corrupt_push (BsImpair *self, BsPacket *packet)
{
  if ((packet->verdict & BS_SWITCH_VERDICT_CORRUPT) != 0)
    {
      if (!bs_transit_own (self->owner, packet))
        return;
      flip (&self->owner->pool, packet->cell, packet->corrupt_bit % (packet->length * 8));
      bs_count (&bs_transit_counters (self->owner, packet)->corrupted, 1);
    }
  bs_impair_push (self->next, packet);
}
