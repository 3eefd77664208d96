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

/* After a second request to end, how long the node has to answer. */
#define PATIENCE_SEC 2

static struct termios saved_mode;
static gboolean raw, nobody_reads;
/* What the signal handler knows. No thread waits for signals: making and ending one costs as much as the rest of a
 * short exec. */
static volatile sig_atomic_t started, asked, last_asked;
static int control_fd = -1;

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
  started = TRUE;
}

/* Ends the verb from here: the supervisor ends the command when it sees us gone. */
static void
end_here (int number)
{
  leave_raw ();
  _exit (128 + number);
}

static void
hand_on (int number)
{
  struct winsize size;

  if (number != SIGWINCH)
    bs_exec_control_signal (control_fd, number);
  else if (ioctl (STDIN_FILENO, TIOCGWINSZ, &size) == 0)
    bs_exec_control_winsize (control_fd, size.ws_row, size.ws_col);
}

/* Signals go to the command in the node: it decides whether it ends. But a user who says it twice to a node that does
 * not answer, or three times, gets away; before the command runs, once is enough. Calls only what a handler may call.
 */
static void
take_signal (int number)
{
  int saved = errno;

  if (number == SIGALRM)
    end_here (last_asked);
  if (number == SIGINT || number == SIGTERM || (number == SIGHUP && asked == 0))
    {
      last_asked = number;
      asked++;
      if (asked >= 3 || !started)
        end_here (number);
      if (asked == 2)
        alarm (PATIENCE_SEC);
    }
  hand_on (number);
  errno = saved;
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
begin_relay (BsExecIO *io, GError **error)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM };
  struct sigaction action = { .sa_handler = take_signal, .sa_flags = SA_RESTART };
  int fds[2];

  signal (SIGPIPE, SIG_IGN);
  if (pipe2 (fds, O_CLOEXEC) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make a pipe");
      return FALSE;
    }
  fcntl (fds[1], F_SETFL, O_NONBLOCK); /* a node that takes nothing must not hold the signals up */
  io->control_fd = fds[0];
  control_fd = fds[1];
  sigfillset (&action.sa_mask); /* one after another, in the order they came */
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &action, NULL);
  return TRUE;
}

/* What to return when the command's own end is not known. */
static int
failed (gboolean timed, GError *error)
{
  gboolean timed_out = timed && g_error_matches (error, BS_ERROR, BS_ERROR_TIMEOUT);

  if (nobody_reads)
    g_error_free (error);
  else
    cli_fail (error);
  if (nobody_reads)
    return 128 + SIGPIPE;
  return timed_out ? EXIT_TIMED_OUT : EXIT_OURS;
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
  gboolean ok = FALSE;

  if (!cli_duration ("--timeout", timeout, &spec.timeout_usec, &error)
      || !cli_split_node (argv[0], &lab_name, &node, &error))
    {
      cli_fail (g_steal_pointer (&error));
      return EXIT_OURS;
    }
  set_window (&spec);
  if (begin_relay (&io, &error) && (lab = bs_lab_open (lab_name, &error)) != NULL)
    {
      enter_raw ();
      ok = bs_lab_exec (lab, node, &spec, &io, &result, NULL, &error);
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
