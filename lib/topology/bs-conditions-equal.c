/* SPDX-License-Identifier: Apache-2.0 */
/* bs-conditions-equal.c — whether two levels say the same */
#include "bs-conditions.h"

#include <string.h>

static gboolean
same_change (const BsConditionsChange *a, const BsConditionsChange *b)
{
  return a->at_usec == b->at_usec && a->for_usec == b->for_usec && a->down == b->down
         && bs_conditions_equal (a->conditions, b->conditions);
}

/* An empty schedule is as good as none. */
static gboolean
same_schedule (const GPtrArray *a, const GPtrArray *b)
{
  guint length = a != NULL ? a->len : 0;

  if (length != (b != NULL ? b->len : 0))
    return FALSE;
  for (guint i = 0; i < length; i++)
    if (!same_change (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return FALSE;
  return TRUE;
}

static gboolean
same_numbers (const BsConditions *a, const BsConditions *b)
{
  const double left[]
      = { a->latency_ms, a->jitter_ms,         a->loss_percent,    a->burst_p,         a->burst_r,       a->burst_h,
          a->burst_k,    a->duplicate_percent, a->reorder_percent, a->corrupt_percent, a->bandwidth_kbps };
  const double right[]
      = { b->latency_ms, b->jitter_ms,         b->loss_percent,    b->burst_p,         b->burst_r,       b->burst_h,
          b->burst_k,    b->duplicate_percent, b->reorder_percent, b->corrupt_percent, b->bandwidth_kbps };

  return memcmp (left, right, sizeof (left)) == 0;
}

gboolean
bs_conditions_equal (const BsConditions *a, const BsConditions *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->set == b->set && g_strcmp0 (a->preset, b->preset) == 0 && same_numbers (a, b)
         && g_strcmp0 (a->distribution, b->distribution) == 0 && a->queue_limit_bytes == b->queue_limit_bytes
         && a->queue_limit_usec == b->queue_limit_usec && g_strcmp0 (a->queue_discipline, b->queue_discipline) == 0
         && g_strcmp0 (a->trace, b->trace) == 0 && same_schedule (a->schedule, b->schedule);
}
