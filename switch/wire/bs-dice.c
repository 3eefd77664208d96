/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-dice.h"

#include "bs-jitter.h"
#include "bs-philox.h"

bool
bs_dice_has_any (const BsSwitchWire *wire)
{
  return (wire->flags & BS_SWITCH_WIRE_BURST) != 0 || wire->jitter_nsec != 0
         || (wire->loss | wire->duplicate | wire->reorder | wire->corrupt) != 0;
}

/* Stafford's variant 13 of the finalizer of MurmurHash3. */
static uint64_t
mix (uint64_t x)
{
  x = (x ^ x >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C (0x94d049bb133111eb);
  return x ^ x >> 31;
}

uint64_t
bs_dice_flow (const BsSwitchDecision *decision)
{
  uint64_t hash = mix (decision->sender + UINT64_C (0x9e3779b97f4a7c15));

  hash = mix (hash ^ decision->receiver);
  hash = mix (hash + ((uint64_t) decision->protocol << 16 | decision->port));
  return hash != 0 ? hash : 1;
}

static BsPhilox
throw_block (const BsSwitchWire *wire, uint64_t flow, uint64_t index, uint32_t block)
{
  BsPhilox counter = { { (uint32_t) index, (uint32_t) (index >> 32 & 0xffffff) | block << 24, (uint32_t) flow,
                         (uint32_t) (flow >> 32) } };

  return bs_philox (counter, wire->seed);
}

static bool
is_lost_in_burst (const BsSwitchWire *wire, uint32_t *bad, uint32_t chance, uint32_t change)
{
  bool was_bad = *bad != 0;
  bool is_lost = chance >= (was_bad ? wire->burst_bad_delivers : wire->burst_good_delivers);

  if (change < (was_bad ? wire->burst_leave : wire->burst_enter))
    *bad = !was_bad;
  return is_lost;
}

static bool
is_lost (const BsSwitchWire *wire, uint32_t *bad, uint32_t chance, const BsPhilox *more)
{
  if ((wire->flags & BS_SWITCH_WIRE_BURST) != 0)
    return is_lost_in_burst (wire, bad, chance, more->word[1]);
  return chance < wire->loss;
}

void
bs_dice_throw (const BsSwitchWire *wire, uint64_t flow, uint32_t *bad, uint32_t length, BsSwitchDecision *decision)
{
  BsPhilox chance = throw_block (wire, flow, decision->index, 0), more = { { 0 } };

  decision->verdict = 0;
  decision->corrupt_bit = 0;
  decision->jitter_nsec = 0;
  if ((wire->flags & BS_SWITCH_WIRE_BURST) != 0 || wire->jitter_nsec != 0 || wire->corrupt != 0)
    more = throw_block (wire, flow, decision->index, 1);
  if (is_lost (wire, bad, chance.word[0], &more))
    {
      decision->verdict = BS_SWITCH_VERDICT_LOST;
      return;
    }
  if (chance.word[1] < wire->duplicate)
    decision->verdict |= BS_SWITCH_VERDICT_DUPLICATE;
  if (chance.word[2] < wire->reorder)
    decision->verdict |= BS_SWITCH_VERDICT_REORDER;
  if (chance.word[3] < wire->corrupt)
    {
      decision->verdict |= BS_SWITCH_VERDICT_CORRUPT;
      decision->corrupt_bit = (uint32_t) ((uint64_t) more.word[0] * length * 8 >> 32);
    }
  if (wire->jitter_nsec != 0)
    decision->jitter_nsec = bs_jitter ((BsSwitchJitter) wire->jitter_kind, wire->jitter_nsec,
                                       (uint64_t) more.word[2] << 32 | more.word[3]);
}
