/* SPDX-License-Identifier: Apache-2.0 */
/* floor-stream — one TCP stream, as fast as it goes
 *
 *   floor-stream receive PORT                takes one connection and prints its bytes a second
 *   floor-stream send HOST PORT SECONDS      sends for that long, waits until all was taken, prints bytes a second
 *
 * HOST is a numeric IPv4 address. Needs nothing but the kernel, so that it runs in any guest (linked statically).
 * The output is one line, a whole number of bytes a second; the receiver's clock runs from the first byte to the last.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buffer[128 * 1024];

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static int
fail (const char *what)
{
  fprintf (stderr, "floor-stream: ");
  perror (what);
  return 1;
}

static int
print_rate (uint64_t bytes, double seconds)
{
  return printf ("%.0f\n", seconds > 0 ? (double) bytes / seconds : 0.0) < 0;
}

static int
receive_stream (int connection)
{
  uint64_t bytes = 0;
  double begin = 0, end = 0;
  ssize_t n;

  while ((n = read (connection, buffer, sizeof buffer)) > 0)
    {
      end = now ();
      if (bytes == 0)
        begin = end;
      bytes += (uint64_t) n;
    }
  if (n < 0)
    return fail ("read");
  return print_rate (bytes, end - begin);
}

static int
run_receive (const char *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) atoi (port)) };
  int fd = socket (AF_INET, SOCK_STREAM, 0), yes = 1, connection;

  if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
    return fail ("socket");
  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || listen (fd, 1) != 0)
    return fail ("listen");
  connection = accept (fd, NULL, NULL);
  if (connection < 0)
    return fail ("accept");
  return receive_stream (connection);
}

/* The peer closes after it has read all: only then is what was sent also carried. */
static int
send_stream (int connection, double seconds)
{
  double begin = now ();
  uint64_t bytes = 0;

  while (now () - begin < seconds)
    {
      ssize_t n = write (connection, buffer, sizeof buffer);

      if (n < 0)
        return fail ("write");
      bytes += (uint64_t) n;
    }
  shutdown (connection, SHUT_WR);
  if (read (connection, buffer, 1) < 0)
    return fail ("read");
  return print_rate (bytes, now () - begin);
}

static int
run_send (const char *host, const char *port, const char *seconds)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) atoi (port)) };
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  if (inet_pton (AF_INET, host, &address.sin_addr) != 1)
    return fprintf (stderr, "floor-stream: '%s' is no IPv4 address\n", host), 2;
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    return fail ("connect");
  return send_stream (fd, atof (seconds));
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  if (argc == 3 && strcmp (argv[1], "receive") == 0)
    return run_receive (argv[2]);
  if (argc == 5 && strcmp (argv[1], "send") == 0)
    return run_send (argv[2], argv[3], argv[4]);
  fprintf (stderr, "usage: floor-stream receive PORT | floor-stream send HOST PORT SECONDS\n");
  return 2;
}
