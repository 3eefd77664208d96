/* SPDX-License-Identifier: Apache-2.0 */
/* benchscale-lab TAG — the supervisor of the lab in whose folder it is started; see bs_supervisor_start() */
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-spawn.h"
#include "bs-supervisor-start.h"
#include "bs-supervisor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

/* The pipe of bs_supervisor_start(), or -1. Not inherited by anybody. */
static int
take_ready_fd (void)
{
  const char *text = g_getenv (BS_SUPERVISOR_READY_ENV);
  int fd = text != NULL ? atoi (text) : -1;

  g_unsetenv (BS_SUPERVISOR_READY_ENV);
  if (fd > 2)
    fcntl (fd, F_SETFD, FD_CLOEXEC);
  return fd > 2 ? fd : -1;
}

/* Tells the starter, or whoever reads stderr, and ends. */
static int
fail (int ready, const GError *error)
{
  g_autofree char *text = NULL;
  json_t *what = json_pack ("{s:s, s:s, s:s?}", "code", bs_error_code_name (error->code), "message", error->message,
                            "hint", bs_error_hint (error));

  text = bs_json_dump (what);
  json_decref (what);
  if (ready < 0 || !bs_fd_write_all (ready, text, strlen (text)))
    fprintf (stderr, "benchscale-lab: %s\n", error->message);
  return bs_error_exit_code (error);
}

/* Held as long as the process lives, so that there is one supervisor for a folder. */
static int
lock_folder (int dir, GError **error)
{
  bs_autofd int fd = openat (dir, BS_SUPERVISOR_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    bs_set_error_errno (error, errno, "cannot open '%s'", BS_SUPERVISOR_LOCK);
  else if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return bs_fd_steal (&fd);
  else
    bs_set_error (error, BS_ERROR_BUSY, NULL, "another supervisor runs in this folder");
  return -1;
}

static void
asked_to_end (guint32 events, gpointer user_data)
{
  bs_loop_quit (user_data);
}

/* SIGTERM and SIGINT end the supervisor alone, as any death of it does: another can take over. */
static int
watch_signals (BsLoop *loop, BsLoopSource **source)
{
  sigset_t set;
  int fd;

  signal (SIGPIPE, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  sigprocmask (SIG_BLOCK, &set, NULL);
  fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  *source = bs_loop_add (loop, fd, EPOLLIN, asked_to_end, loop);
  return fd;
}

static gboolean
begin (BsSupervisor **supervisor, int dir, const char *tag, GError **error)
{
  *supervisor = dir >= 0 ? bs_supervisor_new (dir, tag, error) : NULL;
  return *supervisor != NULL && bs_supervisor_begin (*supervisor, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (BsSupervisor) self = NULL;
  g_autoptr (GError) error = NULL;
  bs_autofd int ready = take_ready_fd ();
  bs_autofd int dir = -1, lock = -1, signals = -1;
  BsLoopSource *source = NULL;

  bs_fd_ensure_standard ();
  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      puts ("benchscale-lab " BS_SUPERVISOR_PROGRAM_VERSION);
      return 0;
    }
  if (argc != 2)
    {
      fputs ("usage: benchscale-lab TAG\n", stderr);
      return 2;
    }
  umask (077);
  bs_spawn_raise_limits ();
  dir = bs_file_open_dir (AT_FDCWD, ".", &error);
  if (dir < 0 || (lock = lock_folder (dir, &error)) < 0 || !begin (&self, dir, argv[1], &error))
    return fail (ready, error);
  signals = watch_signals (self->loop, &source);
  if (ready >= 0)
    bs_fd_write_all (ready, BS_SUPERVISOR_READY, strlen (BS_SUPERVISOR_READY));
  bs_fd_clear (&ready);
  bs_loop_run (self->loop);
  bs_loop_remove (&source);
  return 0;
}
