/* SPDX-License-Identifier: Apache-2.0 */
/* recipe-tool build NAME FOLDER | key NAME — what `image build` does, without the cache; for tests and measurements
 *
 * Prints progress to stderr and the manifest, or the key, to stdout. SIGINT cancels.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-recipe.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

static GCancellable *cancellable;

static gpointer
wait_for_signal (gpointer data)
{
  const sigset_t *signals = data;
  int number;

  sigwait (signals, &number);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
show (const char *image, const char *what, guint64 done, guint64 total, gpointer user_data)
{
  fprintf (stderr, "%s: %s\n", image, what);
}

static char *
build (const char *name, const char *folder, GError **error)
{
  bs_autofd int fd = -1;
  g_autoptr (json_t) manifest = NULL;

  if (!bs_file_make_dirs (folder, 0755, error))
    return NULL;
  fd = bs_file_open_dir (AT_FDCWD, folder, error);
  if (fd < 0 || !bs_recipe_build (name, fd, folder, show, NULL, cancellable, &manifest, error))
    return NULL;
  return bs_json_dump (manifest);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL, *folder = NULL;
  sigset_t signals;

  if (!(argc == 4 && strcmp (argv[1], "build") == 0) && !(argc == 3 && strcmp (argv[1], "key") == 0))
    return 2;
  cancellable = g_cancellable_new ();
  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
  g_thread_unref (g_thread_new ("signals", wait_for_signal, &signals));
  if (argc == 3)
    answer = bs_recipe_key (argv[2], &error);
  else
    {
      folder = g_canonicalize_filename (argv[3], NULL);
      answer = build (argv[2], folder, &error);
    }
  if (answer == NULL)
    {
      fprintf (stderr, "recipe-tool: %s\nhint: %s\n", error->message, bs_error_hint (error));
      return bs_error_exit_code (error);
    }
  puts (answer);
  return 0;
}
