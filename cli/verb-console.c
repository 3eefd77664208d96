/* SPDX-License-Identifier: Apache-2.0 */
/* verb-console.c — sit at a node's serial console */
#include "cli.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-private.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
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

static void
attend (int console)
{
  struct pollfd items[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = console, .events = POLLIN } };

  for (;;)
    {
      if (poll (items, 2, -1) < 0 && errno != EINTR)
        return;
      if (items[1].revents != 0 && !pass (console, STDOUT_FILENO, FALSE))
        return;
      if (items[0].revents != 0 && !pass (STDIN_FILENO, console, TRUE))
        return;
    }
}

static int
run (int argc, char **argv)
{
  g_autofree char *lab_name = NULL, *node = NULL;
  g_autoptr (BsLab) lab = NULL;
  const BsBackendClass *backend;
  BsBackendLab backend_lab;
  struct termios saved, mode;
  GError *error = NULL;
  bs_autofd int console = -1;
  gboolean terminal = tcgetattr (STDIN_FILENO, &saved) == 0;

  if (!cli_split_node (argv[0], &lab_name, &node, &error) || (lab = bs_lab_open (lab_name, &error)) == NULL
      || (backend = bs_lab_backend (lab, node, &backend_lab, &error)) == NULL)
    return cli_fail (error);
  if (backend->console == NULL)
    {
      bs_set_error (&error, BS_ERROR_UNSUPPORTED, NULL, "node '%s' has no serial console", node);
      return cli_fail (error);
    }
  console = backend->console (&backend_lab, node, &error);
  if (console < 0)
    return cli_fail (error);
  write_blocking (console, TRUE);
  if (terminal)
    {
      fprintf (stderr, "console of %s; Ctrl-] leaves, Enter wakes it\n", argv[0]);
      mode = saved;
      cfmakeraw (&mode);
      tcsetattr (STDIN_FILENO, TCSADRAIN, &mode);
    }
  attend (console);
  if (terminal)
    tcsetattr (STDIN_FILENO, TCSADRAIN, &saved);
  return 0;
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
