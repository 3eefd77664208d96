/* SPDX-License-Identifier: Apache-2.0 */
/* bench-exec — `exec true` over a held connection: median of N runs in microseconds
 *
 *   bench-exec N LAB NODE COMMAND…
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

int
main (int argc, char **argv)
{
  int n = argc > 4 ? atoi (argv[1]) : 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (n < 1)
    return 2;
  lab = bs_lab_open (argv[2], &error);
  for (int i = 0; lab != NULL && i < n; i++)
    {
      BsExecSpec spec = { .argv = (const char *const *) argv + 4 };
      BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
      BsExecResult result = { 0 };
      gint64 began_usec = bs_time_now_usec (), took_usec;

      if (!bs_lab_exec (lab, argv[3], &spec, &io, &result, NULL, &error))
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
