/* SPDX-License-Identifier: Apache-2.0 */
/* verb-logs.c — what a node's console and its engine have printed */
#include "cli.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-private.h"

#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>

static gboolean follow, engine;

static const GOptionEntry options[] = {
  { "follow", 'f', 0, G_OPTION_ARG_NONE, &follow, "go on printing what comes, until interrupted", NULL },
  { "engine", 0, 0, G_OPTION_ARG_NONE, &engine, "what the engine (QEMU) printed, not the console", NULL },
  { NULL },
};

/* Prints from where @fd stands to the end of the file. */
static gboolean
print_rest (int fd, GError **error)
{
  char data[16384];
  ssize_t n;

  while ((n = read (fd, data, sizeof data)) > 0)
    if (!bs_fd_write_all (STDOUT_FILENO, data, (gsize) n))
      break;
  if (n == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot print the log");
  return FALSE;
}

/* Until interrupted, or until the log is removed with its lab. */
static gboolean
follow_file (int fd, const char *path, GError **error)
{
  bs_autofd int watch = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  struct pollfd items[2] = { { .fd = watch, .events = POLLIN }, { .events = POLLIN } };
  GPollFD cancelled = { 0 };
  char events[4096];

  if (watch < 0 || inotify_add_watch (watch, path, IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF) < 0)
    {
      bs_set_error_errno (error, errno, "cannot follow the log");
      return FALSE;
    }
  g_cancellable_make_pollfd (cli_interruptible (), &cancelled);
  items[1].fd = cancelled.fd;
  for (;;)
    {
      ssize_t n;

      if (!print_rest (fd, error))
        return FALSE;
      if (poll (items, 2, -1) > 0 && items[1].revents != 0)
        return TRUE;
      n = read (watch, events, sizeof events);
      for (char *at = events; n > 0 && at < events + n;)
        {
          const struct inotify_event *event = (const struct inotify_event *) (const void *) at;

          if (event->mask & (IN_DELETE_SELF | IN_IGNORED))
            return print_rest (fd, error);
          at += sizeof *event + event->len;
        }
    }
}

static int
run (int argc, char **argv)
{
  g_autofree char *lab_name = NULL, *node = NULL, *path = NULL, *proc_path = NULL;
  g_autoptr (BsLab) lab = NULL;
  GError *error = NULL;
  bs_autofd int fd = -1;
  BsBackendLab backend_lab;

  cli_interruptible ();
  if (!cli_split_node (argv[0], &lab_name, &node, &error) || (lab = bs_lab_open (lab_name, &error)) == NULL)
    return cli_fail (error);
  path = g_strdup_printf ("nodes/%s/%s", node, engine ? "qemu.log" : "console.log");
  fd = openat (bs_lab_dir (lab), path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 && bs_lab_backend (lab, node, &backend_lab, &error) == NULL)
    return cli_fail (error);
  if (fd < 0)
    {
      bs_set_error_errno (&error, errno, "node '%s' has no log yet", node);
      return cli_fail (error);
    }
  proc_path = bs_file_proc_path (bs_lab_dir (lab), path);
  if (follow ? follow_file (fd, proc_path, &error) : print_rest (fd, &error))
    return 0;
  return cli_fail (error);
}

const CliVerb cli_logs = {
  .name = "logs",
  .arguments = "LAB/NODE",
  .summary = "print a node's console log",
  .description = "Prints what the node's console has shown since it started, kernel messages first. The log of a dead "
                 "node stays until the "
                 "lab is taken down.",
  .examples = "benchscale logs hello/alpha --follow — watch it\n"
              "benchscale logs hello/alpha --engine — what QEMU said\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
