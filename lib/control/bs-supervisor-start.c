/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-supervisor-start.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-json.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LOG_NAME "supervisor.log"
#define READY_FD 3
#define ANSWER_MAX 8192
#define RETRY_USEC (2 * BS_USEC_PER_MSEC)

/* All that the new process needs, made before fork: the caller may have threads, so the child makes system calls only.
 */
typedef struct
{
  char *program;
  char *argv[3];
  char **env;
  int dir, null, log, ready;
} Plan;

static void
plan_clear (Plan *self)
{
  g_free (self->program);
  g_strfreev (self->env);
  bs_fd_clear (&self->null);
  bs_fd_clear (&self->log);
  bs_fd_clear (&self->ready);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

static gboolean
is_listening (int lab_dir)
{
  bs_autofd int fd = bs_socket_connect (lab_dir, BS_CONTROL_SOCKET, SOCK_SEQPACKET, NULL);

  return fd >= 0;
}

static gboolean
plan_init (Plan *self, int lab_dir, const char *program, const char *tag, int *answers, GError **error)
{
  int ends[2];

  self->program = g_canonicalize_filename (program, NULL);
  self->argv[0] = self->program;
  self->argv[1] = (char *) tag;
  self->env = g_environ_setenv (g_get_environ (), BS_SUPERVISOR_READY_ENV, G_STRINGIFY (READY_FD), TRUE);
  self->dir = lab_dir;
  self->null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  self->log = openat (lab_dir, LOG_NAME, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->null < 0 || self->log < 0)
    {
      bs_set_error_errno (error, errno, "cannot open '%s'", self->null < 0 ? "/dev/null" : LOG_NAME);
      return FALSE;
    }
  if (pipe2 (ends, O_CLOEXEC) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make a pipe");
      return FALSE;
    }
  *answers = ends[0];
  self->ready = ends[1];
  return TRUE;
}

static void
reset_signals (void)
{
  sigset_t none;

  for (int number = 1; number < NSIG; number++)
    signal (number, SIG_DFL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

/* System calls only. A failure is told as a bare errno. */
G_GNUC_NORETURN static void
become (const Plan *plan)
{
  /* out of the way of 0 to 3, wherever they are */
  int null = fcntl (plan->null, F_DUPFD, 4), log = fcntl (plan->log, F_DUPFD, 4);
  int ready = fcntl (plan->ready, F_DUPFD, 4);

  reset_signals ();
  if (fchdir (plan->dir) == 0 && dup2 (null, 0) == 0 && dup2 (log, 1) == 1 && dup2 (log, 2) == 2
      && dup2 (ready, READY_FD) == READY_FD)
    {
      syscall (SYS_close_range, READY_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC);
      execve (plan->program, plan->argv, plan->env);
    }
  if (write (ready, &errno, sizeof errno) < 0)
    _exit (126);
  _exit (127);
}

/* Twice, so that it is nobody's child who might not wait for it. */
static gboolean
launch (const Plan *plan, GError **error)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      setsid ();
      pid = fork ();
      if (pid == 0)
        become (plan);
      _exit (pid < 0 ? 1 : 0);
    }
  if (pid > 0)
    {
      int status = 1;

      while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
        ;
      if (status == 0)
        return TRUE;
    }
  bs_set_error (error, BS_ERROR_EXHAUSTED, "free memory, or allow more processes", "cannot start a process");
  return FALSE;
}

static void
set_answer_error (const char *program, const char *text, gsize length, GError **error)
{
  g_autoptr (json_t) what = NULL;
  int number, code;

  if (length == sizeof number)
    {
      memcpy (&number, text, sizeof number);
      bs_set_error (error, BS_ERROR_HOST, "install benchscale again, or build it", "cannot run '%s': %s", program,
                    g_strerror (number));
      return;
    }
  what = length > 0 ? bs_json_load (text, length, NULL) : NULL;
  if (what == NULL || !bs_error_code_from_name (bs_json_string (what, "code", ""), &code))
    bs_set_error (error, BS_ERROR_DIED, "see " LOG_NAME " in the lab's folder",
                  "the supervisor ended while it started");
  else
    bs_set_error (error, code, bs_json_string (what, "hint", NULL), "cannot start the supervisor: %s",
                  bs_json_string (what, "message", ""));
}

/* Reads until the other end is closed, by readiness or by death. */
static gboolean
await_answer (int answers, const char *program, gint64 deadline_usec, GError **error)
{
  char text[ANSWER_MAX];
  gsize length = 0;

  for (;;)
    {
      int found = bs_socket_wait (answers, POLLIN, deadline_usec);
      ssize_t n;

      if (found == 0)
        {
          bs_set_error (error, BS_ERROR_TIMEOUT, "see " LOG_NAME " in the lab's folder",
                        "the supervisor does not start in time");
          return FALSE;
        }
      n = read (answers, text + length, sizeof text - length);
      if (n > 0)
        length += (gsize) n;
      if (length == strlen (BS_SUPERVISOR_READY) && memcmp (text, BS_SUPERVISOR_READY, length) == 0)
        return TRUE;
      if (n <= 0 || length == sizeof text)
        break;
    }
  set_answer_error (program, text, length, error);
  return FALSE;
}

static gboolean
start_once (int lab_dir, const char *program, const char *tag, gint64 deadline_usec, GError **error)
{
  g_auto (Plan) plan = { .null = -1, .log = -1, .ready = -1 };
  bs_autofd int answers = -1;

  if (!plan_init (&plan, lab_dir, program, tag, &answers, error) || !launch (&plan, error))
    return FALSE;
  bs_fd_clear (&plan.ready);
  return await_answer (answers, plan.program, deadline_usec, error);
}

gboolean
bs_supervisor_start (int lab_dir, const char *program, const char *tag, gint64 deadline_usec, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) problem = NULL;
      gint64 now = bs_time_now_usec ();

      if (is_listening (lab_dir) || start_once (lab_dir, program, tag, deadline_usec, &problem))
        return TRUE;
      /* another holds the lock: it is about to listen, or about to end */
      if (problem->code != BS_ERROR_BUSY || (deadline_usec >= 0 && now >= deadline_usec))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      g_usleep (RETRY_USEC);
    }
}
