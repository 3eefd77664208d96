/* SPDX-License-Identifier: Apache-2.0 */
/* floor-back-to-back — stands in for QEMU and joins two machines by one socket pair, with nothing between
 *
 *   floor-back-to-back QEMU-ARGUMENTS…
 *
 * The machine whose tag ends in ":n1" makes the pair, keeps one end as descriptor 10 (where its -netdev dgram looks)
 * and the other as 11, and leaves its process id in the file pair.pid of the current folder; the other machine fetches
 * that other end from it with pidfd_getfd(2) as its own descriptor 10. Then both become the real QEMU.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define OWN 10
#define OTHER 11

static int
has_suffix (const char *text, const char *suffix)
{
  size_t n = strlen (text), m = strlen (suffix);

  return n >= m && strcmp (text + n - m, suffix) == 0;
}

static void
make_pair (void)
{
  int ends[2], size = 1 << 20;
  FILE *file;

  if (socketpair (AF_UNIX, SOCK_DGRAM, 0, ends) != 0)
    exit (1);
  for (int i = 0; i < 2; i++)
    setsockopt (ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (dup2 (ends[0], 110) < 0 || dup2 (ends[1], 111) < 0 || dup2 (110, OWN) < 0 || dup2 (111, OTHER) < 0)
    exit (1);
  file = fopen ("pair.tmp", "w");
  if (file == NULL || fprintf (file, "%d", (int) getpid ()) < 0 || fclose (file) != 0
      || rename ("pair.tmp", "pair.pid") != 0)
    exit (1);
}

static void
fetch_other (void)
{
  struct timespec pause = { .tv_nsec = 5000000 };
  FILE *file;
  int pid = 0, pidfd, fd;

  while ((file = fopen ("pair.pid", "r")) == NULL)
    nanosleep (&pause, NULL);
  if (fscanf (file, "%d", &pid) != 1)
    exit (1);
  pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  fd = (int) syscall (SYS_pidfd_getfd, pidfd, OTHER, 0);
  if (fd < 0 || dup2 (fd, OWN) < 0)
    exit (1);
}

int
main (int argc, char **argv)
{
  int first = 0, runs = 1;

  for (int i = 1; i < argc; i++)
    {
      first |= has_suffix (argv[i], ":n1");
      runs &= strstr (argv[i], "version") == NULL;
    }
  if (runs && first)
    make_pair ();
  else if (runs)
    fetch_other ();
  argv[0] = (char *) "qemu-system-x86_64";
  execvp (argv[0], argv);
  perror (argv[0]);
  return 1;
}
