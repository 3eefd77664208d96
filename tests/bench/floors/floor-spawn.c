/* SPDX-License-Identifier: Apache-2.0 */
/* floor-spawn — how long posix_spawn and wait of a program take, here
 *
 *   floor-spawn N PROGRAM [ARGUMENT…]     prints the median of N runs in microseconds
 *
 * Runs inside a guest (linked statically): what `exec` cannot beat.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

int
main (int argc, char **argv)
{
  int n = argc > 2 ? atoi (argv[1]) : 0, status;
  double *usec = calloc ((size_t) n + 1, sizeof *usec);

  if (n < 1)
    return 2;
  for (int i = 0; i < n; i++)
    {
      struct timespec begin, end;
      pid_t pid;

      clock_gettime (CLOCK_MONOTONIC, &begin);
      if (posix_spawnp (&pid, argv[2], NULL, NULL, argv + 2, environ) != 0 || waitpid (pid, &status, 0) != pid)
        return 1;
      clock_gettime (CLOCK_MONOTONIC, &end);
      usec[i] = (double) (end.tv_sec - begin.tv_sec) * 1e6 + (double) (end.tv_nsec - begin.tv_nsec) / 1e3;
    }
  qsort (usec, (size_t) n, sizeof *usec, compare);
  printf ("%.0f\n", usec[n / 2]);
  return 0;
}
