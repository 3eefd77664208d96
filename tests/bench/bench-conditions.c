/* SPDX-License-Identifier: Apache-2.0 */
/* bench-conditions SWITCH — how exact a delay is, and what conditions cost
 *
 * A sender of 10,000 frames a second, each with the time it was sent at; a receiver that takes the difference. Then the
 * processor's time that the switch takes for each frame, with 10 ms of delay and 1 % of loss, and without.
 */
#include "bs-switch-protocol.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FRAMES 20000
#define PERIOD_NSEC 100000
#define DELAY_NSEC 10000000
#define LENGTH 1514
#define ROUNDS 5

typedef struct
{
  int machines[2];
  int control;
  pid_t pid;
} Lab;

static const char *switch_path;

static void
die (const char *what)
{
  perror (what);
  exit (1);
}

static int64_t
now_nsec (clockid_t clock)
{
  struct timespec t;

  clock_gettime (clock, &t);
  return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
ask (const Lab *lab, BsSwitchRequest *request, int fd)
{
  union
  {
    char bytes[CMSG_SPACE (sizeof (int))];
    struct cmsghdr align;
  } room = { 0 };
  struct iovec part = { request, sizeof *request };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  BsSwitchReply reply;

  request->version = BS_SWITCH_VERSION;
  request->size = sizeof *request;
  if (fd >= 0)
    {
      message.msg_control = &room;
      message.msg_controllen = sizeof room;
      *CMSG_FIRSTHDR (&message)
          = (struct cmsghdr){ .cmsg_len = CMSG_LEN (sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
      memcpy (CMSG_DATA (CMSG_FIRSTHDR (&message)), &fd, sizeof fd);
    }
  if (sendmsg (lab->control, &message, 0) < 0 || recv (lab->control, &reply, sizeof reply, 0) != sizeof reply
      || reply.result != 0)
    die ("the switch refuses");
}

static void
lab_start (Lab *lab)
{
  int control[2], memory = memfd_create ("memory", 0);

  if (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, control) != 0)
    die ("socketpair");
  lab->control = control[0];
  lab->pid = fork ();
  if (lab->pid == 0)
    {
      int first = fcntl (control[1], F_DUPFD, 10), second = fcntl (memory, F_DUPFD, 10);

      prctl (PR_SET_PDEATHSIG, SIGKILL);
      dup2 (first, 3);
      dup2 (second, 4);
      execl (switch_path, "benchscale-switch", "bench", NULL);
      die (switch_path);
    }
  for (uint32_t port = 0; port < 2; port++)
    {
      BsSwitchRequest request
          = { .op = BS_SWITCH_ADD_PORT,
              .port = port,
              .add = { .kind = BS_SWITCH_PORT_DGRAM, .mac = { 2, 0, 0, 0, 0, (uint8_t) (port + 1) } } };
      int pair[2];

      if (socketpair (AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        die ("socketpair");
      lab->machines[port] = pair[0];
      ask (lab, &request, pair[1]);
      close (pair[1]);
    }
  close (control[1]);
  close (memory);
}

static void
lab_stop (Lab *lab)
{
  kill (lab->pid, SIGKILL);
  waitpid (lab->pid, NULL, 0);
  close (lab->control);
  close (lab->machines[0]);
  close (lab->machines[1]);
}

static void
set (const Lab *lab, uint64_t delay, uint64_t loss)
{
  BsSwitchRequest request
      = { .op = BS_SWITCH_SET_WIRE,
          .wire = { .direction = BS_SWITCH_DIRECTION_OUT, .to = BS_SWITCH_ANY, .delay_nsec = delay, .loss = loss } };

  ask (lab, &request, -1);
}

/* In a process of its own: @burst frames each period of @period. */
static pid_t
start_sender (int machine, unsigned n, unsigned burst, int64_t period)
{
  static uint8_t frame[LENGTH] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };
  pid_t pid = fork ();
  int64_t next = now_nsec (CLOCK_MONOTONIC);

  if (pid != 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  prctl (PR_SET_TIMERSLACK, 1);
  for (unsigned i = 0; i < n; i++)
    {
      struct timespec until = { next / 1000000000, next % 1000000000 };
      int64_t now;

      if (i % burst == 0)
        {
          clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
          next += period * burst;
        }
      now = now_nsec (CLOCK_MONOTONIC);
      memcpy (frame + 16, &now, sizeof now);
      if (send (machine, frame, sizeof frame, 0) < 0)
        die ("send");
    }
  _exit (0);
}

/* Until none came for a while. Returns: how many */
static unsigned
receive (int machine, int64_t *delays, unsigned most)
{
  static uint8_t frame[LENGTH];
  struct timeval patience = { .tv_usec = 200000 };
  unsigned n = 0;

  setsockopt (machine, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  while (n < most && recv (machine, frame, sizeof frame, 0) > 0)
    {
      int64_t sent;

      memcpy (&sent, frame + 16, sizeof sent);
      delays[n++] = now_nsec (CLOCK_MONOTONIC) - sent;
    }
  return n;
}

static int
compare (const void *a, const void *b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

  return (x > y) - (x < y);
}

static void
bench_delay (void)
{
  static int64_t delays[FRAMES];
  double median, high;
  unsigned n;
  pid_t sender;
  Lab lab;

  lab_start (&lab);
  set (&lab, DELAY_NSEC, 0);
  sender = start_sender (lab.machines[0], FRAMES, 1, PERIOD_NSEC);
  n = receive (lab.machines[1], delays, FRAMES);
  waitpid (sender, NULL, 0);
  lab_stop (&lab);
  if (n == 0)
    die ("nothing came");
  qsort (delays, n, sizeof *delays, compare);
  median = (double) (delays[n / 2] - DELAY_NSEC) / 1000;
  high = (double) (delays[n * 99ull / 100] - DELAY_NSEC) / 1000;
  printf ("value delay-frames %u of %u\n", n, FRAMES);
  printf ("figure delay-error-median %.1f us goal <= 50 %s\n", median, median <= 50 ? "ok" : "short");
  printf ("figure delay-error-99th %.1f us goal <= 300 %s\n", high, high <= 300 ? "ok" : "short");
  fflush (stdout);
}

/* Returns: nanoseconds of the processor for each frame that was sent */
static double
measure_cost (uint64_t delay, uint64_t loss, unsigned burst)
{
  static int64_t delays[5 * FRAMES];
  clockid_t clock;
  int64_t before;
  double cost;
  pid_t sender;
  Lab lab;

  lab_start (&lab);
  set (&lab, delay, loss);
  clock_getcpuclockid (lab.pid, &clock);
  before = now_nsec (clock);
  sender = start_sender (lab.machines[0], 5 * FRAMES, burst, 20000);
  receive (lab.machines[1], delays, 5 * FRAMES);
  waitpid (sender, NULL, 0);
  cost = (double) (now_nsec (clock) - before) / (5 * FRAMES);
  lab_stop (&lab);
  return cost;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
bench_cost (unsigned burst)
{
  double plain[ROUNDS], with[ROUNDS], ratios[ROUNDS];

  for (int round = 0; round < ROUNDS; round++)
    {
      plain[round] = measure_cost (0, 0, burst);
      with[round] = measure_cost (DELAY_NSEC, BS_SWITCH_ALWAYS / 100, burst);
      ratios[round] = with[round] / plain[round];
    }
  qsort (plain, ROUNDS, sizeof *plain, compare_doubles);
  qsort (with, ROUNDS, sizeof *with, compare_doubles);
  qsort (ratios, ROUNDS, sizeof *ratios, compare_doubles);
  printf ("value cost-%u-plain %.0f ns\nvalue cost-%u-delay-and-loss %.0f ns\n", burst, plain[ROUNDS / 2], burst,
          with[ROUNDS / 2]);
  printf ("figure cost-%u-with-conditions %.2f ratio goal <= 2 %s\n", burst, ratios[ROUNDS / 2],
          ratios[ROUNDS / 2] <= 2 ? "ok" : "short");
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    return fprintf (stderr, "usage: bench-conditions SWITCH\n"), 2;
  switch_path = argv[1];
  bench_delay ();
  bench_cost (1);
  bench_cost (32);
  return 0;
}
