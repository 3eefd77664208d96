/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-process.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-socket.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Fields after the last ')' of /proc/PID/stat: state is field 3, start time field 22 (proc(5)). */
static guint64
read_stat (pid_t pid, char *state)
{
  char path[64], data[1024];
  bs_autofd int fd = -1;
  ssize_t n;
  char *at;

  g_snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || (n = read (fd, data, sizeof data - 1)) <= 0)
    return 0;
  data[n] = '\0';
  at = strrchr (data, ')');
  if (at == NULL || at[1] == '\0')
    return 0;
  *state = at[2];
  for (int field = 2; field < 22 && at != NULL; field++)
    at = strchr (at + 1, ' ');
  return at != NULL ? g_ascii_strtoull (at, NULL, 10) : 0;
}

guint64
bs_process_start_time (pid_t pid)
{
  char state;

  return read_stat (pid, &state);
}

const char *
bs_process_boot_id (void)
{
  static char *id;

  if (g_once_init_enter (&id))
    {
      char *text = NULL;

      if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        text = g_strdup ("unknown");
      g_once_init_leave (&id, g_strchomp (text));
    }
  return id;
}

int
bs_process_open (pid_t pid, guint64 start_time)
{
  bs_autofd int fd = (int) syscall (SYS_pidfd_open, pid, 0);

  if (fd < 0 || (start_time != 0 && bs_process_start_time (pid) != start_time))
    return -1;
  return bs_fd_steal (&fd);
}

gboolean
bs_process_wait_fd (int pidfd, gint64 deadline_usec)
{
  return bs_socket_wait (pidfd, POLLIN, deadline_usec) > 0;
}

void
bs_process_free (BsProcess *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->argv);
  g_free (self);
}

static char **
read_argv (pid_t pid)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  char path[64];
  g_autofree char *data = NULL;
  gsize length = 0;

  g_snprintf (path, sizeof path, "/proc/%d/cmdline", (int) pid);
  if (!g_file_get_contents (path, &data, &length, NULL))
    return NULL;
  for (const char *at = data; at < data + length; at += strlen (at) + 1)
    g_ptr_array_add (argv, g_strdup (at));
  g_ptr_array_add (argv, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&argv), FALSE);
}

static gboolean
has_argument (char **argv, const char *prefix)
{
  gsize length = strlen (prefix);

  for (guint i = 0; argv != NULL && argv[i] != NULL; i++)
    if (strncmp (argv[i], prefix, length) == 0 && (prefix[length - 1] == ':' || argv[i][length] == '\0'))
      return TRUE;
  return FALSE;
}

/* The owner of the process, by its folder in /proc. */
static gboolean
is_ours (pid_t pid)
{
  char path[64];
  struct stat st;

  g_snprintf (path, sizeof path, "/proc/%d", (int) pid);
  return stat (path, &st) == 0 && st.st_uid == geteuid ();
}

GPtrArray *
bs_process_find (const char *prefix)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_process_free);
  DIR *dir = opendir ("/proc");
  struct dirent *entry;

  g_return_val_if_fail (prefix[0] != '\0', found);
  while (dir != NULL && (entry = readdir (dir)) != NULL)
    {
      pid_t pid = (pid_t) atoi (entry->d_name);
      g_auto (GStrv) argv = NULL;
      guint64 start_time;
      BsProcess *process;
      char state;

      if (pid <= 0 || pid == getpid () || !is_ours (pid))
        continue;
      start_time = read_stat (pid, &state);
      argv = read_argv (pid);
      if (start_time == 0 || state == 'Z' || state == 'X' || !has_argument (argv, prefix))
        continue;
      process = g_new0 (BsProcess, 1);
      process->pid = pid;
      process->start_time = start_time;
      process->argv = g_steal_pointer (&argv);
      g_ptr_array_add (found, process);
    }
  if (dir != NULL)
    closedir (dir);
  return found;
}

gboolean
bs_process_kill_all (GPtrArray *processes, gint64 deadline_usec, GError **error)
{
  g_autofree int *pidfds = g_new (int, processes->len + 1);
  gboolean ok = TRUE;

  for (guint i = 0; i < processes->len; i++)
    {
      BsProcess *process = g_ptr_array_index (processes, i);

      pidfds[i] = bs_process_open (process->pid, process->start_time);
      if (pidfds[i] >= 0)
        syscall (SYS_pidfd_send_signal, pidfds[i], SIGKILL, NULL, 0);
    }
  for (guint i = 0; i < processes->len; i++)
    {
      BsProcess *process = g_ptr_array_index (processes, i);

      if (pidfds[i] >= 0 && ok && !bs_process_wait_fd (pidfds[i], deadline_usec))
        {
          bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "process %d ('%s') does not end", (int) process->pid,
                        process->argv[0]);
          ok = FALSE;
        }
      bs_fd_clear (&pidfds[i]);
    }
  return ok;
}

gboolean
bs_process_run (const char *const *argv, char **stdout_text, GError **error)
{
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (GError) local = NULL;
  int status = 0;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &local))
    {
      bs_set_error (error, BS_ERROR_HOST, NULL, "cannot run '%s': %s", argv[0], local->message);
      return FALSE;
    }
  if (!g_spawn_check_wait_status (status, &local))
    {
      bs_set_error (error, BS_ERROR_FAILED, NULL, "'%s' failed: %s%s%s", argv[0], local->message, err[0] ? ": " : "",
                    g_strchomp (err));
      return FALSE;
    }
  if (stdout_text != NULL)
    *stdout_text = g_steal_pointer (&out);
  return TRUE;
}
