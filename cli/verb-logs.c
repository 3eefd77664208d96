/* SPDX-License-Identifier: Apache-2.0 */
/* verb-logs.c — what a node's console and its engine have printed */
#include "cli.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-private.h"

#include "bs-text.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

static gboolean follow, engine, raw;

static const GOptionEntry options[] = {
  { "follow", 'f', 0, G_OPTION_ARG_NONE, &follow, "go on printing what comes, until interrupted", NULL },
  { "engine", 0, 0, G_OPTION_ARG_NONE, &engine, "what the engine (QEMU) printed, not the console", NULL },
  { "raw", 0, 0, G_OPTION_ARG_NONE, &raw, "the bytes as they came, on a terminal too", NULL },
  { NULL },
};

#define PIECE 16384

typedef struct
{
  int fd;
  gboolean clean;   /* for a terminal: nothing that it would act on */
  char held[PIECE]; /* clean: the beginning of a line, whose end has not come */
  gsize n_held;
} Log;

static gboolean
print (const char *data, gsize length, GError **error)
{
  if (bs_fd_write_all (STDOUT_FILENO, data, length))
    return TRUE;
  if (errno == EPIPE)
    exit (128 + SIGPIPE); /* as `logs | head -1` ends: silently */
  bs_set_error (error, BS_ERROR_FAILED, NULL, "cannot print the log: %s", g_strerror (errno));
  return FALSE;
}

/* What is held up to @length, made safe; the rest stays. */
static gboolean
print_clean (Log *log, gsize length, GError **error)
{
  g_autofree char *text = bs_text_printable (log->held, length);

  memmove (log->held, log->held + length, log->n_held - length);
  log->n_held -= length;
  return print (text, strlen (text), error);
}

/* Whole lines, so that no character or escape sequence is taken apart. */
static gboolean
print_lines (Log *log, GError **error)
{
  const char *end = memrchr (log->held, '\n', log->n_held);

  if (end != NULL)
    return print_clean (log, (gsize) (end + 1 - log->held), error);
  return log->n_held < sizeof log->held || print_clean (log, log->n_held, error);
}

/* Prints from where it stands to the end of the file. */
static gboolean
print_rest (Log *log, GError **error)
{
  ssize_t n;

  while ((n = read (log->fd, log->held + log->n_held, sizeof log->held - log->n_held)) > 0)
    {
      log->n_held += (gsize) n;
      if (log->clean)
        {
          if (!print_lines (log, error))
            return FALSE;
          continue;
        }
      log->n_held = 0;
      if (!print (log->held, (gsize) n, error))
        return FALSE;
    }
  if (n < 0)
    {
      bs_set_error_errno (error, errno, "cannot read the log");
      return FALSE;
    }
  /* A prompt has no end of line. */
  return memchr (log->held, 0x1b, log->n_held) != NULL || print_clean (log, log->n_held, error);
}

/* Its lab is down. (The event of its end does not come while we have it open.) */
static gboolean
removed (int fd)
{
  struct stat st;

  return fstat (fd, &st) != 0 || st.st_nlink == 0;
}

/* Until interrupted, or until the log is removed with its lab. */
static gboolean
follow_file (Log *log, const char *path, GError **error)
{
  bs_autofd int watch = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  struct pollfd items[2] = { { .fd = watch, .events = POLLIN }, { .events = POLLIN } };
  GPollFD cancelled = { 0 };
  char events[4096];

  if (watch < 0 || inotify_add_watch (watch, path, IN_MODIFY | IN_ATTRIB) < 0)
    {
      bs_set_error_errno (error, errno, "cannot follow the log");
      return FALSE;
    }
  g_cancellable_make_pollfd (cli_interruptible (), &cancelled);
  items[1].fd = cancelled.fd;
  for (;;)
    {
      gboolean last = removed (log->fd);

      if (!print_rest (log, error))
        return FALSE;
      if (last || (poll (items, 2, -1) > 0 && items[1].revents != 0))
        return TRUE;
      while (read (watch, events, sizeof events) > 0)
        ;
    }
}

/* Of a fork: what its template's machine showed, and where that ends. */
static gboolean
print_boot (int lab_dir, const char *node, gboolean clean, GError **error)
{
  static const char mark[] = "\n--- forked here: above is its template's boot, below is its own console ---\n";
  g_autofree char *path = g_strdup_printf ("nodes/%s/" BS_BACKEND_BOOT_LOG, node);
  bs_autofd int fd = openat (lab_dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  Log log = { .fd = fd, .clean = clean };

  if (fd < 0)
    return TRUE;
  return print_rest (&log, error) && (log.n_held == 0 || print_clean (&log, log.n_held, error))
         && print (mark, strlen (mark), error);
}

static int
run (int argc, char **argv)
{
  g_autofree char *lab_name = NULL, *node = NULL, *path = NULL, *proc_path = NULL;
  g_autoptr (BsLab) lab = NULL;
  GError *error = NULL;
  bs_autofd int fd = -1;
  Log log = { .clean = !raw && isatty (STDOUT_FILENO) };
  gboolean ok;
  BsBackendLab backend_lab;

  cli_interruptible ();
  signal (SIGPIPE, SIG_IGN);
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
  log.fd = fd;
  if (!engine && !print_boot (bs_lab_dir (lab), node, log.clean, &error))
    return cli_fail (error);
  ok = follow ? follow_file (&log, proc_path, &error) : print_rest (&log, &error);
  if (ok && log.n_held > 0)
    ok = print_clean (&log, log.n_held, &error);
  return ok ? 0 : cli_fail (error);
}

const CliVerb cli_logs = {
  .name = "logs",
  .arguments = "LAB/NODE",
  .summary = "print a node's console log",
  .description
  = "Prints what the node's console has shown since it started, kernel messages first: of a fork, those of its "
    "template's boot, and a line where its own begin. On a terminal, what the "
    "terminal would act on is left out; elsewhere, and with --raw, the bytes are as they came. The log of "
    "a dead node stays until the lab is taken down.",
  .examples = "benchscale logs hello/alpha --follow — watch it\n"
              "benchscale logs hello/alpha --engine — what QEMU said\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
