/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "bs-error.h"
#include "bs-text.h"
#include "bs-time.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

int
cli_fail (GError *error)
{
  int code = bs_error_exit_code (error);
  g_autofree char *message = bs_text_printable (error->message, strlen (error->message)); /* it may quote a guest */

  if (*message != '\0') /* else it was told before */
    fprintf (stderr, "benchscale: %s\n", message);
  if (bs_error_hint (error) != NULL)
    fprintf (stderr, "hint: %s\n", bs_error_hint (error));
  g_error_free (error);
  return code;
}

int
cli_usage (const char *verb, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "benchscale: %s%s%s\n", verb != NULL ? verb : "", verb != NULL ? ": " : "", what);
  fprintf (stderr, "hint: see `benchscale %s%s--help`\n", verb != NULL ? verb : "", verb != NULL ? " " : "");
  return 2;
}

/* What asks to end: from the keyboard, from a service manager, by a terminal that is closed. */
static void
fill_ending (sigset_t *set)
{
  sigemptyset (set);
  sigaddset (set, SIGINT);
  sigaddset (set, SIGTERM);
  sigaddset (set, SIGHUP);
  sigaddset (set, SIGQUIT);
}

static gpointer
wait_for_signal (gpointer data)
{
  GCancellable *cancellable = data;
  sigset_t set;
  int number;

  fill_ending (&set);
  while (sigwait (&set, &number) == 0)
    g_cancellable_cancel (cancellable);
  return NULL;
}

static gboolean
is_ignored (int number)
{
  struct sigaction action;

  return sigaction (number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

GCancellable *
cli_interruptible (void)
{
  static GCancellable *cancellable;
  sigset_t set;

  if (cancellable != NULL)
    return cancellable;
  cancellable = g_cancellable_new ();
  fill_ending (&set);
  /* What began us with nohup means it: only an unwanted hangup ends us. */
  if (is_ignored (SIGHUP))
    sigdelset (&set, SIGHUP);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  g_thread_unref (g_thread_new ("signals", wait_for_signal, cancellable));
  return cancellable;
}

gboolean
cli_split_node (const char *text, char **lab, char **node, GError **error)
{
  const char *slash = strchr (text, '/');

  if (slash == NULL || slash == text || slash[1] == '\0' || strchr (slash + 1, '/') != NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, "name a node as LAB/NODE; `benchscale list` shows the labs",
                    "'%s' is no LAB/NODE", text);
      return FALSE;
    }
  *lab = g_strndup (text, (gsize) (slash - text));
  *node = g_strdup (slash + 1);
  return TRUE;
}

gboolean
cli_duration (const char *option, const char *text, gint64 *usec, GError **error)
{
  *usec = 0;
  if (text == NULL || bs_time_parse_duration (text, usec))
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, "write it as 500ms, 2s or 3m", "%s: '%s' is no duration",
                cli_option_name (option), text);
  return FALSE;
}

gboolean
cli_bytes (const char *option, const char *text, guint64 *bytes, GError **error)
{
  if (bs_text_parse_bytes (text, bytes))
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, "write it as 500M or 20G", "%s: '%s' is no size", option, text);
  return FALSE;
}
