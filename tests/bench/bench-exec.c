/* SPDX-License-Identifier: Apache-2.0 */
/* bench-exec — a command in a node over a held connection: median of N runs in microseconds
 *
 *   bench-exec N BETWEEN LAB NODE COMMAND…
 *
 * BETWEEN, when not empty, is a program that is run before each (with --version) and not timed: then guest and host
 * have been left alone for as long as between two commands of a shell.
 */
#include "bs-lab-private.h"
#include "bs-time.h"

#include <stdio.h>
#include <stdlib.h>

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static gboolean
pause_with (const char *program)
{
  const char *argv[] = { program, "--version", NULL };

  return program[0] == '\0'
         || g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, NULL, NULL);
}

int
main (int argc, char **argv)
{
  int n = argc > 5 ? atoi (argv[1]) : 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (n < 1)
    return 2;
  lab = bs_lab_open (argv[3], &error);
  for (int i = 0; lab != NULL && i < n && pause_with (argv[2]); i++)
    {
      BsExecSpec spec = { .argv = (const char *const *) argv + 5 };
      BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
      BsExecResult result = { 0 };
      gint64 began_usec = bs_time_now_usec (), took_usec;

      if (!bs_lab_exec (lab, argv[4], &spec, &io, &result, NULL, &error))
        break;
      took_usec = bs_time_now_usec () - began_usec;
      g_array_append_val (times, took_usec);
    }
  if (error != NULL)
    {
      fprintf (stderr, "bench-exec: %s\n", error->message);
      return 1;
    }
  g_array_sort (times, compare);
  printf ("%" G_GINT64_FORMAT "\n", g_array_index (times, gint64, times->len / 2));
  return 0;
}
