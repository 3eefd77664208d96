/* SPDX-License-Identifier: Apache-2.0 */
/* bs-schedule.h — what is to happen when: all due times of the switch, in order
 *
 * A heap of four children a node, whose siblings are one line of the cache. What is due at the same time happens in the
 * order in which it was put in. The numbers mean what the owner likes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BS_NEVER UINT64_MAX

typedef struct
{
  uint64_t due_nsec;
  uint32_t order;
  uint32_t what;
} BsEvent;

typedef struct
{
  BsEvent *events; /* mapped; untouched as far as it was never needed */
  uint32_t n, capacity;
  uint32_t next_order;
} BsSchedule;

/* Returns: false with errno */
bool bs_schedule_init (BsSchedule *self, uint32_t capacity);
void bs_schedule_clear (BsSchedule *self);
/* The caller sees to it that there are never more than the capacity. */
void bs_schedule_put (BsSchedule *self, uint64_t due_nsec, uint32_t what);
/* There must be one. */
BsEvent bs_schedule_take (BsSchedule *self);
/* Takes out all that @is_wanted says, at the cost of looking at each. */
void bs_schedule_take_out (BsSchedule *self, bool (*is_wanted) (uint32_t what, void *data), void *data);

static inline uint64_t
bs_schedule_due (const BsSchedule *self)
{
  return self->n != 0 ? self->events[0].due_nsec : BS_NEVER;
}
