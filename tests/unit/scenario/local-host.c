/* SPDX-License-Identifier: Apache-2.0 */
#include "local-host.h"
#include "bs-fd.h"
#include "bs-time.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

typedef struct
{
  const BsExecIO *io;
  BsExecResult *result;
  pid_t pid;
  int out, err, pidfd; /* -1: ended */
} Child;

static void
own_group (gpointer user_data)
{
  setpgid (0, 0);
}

static gboolean
child_start (Child *child, const BsExecSpec *spec, GError **error)
{
  bs_autofd int out = -1, err = -1, nothing = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  g_auto (GStrv) env = g_get_environ ();
  g_autoptr (GError) local = NULL;
  int pipes[2][2];
  GPid pid;

  for (guint i = 0; spec->env != NULL && spec->env[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (spec->env[i], "=", 2);

      env = g_environ_setenv (env, parts[0], parts[1], TRUE);
    }
  g_assert_cmpint (pipe2 (pipes[0], O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (pipes[1], O_CLOEXEC), ==, 0);
  child->out = pipes[0][0];
  child->err = pipes[1][0];
  out = pipes[0][1];
  err = pipes[1][1];
  if (!g_spawn_async_with_fds (NULL, (char **) spec->argv, env, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                               own_group, NULL, &pid, child->io->stdin_fd >= 0 ? child->io->stdin_fd : nothing, out,
                               err, &local))
    {
      bs_set_error (error,
                    g_error_matches (local, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT) ? BS_ERROR_NOT_FOUND : BS_ERROR_FAILED,
                    NULL, "no program '%s'", spec->argv[0]);
      return FALSE;
    }
  child->pid = pid;
  child->pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  g_assert_cmpint (child->pidfd, >=, 0);
  return TRUE;
}

static gboolean
child_read (Child *child, BsExecChannel channel, int *fd, GError **error)
{
  char data[65536];
  ssize_t n = read (*fd, data, sizeof data);

  if (n <= 0)
    bs_fd_clear (fd);
  return n <= 0 || child->io->output (channel, data, (gsize) n, child->io->user_data, error);
}

static void
child_reap (Child *child)
{
  int status;

  g_assert_cmpint (waitpid (child->pid, &status, 0), ==, child->pid);
  bs_fd_clear (&child->pidfd);
  child->result->exit_signal = WIFSIGNALED (status) ? WTERMSIG (status) : 0;
  child->result->exit_code = WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status);
}

/* One round; FALSE with an error when the command must be stopped. */
static gboolean
child_serve (Child *child, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  struct pollfd items[] = { { .fd = child->out, .events = POLLIN },
                            { .fd = child->err, .events = POLLIN },
                            { .fd = child->pidfd, .events = POLLIN },
                            { .fd = g_cancellable_get_fd (cancellable), .events = POLLIN } };
  int n = poll (items, G_N_ELEMENTS (items), bs_time_poll_timeout (deadline_usec));

  g_cancellable_release_fd (cancellable);
  if (g_cancellable_is_cancelled (cancellable))
    {
      bs_set_error (error, BS_ERROR_CANCELLED, NULL, "cancelled");
      return FALSE;
    }
  if (n == 0)
    {
      kill (-child->pid, SIGKILL);
      child->result->timed_out = TRUE;
    }
  if (items[2].revents != 0)
    child_reap (child);
  return (items[0].revents == 0 || child_read (child, BS_EXEC_STDOUT, &child->out, error))
         && (items[1].revents == 0 || child_read (child, BS_EXEC_STDERR, &child->err, error));
}

static void
child_stop (Child *child)
{
  if (child->pidfd >= 0)
    {
      kill (-child->pid, SIGKILL);
      child_reap (child);
    }
  bs_fd_clear (&child->out);
  bs_fd_clear (&child->err);
}

gboolean
local_host_exec (const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                 GCancellable *cancellable, gpointer user_data, GError **error)
{
  Child child = { .io = io, .result = result, .out = -1, .err = -1, .pidfd = -1 };
  gint64 deadline = spec->timeout_usec > 0 ? bs_time_now_usec () + spec->timeout_usec : -1;
  gboolean ok;

  *result = (BsExecResult){ 0 };
  if (g_str_equal (node, "gone"))
    {
      bs_set_error (error, BS_ERROR_DIED, NULL, "node '%s' has ended", node);
      return FALSE;
    }
  ok = child_start (&child, spec, error);
  while (ok && (child.pidfd >= 0 || child.out >= 0 || child.err >= 0))
    ok = child_serve (&child, result->timed_out ? -1 : deadline, cancellable, error);
  child_stop (&child);
  if (result->timed_out)
    result->exit_code = 124;
  return ok;
}
