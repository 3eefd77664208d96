/* SPDX-License-Identifier: Apache-2.0 */
#include "wires-load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WARM_USEC 100000
#define MEASURE_USEC 400000
#define TRIPS 3000
#define CHUNK (256u << 10)
#define UDP_PAYLOAD 22 /* a frame of 64 bytes */
#define UDP_BATCH 32
#define UDP_SEGMENTS 40 /* that the sender hands to its kernel at once, so that it is not the slowest of all */

const char *load_congestion_control;

static uint64_t *received; /* shared with the receiver: bytes or packets */
static char buffer[CHUNK];
static uint16_t next_port = 20000;

void
load_init (void)
{
  received = mmap (NULL, sizeof *received, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (received == MAP_FAILED)
    die ("mmap");
}

double
now_usec (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

double
median (double *values, size_t n)
{
  qsort (values, n, sizeof *values, compare);
  return values[n / 2];
}

static int
make_socket (int type, Way way, int which, uint16_t port)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = net_address (way, which) };
  int fd, big = 4 << 20;

  net_enter (which);
  fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) != 0)
    die ("cannot make a socket");
  if (type == SOCK_DGRAM)
    setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big);
  else if (load_congestion_control != NULL)
    setsockopt (fd, IPPROTO_TCP, TCP_CONGESTION, load_congestion_control, strlen (load_congestion_control));
  net_enter (2);
  return fd;
}

static void
connect_to (int fd, Way way, int which, uint16_t port)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = net_address (way, which) };

  if (connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    die ("connect");
}

void
load_make_pair (Way way, int *from, int *to)
{
  uint16_t port = next_port++;

  *to = make_socket (SOCK_DGRAM, way, 1, port);
  *from = make_socket (SOCK_DGRAM, way, 0, port);
  connect_to (*from, way, 1, port);
  connect_to (*to, way, 0, port);
}

static void
count_bytes (int listener)
{
  int fd = accept (listener, NULL, NULL);
  ssize_t n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    __atomic_store_n (received, *received + (uint64_t) n, __ATOMIC_RELAXED);
  _exit (1);
}

static void
count_packets (int fd)
{
  struct iovec parts[UDP_BATCH];
  struct mmsghdr messages[UDP_BATCH];
  int n;

  for (int i = 0; i < UDP_BATCH; i++)
    {
      parts[i] = (struct iovec){ buffer + i * 64, 64 };
      messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
    }
  while ((n = recvmmsg (fd, messages, UDP_BATCH, MSG_WAITFORONE, NULL)) > 0)
    __atomic_store_n (received, *received + (uint64_t) n, __ATOMIC_RELAXED);
  _exit (1);
}

static void
send_for_ever (int fd, size_t length)
{
  while (send (fd, buffer, length, 0) >= 0 || errno == ENOBUFS)
    ;
  _exit (1);
}

/* Returns: what is counted in a second */
static double
measure (pid_t receiver, pid_t sender)
{
  uint64_t first;
  double begin, rate;

  usleep (WARM_USEC);
  begin = now_usec ();
  first = __atomic_load_n (received, __ATOMIC_RELAXED);
  usleep (MEASURE_USEC);
  rate = (double) (__atomic_load_n (received, __ATOMIC_RELAXED) - first) / (now_usec () - begin) * 1e6;
  end_child (sender);
  end_child (receiver);
  return rate;
}

double
measure_tcp (Way way)
{
  uint16_t port = next_port++;
  int listener = make_socket (SOCK_STREAM, way, 1, port), fd = make_socket (SOCK_STREAM, way, 0, port);
  pid_t receiver, sender;

  *received = 0;
  if (listen (listener, 1) != 0)
    die ("listen");
  receiver = fork_child ();
  if (receiver == 0)
    count_bytes (listener);
  connect_to (fd, way, 1, port);
  sender = fork_child ();
  if (sender == 0)
    send_for_ever (fd, CHUNK);
  close (fd);
  close (listener);
  return measure (receiver, sender) * 8 / 1e9;
}

double
measure_udp (Way way)
{
  const int segment = UDP_PAYLOAD;
  int from, to;
  pid_t receiver, sender;

  load_make_pair (way, &from, &to);
  if (setsockopt (from, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0)
    die ("UDP_SEGMENT");
  *received = 0;
  receiver = fork_child ();
  if (receiver == 0)
    count_packets (to);
  sender = fork_child ();
  if (sender == 0)
    send_for_ever (from, UDP_SEGMENTS * UDP_PAYLOAD);
  close (from);
  close (to);
  return measure (receiver, sender);
}

static void
echo_for_ever (int fd)
{
  ssize_t n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) >= 0 && send (fd, buffer, (size_t) n, 0) >= 0)
    ;
  _exit (1);
}

/* The first may take long: both ask for the other's address. Returns: microseconds, or less than 0 */
static double
trip (int fd)
{
  struct pollfd entry = { .fd = fd, .events = POLLIN };
  double begin = now_usec ();

  if (send (fd, buffer, UDP_PAYLOAD, 0) < 0)
    die ("send");
  if (poll (&entry, 1, 3000) != 1 || recv (fd, buffer, sizeof buffer, 0) < 0)
    return -1;
  return now_usec () - begin;
}

double
measure_delay (Way way)
{
  static double trips[TRIPS];
  int from, to;
  pid_t echo;

  load_make_pair (way, &from, &to);
  echo = fork_child ();
  if (echo == 0)
    echo_for_ever (to);
  for (int i = -10; i < TRIPS; i++)
    trips[i < 0 ? 0 : i] = trip (from) / 2;
  end_child (echo);
  close (from);
  close (to);
  return median (trips, TRIPS);
}
