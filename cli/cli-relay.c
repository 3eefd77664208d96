/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-relay.h"
#include "cli.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>

#define EXIT_TIMED_OUT 124
/* After a second request to end, how long the node has to answer. */
#define PATIENCE_SEC 2

static struct termios saved_mode;
static gboolean raw, nobody_reads;
/* What the signal handler knows. No thread waits for signals: making and ending one costs as much as the rest of a
 * short exec. */
static volatile sig_atomic_t started, asked, last_asked;
static int control_fd = -1;

void
cli_relay_cooked (void)
{
  if (raw)
    tcsetattr (STDIN_FILENO, TCSADRAIN, &saved_mode);
  raw = FALSE;
}

void
cli_relay_raw (gboolean tty)
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
  cli_relay_cooked ();
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

  if (spec->tty && ioctl (STDIN_FILENO, TIOCGWINSZ, &size) == 0)
    {
      spec->rows = size.ws_row;
      spec->columns = size.ws_col;
      spec->term = g_getenv ("TERM");
    }
}

gboolean
cli_relay_begin (BsExecSpec *spec, BsExecIO *io, gboolean no_stdin, GError **error)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM };
  struct sigaction action = { .sa_handler = take_signal, .sa_flags = SA_RESTART };
  int fds[2];

  *io = (BsExecIO){ .stdin_fd = no_stdin ? -1 : STDIN_FILENO, .output = print_output, .started = command_runs };
  set_window (spec);
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

int
cli_relay_failed (gboolean timed, GError *error)
{
  gboolean timed_out = timed && g_error_matches (error, BS_ERROR, BS_ERROR_TIMEOUT);

  if (nobody_reads)
    g_error_free (error);
  else
    cli_fail (error);
  if (nobody_reads)
    return 128 + SIGPIPE;
  return timed_out ? EXIT_TIMED_OUT : CLI_EXIT_OURS;
}
