/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-replay.h"
#include "bs-decision-order.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_WRITE)
/* Returns: NULL with errno */
static const BsSwitchDecision *
map (uint64_t bytes, int fd)
{
  int seals = fcntl (fd, F_GET_SEALS);
  struct stat status;
  off_t size = fstat (fd, &status) == 0 ? status.st_size : -1;
  void *log;

  errno = EINVAL;
  if (bytes > BS_REPLAY_BYTES_MAX || bytes % sizeof (BsSwitchDecision) != 0 || seals < 0 || (seals & SEALS) != SEALS
      || size < 0 || (uint64_t) size < bytes)
    return NULL;
  log = mmap (NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  return log != MAP_FAILED ? log : NULL;
}

int
bs_replay_set (BsReplay *self, uint64_t bytes, int fd)
{
  const BsSwitchDecision *decisions = NULL;
  size_t n = bytes / sizeof *decisions;

  if (bytes != 0)
    {
      decisions = map (bytes, fd);
      if (decisions == NULL)
        return errno;
      if (!bs_decisions_are_valid (decisions, n))
        {
          munmap ((void *) decisions, bytes);
          return EINVAL;
        }
    }
  if (self->decisions != NULL)
    {
      munmap ((void *) self->decisions, self->n * sizeof *decisions);
      close (self->fd);
    }
  *self = (BsReplay){ decisions, n, fd };
  return 0;
}

const BsSwitchDecision *
bs_replay_search (const BsReplay *self, const BsSwitchDecision *wanted)
{
  size_t low = 0, high = self->n;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;
      int order = bs_decision_compare (&self->decisions[middle], wanted);

      if (order == 0)
        return &self->decisions[middle];
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}
