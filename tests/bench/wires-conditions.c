/* SPDX-License-Identifier: Apache-2.0 */
#include "wires-conditions.h"

#include "wires-load.h"
#include "wires-switch.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC INT64_C (1000000000)
#define DELAY_PACKETS 20000
#define DELAY_PERIOD_NSEC 100000
#define DELAY_USEC 10000
#define RATE_PAYLOAD 1458 /* a frame of 1500 bytes */
#define RATE_FRAME 1500
#define RATE_PERIOD_NSEC 2000000
#define RATE_SKIP_NSEC (NSEC_PER_SEC / 2) /* what the bucket held at first */
#define RATE_NSEC (2 * NSEC_PER_SEC)
#define SEEDS 50
#define LOSS_FRAMES 5000
#define LOSS 0.01

static int64_t
now_nsec (clockid_t clock)
{
  struct timespec t;

  clock_gettime (clock, &t);
  return (int64_t) t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static void
sleep_until (int64_t nsec)
{
  struct timespec t = { .tv_sec = nsec / NSEC_PER_SEC, .tv_nsec = nsec % NSEC_PER_SEC };

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
    ;
}

static void
set_wire (int control, BsSwitchWire wire)
{
  BsSwitchRequest request = { .op = BS_SWITCH_SET_WIRE, .port = 0, .wire = wire };

  request.wire.direction = BS_SWITCH_DIRECTION_OUT;
  request.wire.to = BS_SWITCH_ANY;
  switch_ask (control, &request, -1);
}

/* Returns: length, and when the kernel took it from the wire; -1 when nothing comes any more */
static ssize_t
receive_at (int fd, void *data, size_t room, int64_t *nsec)
{
  union
  {
    char bytes[CMSG_SPACE (sizeof (struct timespec))];
    struct cmsghdr align;
  } control;
  struct iovec part = { data, room };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  struct pollfd entry = { .fd = fd, .events = POLLIN };
  struct timespec t;
  ssize_t n;

  if (poll (&entry, 1, 500) != 1)
    return -1;
  n = recvmsg (fd, &message, 0);
  if (n < 0 || CMSG_FIRSTHDR (&message) == NULL)
    die ("recvmsg");
  memcpy (&t, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof t);
  *nsec = (int64_t) t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
  return n;
}

static void
open_ends (int *from, int *to)
{
  int on = 1;

  load_make_pair (WAY_SWITCH, from, to);
  if (setsockopt (*to, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
    die ("SO_TIMESTAMPNS");
}

static void
send_stamps (int fd)
{
  int64_t next = now_nsec (CLOCK_MONOTONIC);

  for (int i = 0; i < DELAY_PACKETS; i++)
    {
      int64_t now;

      sleep_until (next);
      next += DELAY_PERIOD_NSEC;
      now = now_nsec (CLOCK_REALTIME);
      if (send (fd, &now, sizeof now, 0) < 0)
        _exit (1);
    }
  _exit (0);
}

/* On a busy machine, what is measured would be who waits for a processor: the switch and both ends go first. */
static void
go_first (int policy)
{
  const struct sched_param parameter = { .sched_priority = policy == SCHED_RR ? 1 : 0 };

  if (sched_setscheduler (0, policy, &parameter) != 0
      || sched_setscheduler (paths[WAY_SWITCH].carriers[0], policy, &parameter) != 0)
    die ("sched_setscheduler");
}

void
bench_declared_delay (void)
{
  static double usec[DELAY_PACKETS];
  int from, to, n = 0;
  int64_t sent, at;
  pid_t sender;
  double error, tail;

  go_first (SCHED_RR);
  set_wire (paths[WAY_SWITCH].control, (BsSwitchWire){ .delay_nsec = DELAY_USEC * 1000 });
  open_ends (&from, &to);
  sender = fork_child ();
  if (sender == 0)
    send_stamps (from);
  while (n < DELAY_PACKETS && receive_at (to, &sent, sizeof sent, &at) == sizeof sent)
    usec[n++] = (double) (at - sent) / 1e3;
  end_child (sender);
  close (from);
  close (to);
  set_wire (paths[WAY_SWITCH].control, (BsSwitchWire){ 0 });
  go_first (SCHED_OTHER);
  if (n < DELAY_PACKETS * 9 / 10)
    {
      printf ("broken declared-delay: only %d of %d packets came\n", n, DELAY_PACKETS);
      return;
    }
  error = fabs (median (usec, (size_t) n) - DELAY_USEC);
  tail = usec[n * 99 / 100] - DELAY_USEC;
  printf ("figure declared-delay-median-error %.1f us goal <= 50 %s\n", error, error <= 50 ? "ok" : "short");
  printf ("figure declared-delay-p99-error %.1f us goal <= 300 %s\n", tail, tail <= 300 ? "ok" : "short");
}

/* A quarter more than @rate. */
static void
send_too_much (int fd, double rate)
{
  static char payload[RATE_PAYLOAD];
  double owed = 0, each = rate * 1.25 / 8 * RATE_PERIOD_NSEC / NSEC_PER_SEC / RATE_FRAME;
  int64_t next = now_nsec (CLOCK_MONOTONIC);

  for (;;)
    {
      for (owed += each; owed >= 1; owed--)
        if (send (fd, payload, sizeof payload, 0) < 0 && errno != ENOBUFS)
          _exit (1);
      next += RATE_PERIOD_NSEC;
      sleep_until (next);
    }
}

/* Returns: bit/s of Ethernet frames */
static double
measure_rate (double rate)
{
  static char payload[RATE_PAYLOAD];
  int64_t first = 0, last = 0, at, begin;
  double bytes = 0;
  int from, to;
  pid_t sender;

  open_ends (&from, &to);
  begin = now_nsec (CLOCK_REALTIME);
  sender = fork_child ();
  if (sender == 0)
    send_too_much (from, rate);
  while (last < begin + RATE_SKIP_NSEC + RATE_NSEC && receive_at (to, payload, sizeof payload, &at) > 0)
    if (at >= begin + RATE_SKIP_NSEC)
      {
        bytes += first != 0 ? RATE_FRAME : 0;
        first = first != 0 ? first : at;
        last = at;
      }
  end_child (sender);
  close (from);
  close (to);
  return last > first ? bytes * 8 / (double) (last - first) * 1e9 : 0;
}

void
bench_declared_rates (void)
{
  static const struct
  {
    const char *name;
    uint64_t rate;
  } rates[] = { { "1M", 1000000 }, { "10M", 10000000 }, { "100M", 100000000 }, { "1G", 1000000000 } };

  go_first (SCHED_RR);
  for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++)
    {
      double rate = (double) rates[i].rate, error;

      set_wire (paths[WAY_SWITCH].control, (BsSwitchWire){ .rate = rates[i].rate, .queue_bytes = 512 << 10 });
      error = (measure_rate (rate) / rate - 1) * 100;
      printf ("figure declared-rate-%s-error %.2f %% goal <= 1 %s\n", rates[i].name, error,
              fabs (error) <= 1 ? "ok" : "short");
      fflush (stdout);
    }
  set_wire (paths[WAY_SWITCH].control, (BsSwitchWire){ 0 });
  go_first (SCHED_OTHER);
}

/* Whether @k of @n is in the middle 95 % of a binomial distribution. */
static int
is_plausible (int k, int n, double p)
{
  double below = 0, upto = 0;

  for (int i = 0; i <= k; i++)
    {
      double chance = exp (lgamma (n + 1) - lgamma (i + 1) - lgamma (n - i + 1) + i * log (p) + (n - i) * log (1 - p));

      below = upto;
      upto += chance;
    }
  return upto > 0.025 && below < 0.975;
}

static void
drain (int fd)
{
  char frame[64];

  while (recv (fd, frame, sizeof frame, MSG_DONTWAIT) > 0)
    ;
}

/* By the switch's counters: what a receiver that is not scheduled in time misses is no loss that was declared. */
static int
count_lost (const BsSwitchPortCounters *counters, int from, int to)
{
  static const uint8_t frame[64] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0x88, 0xb5 };
  const volatile uint64_t *rx = &counters->rx_packets, *lost = &counters->drops[BS_SWITCH_DROP_LOSS];
  uint64_t end = *rx + LOSS_FRAMES, before = *lost;

  for (int i = 0; i < LOSS_FRAMES; i++)
    {
      if (send (from, frame, sizeof frame, 0) < 0)
        die ("send");
      drain (to);
    }
  while (*rx < end)
    usleep (100);
  usleep (1000); /* the last batch was read, and is judged */
  drain (to);
  return (int) (*lost - before);
}

void
bench_declared_loss (void)
{
  int control, inside = 0, machines[2];
  pid_t pid = switch_start (&control);
  const BsSwitchPortCounters *counters;

  for (uint32_t i = 0; i < 2; i++)
    {
      int ends[2];

      if (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0)
        die ("socketpair");
      machines[i] = ends[0];
      switch_add (control, i, 0, BS_SWITCH_PORT_DGRAM, 0, ends[1]);
      close (ends[1]);
    }
  counters = switch_memory (pid)->ports;
  for (uint64_t seed = 1; seed <= SEEDS; seed++)
    {
      set_wire (control, (BsSwitchWire){ .loss = (uint64_t) (LOSS * (double) BS_SWITCH_ALWAYS), .seed = seed });
      inside += is_plausible (count_lost (counters, machines[0], machines[1]), LOSS_FRAMES, LOSS);
    }
  end_child (pid);
  close (control);
  close (machines[0]);
  close (machines[1]);
  printf ("figure declared-loss-seeds %d of-%d goal >= 43 %s\n", inside, SEEDS, inside >= 43 ? "ok" : "short");
}
