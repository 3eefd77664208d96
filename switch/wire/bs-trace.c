/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-trace.h"

#include "bs-switch-protocol.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NSEC_PER_MSEC UINT64_C (1000000)

bool
bs_trace_check (const uint32_t *msec, uint64_t n)
{
  for (uint64_t i = 1; i < n; i++)
    if (msec[i] < msec[i - 1])
      return false;
  return n > 0 && msec[n - 1] > 0;
}

static int
read_all (int fd, uint8_t *data, uint64_t bytes)
{
  for (uint64_t done = 0; done < bytes;)
    {
      ssize_t n = pread (fd, data + done, bytes - done, (off_t) done);

      if (n == 0 || (n < 0 && errno != EINTR))
        return EINVAL;
      done += n > 0 ? (uint64_t) n : 0;
    }
  return 0;
}

/* A copy, since whoever has the descriptor could change what was checked, or cut it short. */
int
bs_trace_open (BsTrace *self, int fd, uint64_t bytes, uint64_t now_nsec)
{
  struct stat status;
  void *map;
  int result;

  if (bytes == 0 || bytes % sizeof (uint32_t) != 0 || fstat (fd, &status) != 0 || !S_ISREG (status.st_mode)
      || (uint64_t) status.st_size < bytes)
    return EINVAL;
  map = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED)
    return errno;
  result = read_all (fd, map, bytes);
  if (result == 0 && !bs_trace_check (map, bytes / sizeof (uint32_t)))
    result = EINVAL;
  if (result == 0)
    *self = (BsTrace){ .msec = map, .n = bytes / sizeof (uint32_t), .begin_nsec = now_nsec };
  else
    munmap (map, bytes);
  return result;
}

void
bs_trace_close (BsTrace *self)
{
  if (self->msec != NULL)
    munmap (self->msec, self->n * sizeof (uint32_t));
  *self = (BsTrace){ 0 };
}

static uint64_t
period_nsec (const BsTrace *self)
{
  return self->msec[self->n - 1] * NSEC_PER_MSEC;
}

uint64_t
bs_trace_time (const BsTrace *self, uint64_t ordinal)
{
  return self->begin_nsec + ordinal / self->n * period_nsec (self) + self->msec[ordinal % self->n] * NSEC_PER_MSEC;
}

/* The first opportunity that is not before @now. The end of a repetition is the beginning of the next: it is looked for
 * in the former. */
static uint64_t
first_from (const BsTrace *self, uint64_t now)
{
  uint64_t since = now - self->begin_nsec, cycle = since / period_nsec (self), low = 0, high = self->n;

  if (cycle > 0 && since % period_nsec (self) == 0)
    cycle--;
  since -= cycle * period_nsec (self);
  while (low < high)
    {
      uint64_t middle = (low + high) / 2;

      if (self->msec[middle] * NSEC_PER_MSEC < since)
        low = middle + 1;
      else
        high = middle;
    }
  return cycle * self->n + low;
}

uint64_t
bs_trace_carry (BsTrace *self, uint64_t now, uint32_t bytes)
{
  if (self->last_nsec != now)
    {
      uint64_t first = first_from (self, now);

      self->left = 0;
      if (self->next < first)
        self->next = first;
    }
  while (bytes > self->left)
    {
      bytes -= self->left;
      self->left = BS_SWITCH_TRACE_BYTES;
      self->last_nsec = bs_trace_time (self, self->next++);
    }
  self->left -= bytes;
  return self->last_nsec > now ? self->last_nsec : now;
}
