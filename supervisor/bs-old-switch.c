/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-old-switch.h"
#include "bs-fd.h"
#include "bs-time.h"
#include "bs-wires.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KILL_WAIT_USEC (1 * BS_USEC_PER_SEC)

struct _BsOldSwitch
{
  BsSupervisor *lab;
  pid_t pid;
  int pidfd;
  char *program;
  GHashTable *ports; /* inode of its end of a link → port + 1; NULL until asked for */
};

int
bs_old_switch_fetch (int pidfd, int fd)
{
  return (int) syscall (SYS_pidfd_getfd, pidfd, fd, 0);
}

gboolean
bs_old_switch_is_program (const char *path)
{
  return path != NULL && g_path_is_absolute (path) && g_file_test (path, G_FILE_TEST_IS_REGULAR)
         && access (path, X_OK) == 0;
}

/* As it was started, which leads to its successor after an upgrade; else the file itself. */
static char *
find_program (const BsProcess *process)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/exe", (int) process->pid);
  g_autofree char *path = NULL;

  if (bs_old_switch_is_program (process->argv[0]))
    return g_strdup (process->argv[0]);
  path = g_file_read_link (link, NULL);
  return bs_old_switch_is_program (path) ? g_steal_pointer (&path) : NULL;
}

BsOldSwitch *
bs_old_switch_new (BsSupervisor *lab, const BsProcess *process)
{
  int pidfd = bs_process_open (process->pid, process->start_time);
  BsOldSwitch *self;
  int memory;

  if (pidfd < 0)
    return NULL;
  self = g_new0 (BsOldSwitch, 1);
  self->lab = lab;
  self->pid = process->pid;
  self->pidfd = pidfd;
  self->program = find_program (process);
  memory = bs_old_switch_fetch (pidfd, BS_SWITCH_MEMORY_FD);
  if (memory < 0 || !bs_wires_take_memory (lab->wires, memory))
    g_warning ("the counters of switch %d are lost", (int) self->pid);
  return self;
}

void
bs_old_switch_free (BsOldSwitch *self)
{
  bs_fd_clear (&self->pidfd);
  g_clear_pointer (&self->ports, g_hash_table_unref);
  g_free (self->program);
  g_free (self);
}

const char *
bs_old_switch_program (const BsOldSwitch *self)
{
  return self->program;
}

/* A socket's inode is the same in each process that holds it. */
static gpointer
inode_of (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 ? GSIZE_TO_POINTER ((gsize) st.st_ino) : NULL;
}

static void
list_ports (BsOldSwitch *self)
{
  if (self->ports != NULL)
    return;
  self->ports = g_hash_table_new (NULL, NULL);
  for (guint port = 0; port < BS_SWITCH_PORTS_MAX; port++)
    {
      BsSwitchPortState state;
      bs_autofd int fd = -1;

      if (!bs_wires_port_state (self->lab->wires, port, &state))
        continue;
      fd = bs_old_switch_fetch (self->pidfd, (int) state.descriptor);
      if (fd >= 0)
        g_hash_table_insert (self->ports, inode_of (fd), GUINT_TO_POINTER (port + 1));
    }
}

int
bs_old_switch_find_port (BsOldSwitch *self, int fd, BsSwitchPortState *state)
{
  int port;

  list_ports (self);
  port = (int) GPOINTER_TO_UINT (g_hash_table_lookup (self->ports, inode_of (fd))) - 1;
  return port >= 0 && bs_wires_port_state (self->lab->wires, (guint) port, state) ? port : -1;
}

gboolean
bs_old_switch_knows_ports (BsOldSwitch *self)
{
  list_ports (self);
  return g_hash_table_size (self->ports) > 0;
}

/* A memfd can be sealed, and nothing else that a switch holds. */
static gboolean
is_memory (int fd, guint64 inode)
{
  struct stat st;

  return fd >= 0 && fcntl (fd, F_GET_SEALS) >= 0 && fstat (fd, &st) == 0 && (guint64) st.st_ino == inode;
}

int
bs_old_switch_find_memory (BsOldSwitch *self, guint64 inode)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", (int) self->pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      bs_autofd int fd = bs_old_switch_fetch (self->pidfd, (int) g_ascii_strtoll (name, NULL, 10));

      if (is_memory (fd, inode))
        return bs_fd_steal (&fd);
    }
  return -1;
}

void
bs_old_switch_end (BsOldSwitch *self)
{
  syscall (SYS_pidfd_send_signal, self->pidfd, SIGKILL, NULL, 0);
  bs_process_wait_fd (self->pidfd, bs_time_now_usec () + KILL_WAIT_USEC);
}
