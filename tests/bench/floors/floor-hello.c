/* SPDX-License-Identifier: Apache-2.0 */
/* floor-hello — wait for the hello of machines, the bare way
 *
 *   floor-hello SOCKET…      opens a session on each guest channel as soon as it is there; ends when all have answered
 *
 * Shares no code with the product: the few bytes of the opening are written down here again (docs/guest-protocol.md).
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ZEROS (65536 + 24)
#define OPENING 24 /* magic and nonce */

static const unsigned char opening[OPENING]
    = { 'b', 'S', 0xf5, 'g', 'u', 'e', 's', 't', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

typedef struct
{
  int fd;
  size_t sent, matched;
} Machine;

static unsigned char outgoing[ZEROS + OPENING];

static int
connect_when_there (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int tries;

  strncpy (address.sun_path, path, sizeof address.sun_path - 1);
  for (tries = 0; tries < 10000; tries++)
    {
      struct timespec pause = { .tv_nsec = 2000000 };

      if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
        {
          fcntl (fd, F_SETFL, O_NONBLOCK);
          return fd;
        }
      nanosleep (&pause, NULL);
    }
  perror (path);
  exit (1);
}

/* The machine's bytes: ready once the opening came back whole. */
static void
scan (Machine *machine, const unsigned char *data, ssize_t n)
{
  for (ssize_t i = 0; i < n && machine->matched < OPENING; i++)
    if (data[i] == opening[machine->matched])
      machine->matched++;
    else
      machine->matched = data[i] == opening[0];
}

int
main (int argc, char **argv)
{
  static unsigned char data[65536];
  int n = argc - 1, waiting = n;
  Machine *machines = calloc ((size_t) n, sizeof *machines);
  struct pollfd *items = calloc ((size_t) n, sizeof *items);

  memcpy (outgoing + ZEROS, opening, OPENING);
  for (int i = 0; i < n; i++)
    machines[i].fd = connect_when_there (argv[1 + i]);
  while (waiting > 0)
    {
      for (int i = 0; i < n; i++)
        {
          items[i].fd = machines[i].matched < OPENING ? machines[i].fd : -1;
          items[i].events = (short) (POLLIN | (machines[i].sent < sizeof outgoing ? POLLOUT : 0));
        }
      poll (items, (nfds_t) n, -1);
      for (int i = 0; i < n; i++)
        {
          ssize_t got;

          if (items[i].fd < 0 || items[i].revents == 0)
            continue;
          if (items[i].revents & POLLOUT)
            {
              got = write (machines[i].fd, outgoing + machines[i].sent, sizeof outgoing - machines[i].sent);
              machines[i].sent += got > 0 ? (size_t) got : 0;
            }
          if (items[i].revents & (POLLIN | POLLHUP))
            {
              got = read (machines[i].fd, data, sizeof data);
              if (got == 0)
                return fprintf (stderr, "floor-hello: %s ended\n", argv[1 + i]), 1;
              scan (&machines[i], data, got);
              waiting -= machines[i].matched == OPENING;
            }
        }
    }
  return 0;
}
