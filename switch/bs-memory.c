/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A shared memory that shrinks would kill us by SIGBUS, so the seal; a memfd made without MFD_ALLOW_SEALING refuses it.
 */
static bool
make_room (int fd, bool *kept)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return false;
  if (!S_ISREG (status.st_mode))
    {
      errno = EINVAL;
      return false;
    }
  *kept = (size_t) status.st_size >= sizeof (BsSwitchMemory);
  if (!*kept && ftruncate (fd, sizeof (BsSwitchMemory)) != 0)
    return false;
  fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK);
  return true;
}

static bool
is_plausible (const BsSwitchMemory *memory)
{
  return memory->magic == BS_SWITCH_MAGIC && memory->version == BS_SWITCH_VERSION && memory->size == sizeof *memory;
}

/* A hole reads as zero and costs no page; a writer elsewhere in the same memory is not disturbed. */
static void
start_from_zero (int fd, BsSwitchMemory *memory)
{
  if (fallocate (fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, sizeof *memory) != 0)
    memset (memory, 0, sizeof *memory);
  memory->version = BS_SWITCH_VERSION;
  memory->size = sizeof *memory;
  __atomic_store_n (&memory->magic, BS_SWITCH_MAGIC, __ATOMIC_RELEASE);
}

/* The former switch's ports are not ours, and what waited in it is gone. */
static void
forget_ports (BsSwitchMemory *memory)
{
  for (unsigned i = 0; i < BS_SWITCH_PORTS_MAX; i++)
    if (memory->state[i].descriptor != 0)
      {
        __atomic_store_n (&memory->state[i].descriptor, 0, __ATOMIC_RELAXED);
        __atomic_store_n (&memory->ports[i].queued_packets, 0, __ATOMIC_RELAXED);
        __atomic_store_n (&memory->ports[i].queued_bytes, 0, __ATOMIC_RELAXED);
      }
  __atomic_store_n (&memory->queue_bytes, 0, __ATOMIC_RELAXED);
}

BsSwitchMemory *
bs_memory_map (int fd)
{
  BsSwitchMemory *memory;
  bool kept;

  if (!make_room (fd, &kept))
    return NULL;
  memory = mmap (NULL, sizeof *memory, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    return NULL;
  if (!kept || !is_plausible (memory))
    start_from_zero (fd, memory);
  else
    forget_ports (memory);
  __atomic_store_n (&memory->generation, memory->generation + 1, __ATOMIC_RELAXED);
  return memory;
}
