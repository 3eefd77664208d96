/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-ring.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-sample.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

int
bs_ring_create (guint64 bytes, GError **error)
{
  BsSwitchRing head = { .magic = BS_SWITCH_RING_MAGIC, .size = (bytes + 4095) & ~G_GUINT64_CONSTANT (4095) };
  bs_autofd int fd = memfd_create ("benchscale-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && ftruncate (fd, (off_t) (sizeof head + head.size)) == 0
      && pwrite (fd, &head, sizeof head, 0) == sizeof head && fcntl (fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == 0)
    return bs_fd_steal (&fd);
  bs_set_error_errno (error, errno, "cannot make a ring of %" G_GUINT64_FORMAT " bytes", head.size);
  return -1;
}

gboolean
bs_ring_view_init (BsRingView *self, const void *memory, gsize length, GError **error)
{
  const BsSwitchRing *ring = memory;

  if (length >= sizeof *ring && ring->magic == BS_SWITCH_RING_MAGIC)
    {
      *self = (BsRingView){ .ring = ring, .size = ring->size };
      if (self->size == length - sizeof *ring && self->size % 8 == 0 && self->size >= sizeof (BsSwitchSample))
        {
          self->at = __atomic_load_n (&ring->oldest, __ATOMIC_ACQUIRE);
          return TRUE;
        }
    }
  bs_set_error (error, BS_ERROR_INVALID, NULL, "this memory is no ring of samples");
  return FALSE;
}

static void
copy_out (const BsRingView *self, guint64 at, void *to, gsize length)
{
  guint64 place = at % self->size, first = MIN (self->size - place, length);

  memcpy (to, self->ring->data + place, first);
  memcpy ((guint8 *) to + first, self->ring->data, length - first);
}

/* Whether the writer has given up what lies at `at`. */
static gboolean
is_overrun (BsRingView *self)
{
  guint64 oldest;

  __atomic_thread_fence (__ATOMIC_ACQUIRE);
  oldest = __atomic_load_n (&self->ring->oldest, __ATOMIC_RELAXED);
  if (oldest <= self->at)
    return FALSE;
  self->at = oldest;
  self->overruns++;
  return TRUE;
}

/* Returns: as bs_ring_view_next(), or 2: overtaken, try again */
static int
try_next (BsRingView *self, BsSwitchSample *sample, guint8 *payload)
{
  guint64 next = __atomic_load_n (&self->ring->next, __ATOMIC_ACQUIRE), room;

  if (is_overrun (self))
    return 2;
  if (self->at == next)
    return 0;
  if (self->at > next || next - self->at > self->size || self->at % 8 != 0 || next - self->at < sizeof *sample)
    return -1;
  copy_out (self, self->at, sample, sizeof *sample);
  if (is_overrun (self))
    return 2;
  room = (sizeof *sample + (guint64) sample->length + 7) & ~G_GUINT64_CONSTANT (7);
  if (!bs_sample_is_valid (sample) || room > next - self->at)
    return -1;
  copy_out (self, self->at + sizeof *sample, payload, sample->length);
  if (is_overrun (self))
    return 2;
  self->at += room;
  return 1;
}

int
bs_ring_view_next (BsRingView *self, BsSwitchSample *sample, guint8 *payload, GError **error)
{
  int result;

  for (guint tries = 0; (result = try_next (self, sample, payload)) == 2 && tries < 1000; tries++)
    ;
  if (result == 2)
    return 0; /* it writes faster than we copy: later */
  if (result < 0)
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the ring is damaged: there is no sample at %" G_GUINT64_FORMAT,
                  self->at);
  return result;
}

BsRing *
bs_ring_open (int fd, GError **error)
{
  g_autoptr (BsRing) self = g_new0 (BsRing, 1);
  struct stat st;

  if (fstat (fd, &st) != 0 || st.st_size < (off_t) sizeof (BsSwitchRing) || (fcntl (fd, F_GET_SEALS) & SEALS) != SEALS)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "this descriptor is no ring of samples");
      return NULL;
    }
  self->length = (gsize) st.st_size;
  self->memory = mmap (NULL, self->length, PROT_READ, MAP_SHARED, fd, 0);
  if (self->memory == MAP_FAILED)
    {
      self->memory = NULL;
      bs_set_error_errno (error, errno, "cannot map the ring");
      return NULL;
    }
  if (!bs_ring_view_init (&self->view, self->memory, self->length, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
bs_ring_free (BsRing *self)
{
  if (self == NULL)
    return;
  if (self->memory != NULL)
    munmap (self->memory, self->length);
  g_free (self);
}
