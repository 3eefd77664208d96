/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-codel.h"

enum
{
  NOTHING,
  ENTER,   /* the first drop of a series was made */
  ADVANCE, /* one more */
};

/* Rounded down; at most 10^8 here. */
static uint64_t
square_root (uint64_t x)
{
  uint64_t root = 0;

  for (uint64_t bit = UINT64_C (1) << 31; bit != 0; bit >>= 1)
    if ((root + bit) * (root + bit) <= x)
      root += bit;
  return root;
}

/* In integers, so that all hosts drop the same. */
static uint64_t
control_law (uint64_t t, uint32_t count)
{
  return t + square_root (BS_CODEL_INTERVAL_NSEC * BS_CODEL_INTERVAL_NSEC / count);
}

static bool
is_ok_to_drop (BsCodel *self, uint64_t now, uint64_t sojourn, uint64_t bytes)
{
  if (sojourn < BS_CODEL_TARGET_NSEC || bytes <= BS_CODEL_PACKET_MAX)
    self->first_above_nsec = 0;
  else if (self->first_above_nsec == 0)
    self->first_above_nsec = now + BS_CODEL_INTERVAL_NSEC;
  else
    return now >= self->first_above_nsec;
  return false;
}

/* A queue that was bad a short while ago is controlled as hard as it was then. */
static void
enter (BsCodel *self, uint64_t now)
{
  uint32_t delta = self->count - self->last_count;

  self->is_dropping = true;
  self->count = delta > 1 && now < self->drop_next_nsec + 16 * BS_CODEL_INTERVAL_NSEC ? delta : 1;
  self->drop_next_nsec = control_law (now, self->count);
  self->last_count = self->count;
}

bool
bs_codel_judge (BsCodel *self, uint64_t now, uint64_t sojourn, uint64_t bytes)
{
  bool is_ok = is_ok_to_drop (self, now, sojourn, bytes);
  uint8_t after = self->after;

  self->after = NOTHING;
  if (after == ENTER)
    {
      enter (self, now);
      return false;
    }
  if (!self->is_dropping)
    {
      self->after = is_ok ? ENTER : NOTHING;
      return is_ok;
    }
  if (!is_ok)
    {
      self->is_dropping = false;
      return false;
    }
  if (after == ADVANCE)
    self->drop_next_nsec = control_law (self->drop_next_nsec, self->count);
  if (now < self->drop_next_nsec)
    return false;
  self->count++;
  self->after = ADVANCE;
  return true;
}

void
bs_codel_empty (BsCodel *self)
{
  self->first_above_nsec = 0;
  self->is_dropping = false;
  self->after = NOTHING;
}
