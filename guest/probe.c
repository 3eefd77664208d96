/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c — benchscale-guest probe: measures the path to another node, for `benchscale net verify`
 *
 * Run in two nodes at once, as commands, never as part of the channel's session. Numbered UDP datagrams go there and
 * come back; both ends write down when by their own monotonic clock, and print that at the end. What it means is the
 * host's to find out, also how far the two clocks are apart: `clock` answers each byte of standard input with the time.
 *
 *   echo PORT                               prints "ready"; at the end of standard input a line "SEQ RECEIVED SENT"
 *                                           for each datagram, then "flood BYTES FIRST LAST" for each of its tenths
 *   send ADDRESS PORT COUNT USEC BYTES      prints "SEQ SENT RECEIVED" for each; 0: did not come back
 *   flood ADDRESS PORT BITS_PER_SEC MSEC BYTES   sends evenly; prints "sent BYTES"
 *   clock                                   prints the time for each byte that it reads
 */
#include "guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x62737072
#define COUNT_MAX 100000
#define BYTES_MIN 64
#define BYTES_MAX 1400
#define TENTHS 10
#define WARM_UP 99 /* as `tenth`: to be sent back, and nothing else */
#define WARM_UP_USEC 2000000
#define AFTER_USEC 2000000 /* how long the last one may be on its way, besides twice what a first one took */

typedef struct
{
  uint32_t magic;
  uint32_t sequence;
  uint32_t tenth; /* of a flood, from 1; 0: to be sent back */
  uint32_t reserved;
} Head;

typedef struct
{
  int64_t there, back; /* nanoseconds; 0: never */
} Times;

typedef struct
{
  uint64_t bytes;
  int64_t first, last;
} Tenth;

static Times times[COUNT_MAX];
static Tenth tenths[TENTHS];
static uint8_t buffer[65536];

static int64_t
now_nsec (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
wait_until (int64_t when_nsec)
{
  struct timespec until = { when_nsec / 1000000000, (long) (when_nsec % 1000000000) };

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
    ;
}

static int
fail (const char *what)
{
  fprintf (stderr, "probe: %s: %s\n", what, strerror (errno));
  return 1;
}

static void
count_flood (const Head *head, size_t length)
{
  Tenth *tenth = &tenths[head->tenth - 1];

  tenth->last = now_nsec ();
  if (tenth->first == 0)
    tenth->first = tenth->last; /* the rate is of what follows the first */
  else
    tenth->bytes += length + 42; /* Ethernet, IPv4 and UDP before it */
}

static void
answer (int fd)
{
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  ssize_t n = recvfrom (fd, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *) &peer, &size);
  Head head;

  if (n < (ssize_t) sizeof head)
    return;
  memcpy (&head, buffer, sizeof head);
  if (head.magic != MAGIC)
    return;
  if (head.tenth == WARM_UP)
    sendto (fd, buffer, (size_t) n, MSG_DONTWAIT, (struct sockaddr *) &peer, size);
  if (head.tenth >= 1 && head.tenth <= TENTHS)
    count_flood (&head, (size_t) n);
  if (head.tenth != 0 || head.sequence >= COUNT_MAX || times[head.sequence].there != 0)
    return; /* a duplicate is not answered twice */
  times[head.sequence].there = now_nsec ();
  sendto (fd, buffer, (size_t) n, MSG_DONTWAIT, (struct sockaddr *) &peer, size);
  times[head.sequence].back = now_nsec ();
}

static int
echo (uint16_t port)
{
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 4 << 20;
  struct pollfd items[2] = { { .fd = fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };

  if (fd < 0 || bind (fd, (struct sockaddr *) &own, sizeof own) != 0)
    return fail ("cannot listen");
  setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  puts ("ready");
  fflush (stdout);
  while (items[1].revents == 0)
    {
      if (poll (items, 2, -1) < 0 && errno != EINTR)
        return fail ("cannot wait");
      if (items[0].revents != 0)
        answer (fd);
    }
  for (unsigned i = 0; i < COUNT_MAX; i++)
    if (times[i].there != 0)
      printf ("%u %lld %lld\n", i, (long long) times[i].there, (long long) times[i].back);
  for (unsigned i = 0; i < TENTHS; i++)
    if (tenths[i].bytes != 0)
      printf ("flood %llu %lld %lld\n", (unsigned long long) tenths[i].bytes, (long long) tenths[i].first,
              (long long) tenths[i].last);
  return fflush (stdout) != 0;
}

static int
open_to (const char *address, uint16_t port)
{
  struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (inet_pton (AF_INET, address, &peer.sin_addr) != 1 || connect (fd, (struct sockaddr *) &peer, sizeof peer) != 0)
    return -1;
  return fd;
}

/* So that both know the other's hardware address: what is lost of asking for that is none of the measurement's.
 * Returns: nanoseconds until the first came back, or that none did */
static int64_t
warm_up (int fd)
{
  const Head head = { .magic = MAGIC, .tenth = WARM_UP };
  int64_t begin = now_nsec ();
  struct pollfd item = { .fd = fd, .events = POLLIN };

  while (now_nsec () < begin + WARM_UP_USEC * 1000LL)
    {
      send (fd, &head, sizeof head, MSG_DONTWAIT);
      if (poll (&item, 1, 100) > 0 && recv (fd, buffer, sizeof buffer, MSG_DONTWAIT) == (ssize_t) sizeof head)
        break;
    }
  return now_nsec () - begin;
}

/* Returns: how many came */
static unsigned
collect (int fd, int64_t until_nsec)
{
  struct pollfd item = { .fd = fd, .events = POLLIN };
  unsigned n = 0;

  for (;;)
    {
      int64_t left = until_nsec - now_nsec ();
      struct timespec timeout = { left > 0 ? left / 1000000000 : 0, left > 0 ? (long) (left % 1000000000) : 0 };
      Head head;

      if (ppoll (&item, 1, &timeout, NULL) <= 0)
        return n;
      if (recv (fd, buffer, sizeof buffer, MSG_DONTWAIT) < (ssize_t) sizeof head)
        continue; /* refused: its errors come here, too */
      memcpy (&head, buffer, sizeof head);
      if (head.magic != MAGIC || head.tenth != 0 || head.sequence >= COUNT_MAX || times[head.sequence].there == 0
          || times[head.sequence].back != 0)
        continue;
      times[head.sequence].back = now_nsec ();
      n++;
    }
}

static int
send_probes (int fd, unsigned count, int64_t interval_nsec, unsigned length)
{
  unsigned came = 0;
  int64_t first = warm_up (fd), begin = now_nsec ();

  for (unsigned i = 0; i < count; i++)
    {
      Head head = { .magic = MAGIC, .sequence = i };

      memset (buffer, 0, length);
      memcpy (buffer, &head, sizeof head);
      times[i].there = now_nsec ();
      send (fd, buffer, length, MSG_DONTWAIT);
      came += collect (fd, begin + (i + 1) * interval_nsec);
    }
  for (int64_t end = now_nsec () + AFTER_USEC * 1000LL + 2 * first; came < count && now_nsec () < end;)
    came += collect (fd, now_nsec () + 50000000);
  for (unsigned i = 0; i < count; i++)
    printf ("%u %lld %lld\n", i, (long long) times[i].there, (long long) times[i].back);
  return fflush (stdout) != 0;
}

static int
flood (int fd, uint64_t rate, int64_t length_nsec, unsigned length)
{
  int64_t begin, gap = (int64_t) ((length + 42) * 8000000000ULL / rate), due;
  uint64_t sent = 0;

  warm_up (fd);
  begin = due = now_nsec ();
  while (due < begin + length_nsec)
    {
      Head head = { .magic = MAGIC, .tenth = 1 + (uint32_t) ((due - begin) * TENTHS / length_nsec) };

      if (due > now_nsec () + 200000)
        wait_until (due);
      memcpy (buffer, &head, sizeof head);
      if (send (fd, buffer, length, 0) == (ssize_t) length)
        sent += length + 42;
      due += gap;
      if (now_nsec () > begin + length_nsec + length_nsec / 2)
        break; /* this machine cannot send so much */
    }
  printf ("sent %llu %lld\n", (unsigned long long) sent, (long long) (now_nsec () - begin));
  return fflush (stdout) != 0;
}

static int
tell_time (void)
{
  char byte;

  while (read (STDIN_FILENO, &byte, 1) == 1)
    if (printf ("%lld\n", (long long) now_nsec ()) < 0 || fflush (stdout) != 0)
      return 1;
  return 0;
}

/* A number from @low to @high, or 0. */
static uint64_t
number (const char *text, uint64_t low, uint64_t high)
{
  char *end;
  unsigned long long value = strtoull (text, &end, 10);

  return *end == '\0' && end != text && value >= low && value <= high ? value : 0;
}

int
guest_probe (int argc, char **argv)
{
  uint16_t port = argc > 1 ? (uint16_t) number (argv[argc > 2 ? 2 : 1], 1, 65535) : 0;
  uint64_t first = argc > 3 ? number (argv[3], 1, 1000000000000) : 0;
  uint64_t second = argc > 4 ? number (argv[4], 1, 60000000) : 0;
  unsigned length = argc > 5 ? (unsigned) number (argv[5], BYTES_MIN, BYTES_MAX) : 0;
  int fd;

  if (argc == 1 && strcmp (argv[0], "clock") == 0)
    return tell_time ();
  if (argc == 2 && strcmp (argv[0], "echo") == 0 && port != 0)
    return echo (port);
  if (argc != 6 || port == 0 || first == 0 || second == 0 || length == 0)
    return fprintf (stderr, "probe: unknown arguments\n"), 2;
  fd = open_to (argv[1], port);
  if (fd < 0)
    return fail (argv[1]);
  if (strcmp (argv[0], "send") == 0 && first <= COUNT_MAX)
    return send_probes (fd, (unsigned) first, (int64_t) second * 1000, length);
  if (strcmp (argv[0], "flood") == 0)
    return flood (fd, first, (int64_t) second * 1000000, length);
  return fprintf (stderr, "probe: unknown arguments\n"), 2;
}
