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
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

/* What `exec` returns when the failure is ours and not the command's. */
#define EXIT_OURS 125
#define EXIT_TIMED_OUT 124

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
static gboolean raw, nobody_reads;
/* Set by the main thread, read by that of the signals; and the other way about. */
static int started, ended_by;

typedef struct
{
  int control_fd;
  GCancellable *cancellable;
} Relay;

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
  if (errno == EPIPE)
    nobody_reads = TRUE; /* as `yes | head -1` ends: silently */
  bs_set_error (error, BS_ERROR_FAILED, NULL, "cannot print the command's output: %s", g_strerror (errno));
  return FALSE;
}

/* Until the command runs in the node there is nobody to hand a signal to. */
static void
command_runs (gpointer user_data)
{
  g_atomic_int_set (&started, TRUE);
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

/* Ends the verb from here. What does not even take note of that (a library call on something that hangs) is left. */
static void
end_here (const Relay *relay, int number)
{
  static const struct timespec patience = { .tv_sec = 1 };
  sigset_t none;

  g_atomic_int_set (&ended_by, number);
  g_cancellable_cancel (relay->cancellable);
  sigemptyset (&none);
  while (sigtimedwait (&none, NULL, &patience) < 0 && errno == EINTR)
    ;
  leave_raw ();
  _exit (128 + number);
}

static void
hand_on (const Relay *relay, int number)
{
  struct winsize size;

  if (number != SIGWINCH)
    bs_exec_control_signal (relay->control_fd, number);
  else if (ioctl (STDIN_FILENO, TIOCGWINSZ, &size) == 0)
    bs_exec_control_winsize (relay->control_fd, size.ws_row, size.ws_col);
}

/* Signals go to the command in the node: it decides whether it ends. But a user who says it twice to a node that does
 * not answer, or three times, gets away; before the command runs, once is enough. */
static gpointer
relay_signals (gpointer data)
{
  static const struct timespec patience = { .tv_sec = 2 };
  const Relay *relay = data;
  guint asked = 0;
  int number, last = 0;
  sigset_t set;

  relayed_signals (&set);
  for (;;)
    {
      number = sigtimedwait (&set, NULL, asked >= 2 ? &patience : NULL);
      if (number < 0 && errno == EAGAIN)
        end_here (relay, last);
      if (number == SIGINT || number == SIGTERM || (number == SIGHUP && asked == 0))
        {
          last = number;
          if (++asked >= 3 || !g_atomic_int_get (&started))
            end_here (relay, last);
        }
      if (number > 0)
        hand_on (relay, number);
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

/* From here on no signal ends this process by itself. */
static gboolean
begin_relay (Relay *relay, BsExecIO *io, GError **error)
{
  int fds[2];
  sigset_t set;

  signal (SIGPIPE, SIG_IGN);
  relayed_signals (&set);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  if (pipe2 (fds, O_CLOEXEC) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make a pipe");
      return FALSE;
    }
  fcntl (fds[1], F_SETFL, O_NONBLOCK); /* a node that takes nothing must not hold the signals up */
  io->control_fd = fds[0];
  *relay = (Relay){ .control_fd = fds[1], .cancellable = g_cancellable_new () };
  g_thread_unref (g_thread_new ("signals", relay_signals, relay));
  return TRUE;
}

/* What to return when the command's own end is not known. */
static int
failed (gboolean timed, GError *error)
{
  int number = g_atomic_int_get (&ended_by);
  gboolean timed_out = timed && g_error_matches (error, BS_ERROR, BS_ERROR_TIMEOUT);

  if (nobody_reads)
    g_error_free (error);
  else
    cli_fail (error);
  if (nobody_reads)
    return 128 + SIGPIPE;
  return number != 0 ? 128 + number : timed_out ? EXIT_TIMED_OUT : EXIT_OURS;
}

static int
run (int argc, char **argv)
{
  g_autofree char *lab_name = NULL, *node = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autoptr (GError) error = NULL;
  gboolean dashes = argc > 2 && strcmp (argv[1], "--") == 0;
  BsExecSpec spec = { .argv = (const char *const *) argv + (dashes ? 2 : 1),
                      .env = (const char *const *) env,
                      .cwd = cwd,
                      .user = user,
                      .tty = tty };
  BsExecIO io = { .stdin_fd = no_stdin ? -1 : STDIN_FILENO, .output = print_output, .started = command_runs };
  BsExecResult result = { 0 };
  static Relay relay; /* its thread goes on while we return */
  gboolean ok = FALSE;

  if (!cli_duration ("--timeout", timeout, &spec.timeout_usec, &error)
      || !cli_split_node (argv[0], &lab_name, &node, &error))
    {
      cli_fail (g_steal_pointer (&error));
      return EXIT_OURS;
    }
  set_window (&spec);
  if (begin_relay (&relay, &io, &error) && (lab = bs_lab_open (lab_name, &error)) != NULL)
    {
      enter_raw ();
      ok = bs_lab_exec (lab, node, &spec, &io, &result, relay.cancellable, &error);
      leave_raw ();
    }
  return ok ? result.exit_code : failed (spec.timeout_usec > 0, g_steal_pointer (&error));
}

const CliVerb cli_exec = {
  .name = "exec",
  .arguments = "LAB/NODE COMMAND [ARGUMENT…]",
  .summary = "run a command in a node",
  .description
  = "Runs COMMAND in the node with standard input, output and error connected to here, and returns its exit code "
    "(128 + N when signal N ended it, 124 when --timeout did, 125 when the failure is benchscale's). SIGINT, SIGTERM, "
    "SIGHUP, "
    "SIGQUIT, SIGUSR1 and SIGUSR2 are handed on to it; when the node does not answer, a second SIGINT or SIGTERM ends "
    "exec itself after 2 s, and a third one at once. No shell is between: for one, run *sh -c*.",
  .examples = "benchscale exec hello/alpha ping -c1 beta — does alpha reach beta?\n"
              "benchscale exec -t hello/alpha sh -l — an interactive shell\n"
              "tar c site | benchscale exec hello/alpha tar x -C /srv — feed its standard input\n",
  .options = options,
  .options_first = TRUE,
  .min = 2,
  .max = G_MAXUINT,
  .run = run,
};
