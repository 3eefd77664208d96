/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-command.h"
#include "bs-error.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

/* The last line says what went wrong in every tool that is run here. */
static const char *
last_line (char *text)
{
  char *newline;

  g_strchomp (text);
  newline = strrchr (text, '\n');
  return newline != NULL ? newline + 1 : text;
}

/* A tool must not go on filling a folder that nobody will use. */
static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
explain (const char *program, char *said, GError **error)
{
  if (strstr (said, "No space left on device") != NULL)
    bs_set_error_errno (error, ENOSPC, "'%s' failed", program);
  else
    bs_set_error (error, BS_ERROR_FAILED, NULL, "'%s' failed: %s", program, last_line (said));
}

gboolean
bs_command_run (const char *folder, const char *const *argv, char **output, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *out = NULL, *err = NULL;

  g_subprocess_launcher_set_cwd (launcher, folder);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  process = g_subprocess_launcher_spawnv (launcher, argv, &local);
  if (process == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, NULL, "cannot run '%s': %s", argv[0], local->message);
      return FALSE;
    }
  if (!g_subprocess_communicate_utf8 (process, NULL, cancellable, &out, &err, &local))
    {
      gboolean cancelled = g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED);

      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
      bs_set_error (error, cancelled ? BS_ERROR_CANCELLED : BS_ERROR_FAILED, NULL, "'%s' %s", argv[0],
                    cancelled ? "was interrupted" : local->message);
      return FALSE;
    }
  if (!g_subprocess_get_successful (process))
    {
      explain (argv[0], err, error);
      return FALSE;
    }
  if (output != NULL)
    *output = g_steal_pointer (&out);
  return TRUE;
}
