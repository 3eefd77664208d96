/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tap-ring.c — one writer, and readers that may look at any time
 *
 * Order of stores: `oldest` is moved before what it gave up is overwritten, and `next` after the new sample is whole. A
 * reader copies, then looks at `oldest` again and forgets what lies before it. Positions are kept here, too: what a
 * reader writes into the shared pages may spoil its samples, never us.
 */
#include "bs-tap-ring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

static uint64_t
room (uint32_t length)
{
  return (sizeof (BsSwitchSample) + length + 7) & ~UINT64_C (7);
}

static void
copy_in (BsTap *self, uint64_t at, const void *data, uint64_t length)
{
  uint64_t place = at % self->size, first = self->size - place;

  if (first > length)
    first = length;
  if (first > 0)
    memcpy (self->ring->data + place, data, first);
  if (length > first)
    memcpy (self->ring->data, (const uint8_t *) data + first, length - first);
}

static uint32_t
length_at (const BsTap *self, uint64_t at)
{
  BsSwitchSample sample;
  uint8_t *bytes = (uint8_t *) &sample;

  for (unsigned i = 0; i < sizeof sample; i += 8)
    memcpy (bytes + i, self->ring->data + (at + i) % self->size, 8);
  return sample.length;
}

/* The position behind the oldest sample; when what is there makes no sense, behind all. */
static uint64_t
behind (const BsTap *self, uint64_t at)
{
  uint64_t end = at + room (length_at (self, at));

  return end > self->next ? self->next : end;
}

/* Whether an earlier writer left whole samples, from `oldest` to `next`. */
static bool
is_plausible (const BsTap *self)
{
  uint64_t at = self->oldest;

  if (self->oldest > self->next || self->next - self->oldest > self->size || self->next > UINT64_MAX / 2
      || self->oldest % 8 != 0 || self->next % 8 != 0)
    return false;
  while (at < self->next)
    {
      uint32_t length = length_at (self, at);

      if (length > BS_SWITCH_FRAME_MAX || room (length) > self->next - at)
        return false;
      at += room (length);
    }
  return true;
}

static void
publish (BsTap *self)
{
  __atomic_store_n (&self->ring->oldest, self->oldest, __ATOMIC_RELEASE);
  __atomic_store_n (&self->ring->next, self->next, __ATOMIC_RELEASE);
}

int
bs_tap_ring_open (BsTap *self, int fd)
{
  int seals = fcntl (fd, F_GET_SEALS);
  struct stat status;
  off_t bytes = fstat (fd, &status) == 0 ? status.st_size : -1;
  BsSwitchRing *ring;

  if (seals < 0 || (seals & SEALS) != SEALS || bytes < (off_t) sizeof *ring
      || (uint64_t) bytes - sizeof *ring > BS_TAP_RING_MAX)
    return EINVAL;
  ring = mmap (NULL, (size_t) bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (ring == MAP_FAILED)
    return errno == EPERM || errno == EACCES ? EINVAL : errno;
  self->size = ring->size;
  if (ring->magic != BS_SWITCH_RING_MAGIC || self->size != (uint64_t) bytes - sizeof *ring || self->size % 8 != 0
      || self->size < room (0))
    {
      munmap (ring, (size_t) bytes);
      return EINVAL;
    }
  self->ring = ring;
  self->oldest = ring->oldest;
  self->next = ring->next;
  if (!is_plausible (self))
    self->oldest = self->next = 0;
  publish (self);
  return 0;
}

void
bs_tap_ring_close (BsTap *self)
{
  if (self->ring != NULL)
    munmap (self->ring, sizeof *self->ring + self->size);
  self->ring = NULL;
}

bool
bs_tap_ring_write (BsTap *self, const BsSwitchSample *sample, const void *data)
{
  uint64_t need = room (sample->length);

  if (need > self->size)
    return false;
  while (self->next + need - self->oldest > self->size)
    self->oldest = behind (self, self->oldest);
  __atomic_store_n (&self->ring->oldest, self->oldest, __ATOMIC_RELAXED);
  __atomic_thread_fence (__ATOMIC_RELEASE);
  copy_in (self, self->next, sample, sizeof *sample);
  copy_in (self, self->next + sizeof *sample, data, sample->length);
  self->next += need;
  __atomic_store_n (&self->ring->next, self->next, __ATOMIC_RELEASE);
  return true;
}
