/* SPDX-License-Identifier: Apache-2.0 */
/* verb-exec.c — run a command in a node, as if it were here */
#include "cli.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-private.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>

/* What `exec` returns when the failure is ours and not the command's. */
#define EXIT_OURS 125

static char **env;
static char *cwd, *user, *timeout;
static gboolean tty, no_stdin;

static const GOptionEntry options[] = {
  { "tty", 't', 0, G_OPTION_ARG_NONE, &tty, "give the command a terminal", NULL },
  { "no-stdin", 'n', 0, G_OPTION_ARG_NONE, &no_stdin, "the command reads end of file at once", NULL },
  { "env", 'e', 0, G_OPTION_ARG_STRING_ARRAY, &env, "set a variable (may be repeated)", "NAME=VALUE" },
  { "cwd", 'C', 0, G_OPTION_ARG_STRING, &cwd, "run in this folder of the node", "DIR" },
  { "user", 'u', 0, G_OPTION_ARG_STRING, &user, "run as this user of the node (default root)", "USER" },
  { "timeout", 0, 0, G_OPTION_ARG_STRING, &timeout, "end it after this long (exit code 124)", "DURATION" },
  { NULL },
};

static struct termios saved_mode;
static gboolean raw;

static void
leave_raw (void)
{
  if (raw)
    tcsetattr (STDIN_FILENO, TCSADRAIN, &saved_mode);
  raw = FALSE;
}

static void
enter_raw (void)
{
  struct termios mode;

  if (!tty || !isatty (STDIN_FILENO) || tcgetattr (STDIN_FILENO, &saved_mode) != 0)
    return;
  mode = saved_mode;
  cfmakeraw (&mode);
  raw = tcsetattr (STDIN_FILENO, TCSADRAIN, &mode) == 0;
}

static gboolean
print_output (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  if (bs_fd_write_all (channel == BS_EXEC_STDOUT ? STDOUT_FILENO : STDERR_FILENO, data, length))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot print the command's output");
  return FALSE;
}

static int
relayed_signals (sigset_t *set)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

  sigemptyset (set);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaddset (set, numbers[i]);
  return 0;
}

/* Signals go to the command in the node: it decides whether it ends. */
static gpointer
relay_signals (gpointer data)
{
  int fd = GPOINTER_TO_INT (data), number;
  sigset_t set;

  relayed_signals (&set);
  while (sigwait (&set, &number) == 0)
    {
      BsExecControl record = { .signal = (guint32) number };
      struct winsize size;

      if (number == SIGWINCH)
        {
          if (ioctl (STDIN_FILENO, TIOCGWINSZ, &size) != 0)
            continue;
          record = (BsExecControl){ .rows = size.ws_row, .columns = size.ws_col };
        }
      if (!bs_fd_write_all (fd, &record, sizeof record))
        return NULL;
    }
  return NULL;
}

static void
set_window (BsExecSpec *spec)
{
  struct winsize size;

  if (tty && ioctl (STDIN_FILENO, TIOCGWINSZ, &size) == 0)
    {
      spec->rows = size.ws_row;
      spec->columns = size.ws_col;
      spec->term = g_getenv ("TERM");
    }
}

static int
run (int argc, char **argv)
{
  g_autofree char *lab_name = NULL, *node = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autoptr (GError) error = NULL;
  BsExecSpec spec = {
    .argv = (const char *const *) argv + 1, .env = (const char *const *) env, .cwd = cwd, .user = user, .tty = tty
  };
  BsExecIO io = { .stdin_fd = no_stdin ? -1 : STDIN_FILENO, .output = print_output };
  BsExecResult result = { 0 };
  sigset_t set;
  int pipe_fds[2];
  gboolean ok;

  if (!cli_duration ("--timeout", timeout, &spec.timeout_usec, &error)
      || !cli_split_node (argv[0], &lab_name, &node, &error))
    {
      cli_fail (g_steal_pointer (&error));
      return EXIT_OURS;
    }
  signal (SIGPIPE, SIG_IGN);
  relayed_signals (&set);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  set_window (&spec);
  lab = bs_lab_open (lab_name, &error);
  ok = lab != NULL && pipe2 (pipe_fds, O_CLOEXEC) == 0;
  if (ok)
    {
      io.control_fd = pipe_fds[0];
      g_thread_unref (g_thread_new ("signals", relay_signals, GINT_TO_POINTER (pipe_fds[1])));
      enter_raw ();
      ok = bs_lab_exec (lab, node, &spec, &io, &result, NULL, &error);
      leave_raw ();
    }
  if (ok)
    return result.exit_code;
  if (error == NULL)
    bs_set_error_errno (&error, errno, "cannot make a pipe");
  cli_fail (g_steal_pointer (&error));
  return EXIT_OURS;
}

const CliVerb cli_exec = {
  .name = "exec",
  .arguments = "LAB/NODE COMMAND [ARGUMENT…]",
  .summary = "run a command in a node",
  .description
  = "Runs COMMAND in the node with standard input, output and error connected to here, and returns its exit code "
    "(128 + N when signal N ended it, 124 when --timeout did, 125 when the failure is benchscale's). SIGINT, SIGTERM, "
    "SIGHUP, "
    "SIGQUIT, SIGUSR1 and SIGUSR2 are handed on to it. No shell is between: for one, run *sh -c*.",
  .examples = "benchscale exec hello/alpha ping -c1 beta — does alpha reach beta?\n"
              "benchscale exec -t hello/alpha sh -l — an interactive shell\n"
              "tar c site | benchscale exec hello/alpha tar x -C /srv — feed its standard input\n",
  .options = options,
  .options_first = TRUE,
  .min = 2,
  .max = G_MAXUINT,
  .run = run,
};
