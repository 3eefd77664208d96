/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A search looks at every process of the host, of which few or none are ours: their arguments are read first, into one
 * buffer for all, and only those that match cost more. A pid may be given to another process at any moment, so the
 * start time of a match is taken before its arguments are read a second time: what is returned as a pair was a pair.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-process.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define PIECE ((gsize) 16 * 1024)
/* Descriptors that killing holds at once. */
#define BATCH 64

/* The kernel's view of a small or large file in /proc, read whole into @data, with one NUL more. */
static gboolean
read_proc (pid_t pid, const char *name, GByteArray *data)
{
  char path[64];
  bs_autofd int fd = -1;
  ssize_t n = 1;

  g_snprintf (path, sizeof path, "/proc/%d/%s", (int) pid, name);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  g_byte_array_set_size (data, 0);
  while (fd >= 0 && n > 0)
    {
      gsize old = data->len;

      g_byte_array_set_size (data, (guint) (old + PIECE));
      n = read (fd, data->data + old, PIECE);
      g_byte_array_set_size (data, (guint) (old + (gsize) MAX (n, 0)));
    }
  g_byte_array_append (data, (const guint8 *) "", 1);
  return fd >= 0 && n == 0 && data->len > 1;
}

static gboolean
is_match (const char *argument, const char *prefix, gsize length)
{
  return strncmp (argument, prefix, length) == 0 && (prefix[length - 1] == ':' || argument[length] == '\0');
}

/* Whether the arguments, each ended by a NUL, have one that is searched. */
static gboolean
has_argument (const GByteArray *arguments, const char *prefix)
{
  const char *at = (const char *) arguments->data, *end = at + arguments->len;
  gsize length = strlen (prefix);

  for (; at < end; at += strlen (at) + 1)
    if (is_match (at, prefix, length))
      return TRUE;
  return FALSE;
}

static char **
split (const GByteArray *arguments)
{
  /* The last NUL is ours, and follows the one that ends the last argument. */
  const char *at = (const char *) arguments->data, *end = at + arguments->len - 1;
  GPtrArray *argv = g_ptr_array_new ();

  for (; at < end; at += strlen (at) + 1)
    g_ptr_array_add (argv, g_strdup (at));
  g_ptr_array_add (argv, NULL);
  return (char **) g_ptr_array_free (argv, FALSE);
}

/* By the effective uid in its status: the folder in /proc of a process that may not be dumped belongs to root. */
static gboolean
is_ours (pid_t pid, GByteArray *buffer)
{
  const char *line;
  unsigned real, effective;

  return read_proc (pid, "status", buffer) && (line = strstr ((const char *) buffer->data, "\nUid:")) != NULL
         && sscanf (line, "\nUid: %u %u", &real, &effective) == 2 && effective == geteuid ();
}

static BsProcess *
examine (pid_t pid, const char *prefix, GByteArray *buffer)
{
  guint64 start_time;
  BsProcess *process;
  char state;

  if (!read_proc (pid, "cmdline", buffer) || !has_argument (buffer, prefix))
    return NULL;
  start_time = bs_process_stat (pid, &state);
  if (start_time == 0 || state == 'Z' || state == 'X' || !is_ours (pid, buffer))
    return NULL;
  if (!read_proc (pid, "cmdline", buffer) || !has_argument (buffer, prefix))
    return NULL;
  process = g_new0 (BsProcess, 1);
  process->pid = pid;
  process->start_time = start_time;
  process->argv = split (buffer);
  return process;
}

GPtrArray *
bs_process_find (const char *prefix)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_process_free);
  g_autoptr (GByteArray) buffer = g_byte_array_new ();
  struct dirent *entry;
  DIR *dir;

  g_return_val_if_fail (prefix[0] != '\0', found);
  dir = opendir ("/proc");
  while (dir != NULL && (entry = readdir (dir)) != NULL)
    {
      pid_t pid = g_ascii_isdigit (entry->d_name[0]) ? (pid_t) atoi (entry->d_name) : 0;
      BsProcess *process = pid > 0 && pid != getpid () ? examine (pid, prefix, buffer) : NULL;

      if (process != NULL)
        g_ptr_array_add (found, process);
    }
  if (dir != NULL)
    closedir (dir);
  return found;
}

/* Sends SIGKILL. Returns: what to wait for, -1 when it is gone already, or -1 with an error. */
static int
kill_one (const BsProcess *process, GError **error)
{
  bs_autofd int pidfd = bs_process_open (process->pid, process->start_time);

  if (pidfd < 0 && errno == ESRCH)
    return -1;
  if (pidfd < 0 || (syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) != 0 && errno != ESRCH))
    {
      bs_set_error_errno (error, errno, "cannot kill process %d ('%s')", (int) process->pid, process->argv[0]);
      return -1;
    }
  return bs_fd_steal (&pidfd);
}

static gboolean
kill_batch (BsProcess **processes, guint n, gint64 deadline_usec, GError **error)
{
  int pidfds[BATCH];
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < n; i++)
    pidfds[i] = kill_one (processes[i], first == NULL ? &first : NULL);
  for (guint i = 0; i < n; i++)
    {
      if (first == NULL && !bs_process_wait_fd (pidfds[i], deadline_usec))
        bs_set_error (&first, BS_ERROR_TIMEOUT, NULL, "process %d ('%s') does not end", (int) processes[i]->pid,
                      processes[i]->argv[0]);
      bs_fd_clear (&pidfds[i]);
    }
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

gboolean
bs_process_kill_all (GPtrArray *processes, gint64 deadline_usec, GError **error)
{
  gboolean ok = TRUE;

  /* All are killed even when the first does not end. */
  for (guint i = 0; i < processes->len; i += BATCH)
    ok = kill_batch ((BsProcess **) processes->pdata + i, MIN (BATCH, processes->len - i), deadline_usec,
                     ok ? error : NULL)
         && ok;
  return ok;
}
