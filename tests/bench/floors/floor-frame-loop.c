/* SPDX-License-Identifier: Apache-2.0 */
/* floor-frame-loop FD FD — carries datagrams between two sockets, in the fewest steps: one read and one write each
 *
 * One blocking process a direction, no poll, no look at the packet, no queue: whoever reads slowly holds up the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

static char packet[65536 + 64]; /* the longest frame, and a header before it */

static int
carry (int from, int to)
{
  ssize_t n;

  while ((n = read (from, packet, sizeof packet)) >= 0)
    if (write (to, packet, (size_t) n) < 0)
      break;
  perror ("floor-frame-loop");
  return 1;
}

int
main (int argc, char **argv)
{
  pid_t child;

  if (argc != 3)
    return fprintf (stderr, "usage: floor-frame-loop FD FD\n"), 2;
  child = fork ();
  if (child < 0)
    return perror ("fork"), 1;
  if (child == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      return carry (atoi (argv[2]), atoi (argv[1]));
    }
  return carry (atoi (argv[1]), atoi (argv[2]));
}
