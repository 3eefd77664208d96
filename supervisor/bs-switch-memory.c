/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-switch-memory.h"
#include "bs-error.h"
#include "bs-fd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

struct _BsSwitchShare
{
  int fd;
  const BsSwitchMemory *memory;
};

/* A size that cannot change is what makes it safe to read: no writer can take the pages from under us. */
BsSwitchShare *
bs_switch_share_take (int fd)
{
  bs_autofd int owned = fd;
  BsSwitchShare *self;
  struct stat st;
  void *memory;

  if (fstat (fd, &st) != 0 || st.st_size != sizeof (BsSwitchMemory) || (fcntl (fd, F_GET_SEALS) & SEALS) != SEALS)
    return NULL;
  memory = mmap (NULL, sizeof (BsSwitchMemory), PROT_READ, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    return NULL;
  self = g_new0 (BsSwitchShare, 1);
  self->fd = bs_fd_steal (&owned);
  self->memory = memory;
  return self;
}

BsSwitchShare *
bs_switch_share_new (GError **error)
{
  bs_autofd int fd = memfd_create ("benchscale-switch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  BsSwitchShare *self = NULL;

  if (fd >= 0 && ftruncate (fd, sizeof (BsSwitchMemory)) == 0 && fcntl (fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == 0)
    self = bs_switch_share_take (bs_fd_steal (&fd));
  if (self == NULL)
    bs_set_error_errno (error, errno, "cannot make the memory of the switch");
  return self;
}

void
bs_switch_share_free (BsSwitchShare *self)
{
  if (self == NULL)
    return;
  munmap ((void *) self->memory, sizeof (BsSwitchMemory));
  bs_fd_clear (&self->fd);
  g_free (self);
}

int
bs_switch_share_fd (const BsSwitchShare *self)
{
  return self->fd;
}

const BsSwitchPortCounters *
bs_switch_share_counters (const BsSwitchShare *self, guint port)
{
  if (port >= BS_SWITCH_PORTS_MAX || self->memory->magic != BS_SWITCH_MAGIC
      || self->memory->version != BS_SWITCH_VERSION)
    return NULL;
  return &self->memory->ports[port];
}

gboolean
bs_switch_share_state (const BsSwitchShare *self, guint port, BsSwitchPortState *state)
{
  guint32 descriptor;

  if (bs_switch_share_counters (self, port) == NULL)
    return FALSE;
  descriptor = __atomic_load_n (&self->memory->state[port].descriptor, __ATOMIC_ACQUIRE);
  *state = self->memory->state[port];
  state->descriptor = descriptor;
  return descriptor != 0 && descriptor <= G_MAXINT && state->network < BS_SWITCH_NETWORKS_MAX
         && state->kind == BS_SWITCH_PORT_DGRAM && (state->mac[0] & 1) == 0;
}
