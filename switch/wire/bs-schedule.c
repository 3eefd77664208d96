/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-schedule.h"

#include <stddef.h>
#include <sys/mman.h>

#define CHILDREN 4
/* So that four siblings, which begin at 4i + 1, begin at a line of the cache. */
#define SHIFT 3

bool
bs_schedule_init (BsSchedule *self, uint32_t capacity)
{
  void *map = mmap (NULL, (capacity + (size_t) SHIFT) * sizeof (BsEvent), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (map == MAP_FAILED)
    return false;
  *self = (BsSchedule){ .events = (BsEvent *) map + SHIFT, .capacity = capacity };
  return true;
}

void
bs_schedule_clear (BsSchedule *self)
{
  if (self->events != NULL)
    munmap (self->events - SHIFT, (self->capacity + (size_t) SHIFT) * sizeof (BsEvent));
  *self = (BsSchedule){ 0 };
}

static bool
is_before (const BsEvent *a, const BsEvent *b)
{
  if (a->due_nsec != b->due_nsec)
    return a->due_nsec < b->due_nsec;
  return (int32_t) (a->order - b->order) < 0;
}

static void
sift_up (BsSchedule *self, uint32_t place, BsEvent event)
{
  while (place > 0)
    {
      uint32_t parent = (place - 1) / CHILDREN;

      if (!is_before (&event, &self->events[parent]))
        break;
      self->events[place] = self->events[parent];
      place = parent;
    }
  self->events[place] = event;
}

static void
sift_down (BsSchedule *self, uint32_t place, BsEvent event)
{
  for (;;)
    {
      uint32_t first = place * CHILDREN + 1, end = first + CHILDREN, least = first;

      if (first >= self->n)
        break;
      if (end > self->n)
        end = self->n;
      for (uint32_t child = first + 1; child < end; child++)
        if (is_before (&self->events[child], &self->events[least]))
          least = child;
      if (!is_before (&self->events[least], &event))
        break;
      self->events[place] = self->events[least];
      place = least;
    }
  self->events[place] = event;
}

void
bs_schedule_put (BsSchedule *self, uint64_t due_nsec, uint32_t what)
{
  sift_up (self, self->n++, (BsEvent){ due_nsec, self->next_order++, what });
}

BsEvent
bs_schedule_take (BsSchedule *self)
{
  BsEvent first = self->events[0];

  if (--self->n > 0)
    sift_down (self, 0, self->events[self->n]);
  return first;
}

void
bs_schedule_take_out (BsSchedule *self, bool (*is_wanted) (uint32_t what, void *data), void *data)
{
  uint32_t kept = 0;

  for (uint32_t i = 0; i < self->n; i++)
    if (!is_wanted (self->events[i].what, data))
      self->events[kept++] = self->events[i];
  self->n = kept;
  for (uint32_t i = kept / CHILDREN + 1; i-- > 0;)
    if (i < kept)
      sift_down (self, i, self->events[i]);
}
