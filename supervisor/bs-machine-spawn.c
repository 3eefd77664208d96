/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-machine.h"
#include "bs-record.h"
#include "bs-spawn.h"
#include "bs-wires.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

G_STATIC_ASSERT (BS_SPAWN_FDS_MAX >= 2 * BS_CONTROL_INTERFACES_MAX);
G_STATIC_ASSERT (BS_SPAWN_TARGETS > BS_CONTROL_PEER_FD (BS_CONTROL_INTERFACES_MAX));

/* Every object of a lab bears its mark, or nobody could remove it once our records are lost. */
static gboolean
bears_tag (BsMachine *self, const char *const *argv, GError **error)
{
  g_autofree char *tag = bs_supervisor_tag (self->lab, "node", self->name);

  if (g_strv_contains (argv, tag))
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "no argument of node '%s' is its tag '%s'", self->name, tag);
  return FALSE;
}

/* A pair whose machine's end was given to an earlier process is of no use any more. */
static gboolean
prepare_links (BsMachine *self, guint interfaces, BsSpawnFd *fds, GError **error)
{
  for (guint i = 0; i < interfaces; i++)
    {
      BsLink *link = bs_machine_link (self, i, TRUE);

      if (link->machine_fd < 0)
        {
          bs_wires_disconnect (self->lab->wires, link);
          if (!bs_link_make_pair (link, error))
            return FALSE;
          bs_wires_connect (self->lab->wires, link);
        }
      fds[2 * i] = (BsSpawnFd){ link->machine_fd, BS_CONTROL_PORT_FD ((int) i) };
      fds[2 * i + 1] = (BsSpawnFd){ link->switch_fd, BS_CONTROL_PEER_FD ((int) i) };
    }
  return TRUE;
}

/* What an earlier process left would refuse connections, and look like the new one's. */
static void
remove_stale_socket (int dir, const char *path)
{
  struct stat st;

  if (path != NULL && fstatat (dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK (st.st_mode))
    unlinkat (dir, path, 0);
}

static void
remember (BsMachine *self, const BsMachineSpec *spec)
{
  g_free (self->guest);
  g_free (self->log);
  g_free (self->console_log);
  self->guest = g_strdup (spec->guest);
  self->log = g_strdup (spec->log);
  self->console_log = g_strdup (spec->console_log);
  self->interfaces = spec->interfaces;
  self->pid = 0;
  self->start_time = 0;
  self->spawned = TRUE;
}

gboolean
bs_machine_spawn (BsMachine *self, const BsMachineSpec *spec, GError **error)
{
  BsSpawnFd fds[2 * BS_CONTROL_INTERFACES_MAX];
  BsSpawn what = { spec->argv, self->lab->dir, -1, fds, 2 * spec->interfaces };
  bs_autofd int log = -1;
  pid_t pid;
  int pidfd;

  if (!bears_tag (self, spec->argv, error) || !prepare_links (self, spec->interfaces, fds, error))
    return FALSE;
  log = openat (self->lab->dir, spec->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (log < 0)
    {
      bs_set_error_errno (error, errno, "cannot open the log '%s'", spec->log);
      return FALSE;
    }
  what.output = log;
  remove_stale_socket (self->lab->dir, spec->guest);
  remember (self, spec);
  /* before it exists: a successor must know of it, whenever this process is killed */
  if (!bs_record_save_checked (self->lab, error))
    return FALSE;
  pid = bs_spawn (&what, &pidfd, error);
  if (pid < 0)
    {
      self->spawned = self->exit != NULL;
      bs_record_save (self->lab);
      return FALSE;
    }
  for (guint i = 0; i < spec->interfaces; i++)
    bs_fd_clear (&bs_machine_link (self, i, TRUE)->machine_fd);
  bs_machine_started (self, pid, pidfd);
  bs_record_save (self->lab);
  return TRUE;
}
