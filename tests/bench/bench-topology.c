/* SPDX-License-Identifier: Apache-2.0 */
/* bench-topology — how long a topology file takes from disk to a checked model, or to its errors
 *
 *   bench-topology good N FILE      prints the median of N runs in microseconds; the file must be right
 *   bench-topology wrong N FILE     as before; the file must be wrong
 *   bench-topology memory N FILE    prints the greatest size that this process had, in KiB
 */
#include "bs-time.h"
#include "bs-topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int
compare (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* Returns: microseconds, or -1 when the file is not @good, or not wrong */
static gint64
load (const char *path, gboolean good)
{
  gint64 began_usec = bs_time_now_usec ();
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_topology_load (path, &diagnostics);

  return (topology != NULL) == good ? bs_time_now_usec () - began_usec : -1;
}

int
main (int argc, char **argv)
{
  int n = argc > 3 ? atoi (argv[2]) : 0;
  g_autofree gint64 *usec = g_new0 (gint64, MAX (n, 1));
  struct rusage usage;

  if (n < 1)
    return 2;
  for (int i = 0; i < n; i++)
    if ((usec[i] = load (argv[3], strcmp (argv[1], "wrong") != 0)) < 0)
      {
        fprintf (stderr, "bench-topology: '%s' is not as expected\n", argv[3]);
        return 1;
      }
  qsort (usec, (size_t) n, sizeof *usec, compare);
  if (strcmp (argv[1], "memory") != 0)
    printf ("%" G_GINT64_FORMAT "\n", usec[n / 2]);
  else if (getrusage (RUSAGE_SELF, &usage) == 0)
    printf ("%ld\n", usage.ru_maxrss);
  return 0;
}
