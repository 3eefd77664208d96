/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-wire.h"

#define FLAGS (BS_SWITCH_WIRE_DOWN | BS_SWITCH_WIRE_BURST | BS_SWITCH_WIRE_OWN_BUCKET | BS_SWITCH_WIRE_CODEL)

static bool
has_good_chances (const BsSwitchWire *wire)
{
  bool is_burst = (wire->flags & BS_SWITCH_WIRE_BURST) != 0;

  if (is_burst && wire->loss != 0)
    return false;
  if (!is_burst && (wire->burst_enter | wire->burst_leave | wire->burst_bad_delivers | wire->burst_good_delivers) != 0)
    return false;
  return wire->loss <= BS_SWITCH_ALWAYS && wire->duplicate <= BS_SWITCH_ALWAYS && wire->reorder <= BS_SWITCH_ALWAYS
         && wire->corrupt <= BS_SWITCH_ALWAYS && wire->burst_enter <= BS_SWITCH_ALWAYS
         && wire->burst_leave <= BS_SWITCH_ALWAYS && wire->burst_bad_delivers <= BS_SWITCH_ALWAYS
         && wire->burst_good_delivers <= BS_SWITCH_ALWAYS;
}

static bool
has_good_delay (const BsSwitchWire *wire)
{
  return wire->delay_nsec <= BS_SWITCH_DELAY_MAX_NSEC && wire->jitter_nsec <= BS_SWITCH_DELAY_MAX_NSEC
         && wire->jitter_kind <= BS_SWITCH_JITTER_PARETO && (wire->jitter_kind != 0 || wire->jitter_nsec == 0);
}

static bool
has_good_rate (const BsSwitchWire *wire)
{
  bool is_limited = wire->rate != 0 || wire->trace_bytes != 0;

  if (wire->rate > BS_SWITCH_RATE_MAX || wire->trace_bytes > BS_SWITCH_TRACE_MAX || wire->trace_bytes % 4 != 0
      || (wire->rate != 0 && wire->trace_bytes != 0))
    return false;
  return !is_limited || wire->queue_bytes != 0 || wire->queue_nsec != 0;
}

static bool
has_good_direction (const BsSwitchWire *wire)
{
  bool is_pair = wire->to != BS_SWITCH_ANY;

  if (wire->direction != BS_SWITCH_DIRECTION_OUT && wire->direction != BS_SWITCH_DIRECTION_IN)
    return false;
  if (is_pair && (wire->to >= BS_SWITCH_PORTS_MAX || wire->direction == BS_SWITCH_DIRECTION_IN))
    return false;
  return is_pair || (wire->flags & BS_SWITCH_WIRE_OWN_BUCKET) == 0;
}

bool
bs_wire_is_valid (const BsSwitchWire *wire)
{
  return (wire->flags & ~(uint32_t) FLAGS) == 0 && has_good_direction (wire) && has_good_chances (wire)
         && has_good_delay (wire) && has_good_rate (wire);
}

/* A seed, a discipline or a limit alone do nothing. */
bool
bs_wire_is_plain (const BsSwitchWire *wire)
{
  return (wire->flags & (BS_SWITCH_WIRE_DOWN | BS_SWITCH_WIRE_BURST)) == 0
         && (wire->delay_nsec | wire->jitter_nsec | wire->loss | wire->duplicate | wire->reorder | wire->corrupt
             | wire->rate | wire->trace_bytes)
                == 0;
}
