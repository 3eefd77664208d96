/* SPDX-License-Identifier: Apache-2.0 */
/* verb-console.c — sit at a node's serial console */
#include "cli.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-private.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <termios.h>

#define ESCAPE 0x1d /* Ctrl-] */

static const GOptionEntry options[] = {
  { NULL },
};

/* Returns: FALSE at the end of either side, or at the escape character. */
static gboolean
pass (int from, int to, gboolean escapes)
{
  char data[4096];
  ssize_t n = read (from, data, sizeof data);
  const char *escape = n > 0 && escapes ? memchr (data, ESCAPE, (gsize) n) : NULL;

  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  if (escape != NULL)
    n = escape - data;
  return bs_fd_write_all (to, data, (gsize) n) && n > 0 && escape == NULL;
}

static gboolean
write_blocking (int fd, gboolean blocking)
{
  int flags = fcntl (fd, F_GETFL);

  return fcntl (fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) == 0;
}

/* Signals from outside; Ctrl-C is a byte for the node. */
static int
watch_signals (void)
{
  sigset_t set;

  signal (SIGPIPE, SIG_IGN);
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGHUP);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  return signalfd (-1, &set, SFD_CLOEXEC);
}

/* Returns: the signal that ended it, or 0. */
static int
attend (int console, int signals)
{
  struct pollfd items[3] = { { .fd = STDIN_FILENO, .events = POLLIN },
                             { .fd = console, .events = POLLIN },
                             { .fd = signals, .events = POLLIN } };
  struct signalfd_siginfo info;

  for (;;)
    {
      if (poll (items, 3, -1) < 0 && errno != EINTR)
        return 0;
      if (items[2].revents != 0 && read (signals, &info, sizeof info) == sizeof info)
        return (int) info.ssi_signo;
      if (items[1].revents != 0 && !pass (console, STDOUT_FILENO, FALSE))
        return 0;
      if (items[0].revents != 0 && !pass (STDIN_FILENO, console, TRUE))
        return 0;
    }
}

/* Two at one console would each get half of what it says, and QEMU lets the second one hang. Returns: the lock, held
 * until closed, or -1. */
static int
lock_console (BsLab *lab, const char *node, GError **error)
{
  g_autofree char *path = g_strdup_printf ("nodes/%s/console.lock", node);
  bs_autofd int fd = openat (bs_lab_dir (lab), path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    bs_set_error_errno (error, errno, "cannot open '%s'", path);
  else if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return bs_fd_steal (&fd);
  else
    bs_set_error (error, BS_ERROR_BUSY, "leave the other one with Ctrl-]; `benchscale logs --follow` only watches",
                  "node '%s': the console is in use", node);
  return -1;
}

static int
open_console (BsLab *lab, const char *node, int *lock, GError **error)
{
  BsBackendLab backend_lab;
  const BsBackendClass *backend = bs_lab_backend (lab, node, &backend_lab, error);

  if (backend == NULL)
    return -1;
  if (backend->console == NULL)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "node '%s' has no serial console", node);
      return -1;
    }
  *lock = lock_console (lab, node, error);
  return *lock >= 0 ? backend->console (&backend_lab, node, error) : -1;
}

static int
attend_in_raw_mode (const char *name, int console, int signals)
{
  struct termios saved, mode;
  gboolean terminal = tcgetattr (STDIN_FILENO, &saved) == 0;
  int number;

  if (terminal)
    {
      fprintf (stderr, "console of %s; Ctrl-] leaves, Enter wakes it\n", name);
      mode = saved;
      cfmakeraw (&mode);
      tcsetattr (STDIN_FILENO, TCSADRAIN, &mode);
    }
  number = attend (console, signals);
  if (terminal)
    tcsetattr (STDIN_FILENO, TCSANOW, &saved);
  return number != 0 ? 128 + number : 0;
}

static int
run (int argc, char **argv)
{
  g_autofree char *lab_name = NULL, *node = NULL;
  bs_autofd int signals = watch_signals (), lock = -1, console = -1;
  g_autoptr (BsLab) lab = NULL;
  GError *error = NULL;

  if (!cli_split_node (argv[0], &lab_name, &node, &error) || (lab = bs_lab_open (lab_name, &error)) == NULL
      || (console = open_console (lab, node, &lock, &error)) < 0)
    return cli_fail (error);
  write_blocking (console, TRUE);
  return attend_in_raw_mode (argv[0], console, signals);
}

const CliVerb cli_console = {
  .name = "console",
  .arguments = "LAB/NODE",
  .summary = "sit at a node's serial console",
  .description = "Connects this terminal to the node's serial console, one user at a time. Ctrl-] leaves it. It works "
                 "when the network and the "
                 "guest program do not.",
  .examples = "benchscale console hello/alpha — then press Enter for a shell\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
