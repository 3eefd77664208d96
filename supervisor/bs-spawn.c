/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-spawn.h"
#include "bs-error.h"
#include "bs-fd.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LIMIT_WANTED 65536

static struct rlimit first_limit;

void
bs_spawn_raise_limits (void)
{
  struct rlimit wanted;

  if (getrlimit (RLIMIT_NOFILE, &first_limit) != 0)
    return;
  wanted = first_limit;
  wanted.rlim_cur = MIN (first_limit.rlim_max, (rlim_t) LIMIT_WANTED);
  if (wanted.rlim_cur > first_limit.rlim_cur)
    setrlimit (RLIMIT_NOFILE, &wanted);
}

/* From here to exec: system calls only, since memory is shared with the parent (vfork). */

static void
reset_signals (void)
{
  struct sigaction action;
  sigset_t none;

  memset (&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; number++)
    sigaction (number, &action, NULL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

static gboolean
place_fds (const BsSpawn *spawn, int null)
{
  int high[BS_SPAWN_FDS_MAX], next = 3;
  int input = fcntl (null, F_DUPFD, BS_SPAWN_TARGETS), output = fcntl (spawn->output, F_DUPFD, BS_SPAWN_TARGETS);

  for (guint i = 0; i < spawn->n_fds; i++)
    if ((high[i] = fcntl (spawn->fds[i].source, F_DUPFD, BS_SPAWN_TARGETS)) < 0)
      return FALSE;
  if (dup2 (input, 0) < 0 || dup2 (output, 1) < 0 || dup2 (output, 2) < 0)
    return FALSE;
  for (guint i = 0; i < spawn->n_fds; i++)
    {
      int target = spawn->fds[i].target;

      if (dup2 (high[i], target) < 0)
        return FALSE;
      if (target > next)
        syscall (SYS_close_range, next, target - 1, 0);
      next = target + 1;
    }
  return syscall (SYS_close_range, next, ~0U, 0) == 0;
}

G_GNUC_NORETURN static void
become (const char *program, const BsSpawn *spawn, int null, volatile int *problem)
{
  reset_signals ();
  setsid ();
  prctl (PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
  if (fchdir (spawn->dir) == 0 && place_fds (spawn, null))
    {
      if (first_limit.rlim_cur != 0)
        setrlimit (RLIMIT_NOFILE, &first_limit);
      execv (program, (char *const *) spawn->argv);
    }
  *problem = errno;
  _exit (127);
}

__attribute__ ((noinline)) static pid_t
start (const char *program, const BsSpawn *spawn, int null, volatile int *problem)
{
  sigset_t all, before;
  pid_t pid;

  sigfillset (&all);
  sigprocmask (SIG_SETMASK, &all, &before);
  pid = vfork ();
  if (pid == 0)
    become (program, spawn, null, problem);
  sigprocmask (SIG_SETMASK, &before, NULL);
  return pid;
}

pid_t
bs_spawn (const BsSpawn *spawn, int *pidfd, GError **error)
{
  g_autofree char *program = g_find_program_in_path (spawn->argv[0]);
  bs_autofd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  volatile int problem = 0;
  pid_t pid;

  g_return_val_if_fail (spawn->n_fds <= BS_SPAWN_FDS_MAX, -1);
  if (program == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, "install it, or correct its path", "there is no program '%s'",
                    spawn->argv[0]);
      return -1;
    }
  pid = start (program, spawn, null, &problem);
  if (pid < 0)
    {
      bs_set_error_errno (error, errno, "cannot start a process");
      return -1;
    }
  if (problem != 0)
    {
      waitpid (pid, NULL, 0);
      bs_set_error (error, BS_ERROR_HOST, NULL, "cannot run '%s': %s", program, g_strerror (problem));
      return -1;
    }
  *pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  if (*pidfd >= 0)
    return pid;
  bs_set_error_errno (error, errno, "cannot watch process %d", (int) pid);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  return -1;
}
