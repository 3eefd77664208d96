/* SPDX-License-Identifier: Apache-2.0 */
/* bench-frames SWITCH LOOP — frames from one process to another: straight, through a minimal loop, through the switch
 *
 * Throughput: a sender that never rests, a receiver that counts what arrives (one blocking call a frame each, as a QEMU
 * does it). Delay: a frame goes there and back on an idle machine; half of the round trip. The three ways take turns,
 * and each ratio is of one round, so that what else runs here hits them alike; medians are printed: *   floor NAME
 * VALUE UNIT     value NAME VALUE UNIT (of the switch) figure NAME VALUE UNIT goal <=|>= NUMBER ok|short
 */
#include "bs-switch-protocol.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 9
#define WARM_USEC 30000
#define MEASURE_USEC 200000
#define TRIPS 4000

typedef enum
{
  WAY_DIRECT,
  WAY_LOOP,
  WAY_SWITCH,
  WAYS,
} Way;

static const char *const way_names[WAYS] = { "direct", "loop", "switch" };
static const char *const way_words[WAYS] = { "floor", "floor", "value" };
static const char *switch_path, *loop_path;
static uint64_t *received; /* shared with the receiver */
static uint8_t frame[BS_SWITCH_FRAME_MAX];

/* A way is set up: the ends are what two machines would hold. */
typedef struct
{
  int ends[2];
  pid_t carrier; /* 0: none */
  int control;   /* -1: none */
} Path;

static void
die (const char *what)
{
  perror (what);
  exit (1);
}

static double
now_usec (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

static pid_t
fork_child (void)
{
  pid_t pid = fork ();

  if (pid < 0)
    die ("fork");
  if (pid == 0)
    prctl (PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

static void
end_child (pid_t pid)
{
  if (pid <= 0)
    return;
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

/* In the child: @first and @second become 3 and 4. */
static void
exec_with (const char *program, const char *const *argv, int first, int second)
{
  first = fcntl (first, F_DUPFD, 10);
  second = fcntl (second, F_DUPFD, 10);
  dup2 (first, 3);
  dup2 (second, 4);
  execv (program, (char *const *) argv);
  die (program);
}

static void
add_port (int control, uint32_t port, int end)
{
  BsSwitchRequest request = { .version = BS_SWITCH_VERSION,
                              .size = sizeof request,
                              .op = BS_SWITCH_ADD_PORT,
                              .port = port,
                              .add = { .kind = BS_SWITCH_PORT_DGRAM, .mac = { 2, 0, 0, 0, 0, (uint8_t) (port + 1) } } };
  BsSwitchReply reply;
  union
  {
    char bytes[CMSG_SPACE (sizeof (int))];
    struct cmsghdr align;
  } room = { 0 };
  struct iovec part = { &request, sizeof request };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof end);
  memcpy (CMSG_DATA (header), &end, sizeof end);
  if (sendmsg (control, &message, 0) < 0 || recv (control, &reply, sizeof reply, 0) != sizeof reply
      || reply.result != 0)
    die ("the switch does not take a port");
}

static void
start_switch (Path *path, int end_a, int end_b)
{
  static const char *const argv[] = { "benchscale-switch", "bench-frames", NULL };
  int control[2], memory = memfd_create ("counters", MFD_CLOEXEC);

  if (memory < 0 || socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0)
    die ("cannot start the switch");
  path->carrier = fork_child ();
  if (path->carrier == 0)
    exec_with (switch_path, argv, control[1], memory);
  close (control[1]);
  close (memory);
  path->control = control[0];
  add_port (path->control, 0, end_a);
  add_port (path->control, 1, end_b);
}

static void
start_loop (Path *path, int end_a, int end_b)
{
  static const char *const argv[] = { "floor-frame-loop", "3", "4", NULL };

  path->carrier = fork_child ();
  if (path->carrier == 0)
    exec_with (loop_path, argv, end_a, end_b);
}

static void
path_open (Path *path, Way way)
{
  int a[2], b[2];

  *path = (Path){ .control = -1 };
  if (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, a) != 0)
    die ("socketpair");
  path->ends[0] = a[0];
  path->ends[1] = a[1];
  if (way == WAY_DIRECT)
    return;
  if (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, b) != 0)
    die ("socketpair");
  path->ends[1] = b[0];
  if (way == WAY_LOOP)
    start_loop (path, a[1], b[1]);
  else
    start_switch (path, a[1], b[1]);
  close (a[1]);
  close (b[1]);
}

static void
path_close (Path *path)
{
  end_child (path->carrier);
  close (path->ends[0]);
  close (path->ends[1]);
  if (path->control >= 0)
    close (path->control);
}

static void
send_for_ever (int end, size_t length)
{
  static const uint8_t head[14] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };

  memcpy (frame, head, sizeof head);
  for (;;)
    if (send (end, frame, length, 0) < 0)
      die ("send");
}

static void
receive_for_ever (int end)
{
  for (;;)
    {
      if (recv (end, frame, sizeof frame, 0) < 0)
        die ("recv");
      __atomic_store_n (received, *received + 1, __ATOMIC_RELAXED);
    }
}

/* Returns: frames a second that arrive */
static double
measure_rate (Way way, size_t length)
{
  Path path;
  pid_t sender, receiver;
  uint64_t first;
  double begin, rate;

  path_open (&path, way);
  *received = 0;
  receiver = fork_child ();
  if (receiver == 0)
    receive_for_ever (path.ends[1]);
  sender = fork_child ();
  if (sender == 0)
    send_for_ever (path.ends[0], length);
  usleep (WARM_USEC);
  begin = now_usec ();
  first = __atomic_load_n (received, __ATOMIC_RELAXED);
  usleep (MEASURE_USEC);
  rate = (double) (__atomic_load_n (received, __ATOMIC_RELAXED) - first) / (now_usec () - begin) * 1e6;
  end_child (sender);
  end_child (receiver);
  path_close (&path);
  return rate;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (double *values, size_t n)
{
  qsort (values, n, sizeof *values, compare);
  return values[n / 2];
}

static void
echo_for_ever (int end)
{
  ssize_t n;

  while ((n = recv (end, frame, sizeof frame, 0)) > 0)
    {
      uint8_t to[6];

      memcpy (to, frame, 6);
      memcpy (frame, frame + 6, 6);
      memcpy (frame + 6, to, 6);
      if (send (end, frame, (size_t) n, 0) < 0)
        break;
    }
  die ("echo");
}

/* Returns: microseconds one way, the median */
static double
measure_delay (Way way)
{
  static const uint8_t ping[64] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };
  static double trips[TRIPS];
  Path path;
  pid_t echo;

  path_open (&path, way);
  echo = fork_child ();
  if (echo == 0)
    echo_for_ever (path.ends[1]);
  for (int i = 0; i < TRIPS; i++)
    {
      double begin = now_usec ();

      if (send (path.ends[0], ping, sizeof ping, 0) < 0 || recv (path.ends[0], frame, sizeof frame, 0) < 0)
        die ("ping");
      trips[i] = (now_usec () - begin) / 2;
    }
  end_child (echo);
  path_close (&path);
  return median (trips, TRIPS);
}

static void
bench_rate (size_t length)
{
  double rates[WAYS][ROUNDS], ratios[ROUNDS], ratio;

  for (int round = 0; round < ROUNDS; round++)
    {
      for (Way way = 0; way < WAYS; way++)
        rates[way][round] = measure_rate (way, length);
      ratios[round] = rates[WAY_SWITCH][round] / rates[WAY_LOOP][round];
    }
  for (Way way = 0; way < WAYS; way++)
    printf ("%s frames-%zu-%s %.0f frames/s\n", way_words[way], length, way_names[way], median (rates[way], ROUNDS));
  ratio = median (ratios, ROUNDS);
  printf ("figure frames-%zu-to-loop %.2f ratio goal >= 0.95 %s\n", length, ratio, ratio >= 0.95 ? "ok" : "short");
  fflush (stdout);
}

static void
bench_delay (void)
{
  double delays[WAYS][ROUNDS], added[ROUNDS], usec;

  for (int round = 0; round < ROUNDS; round++)
    {
      for (Way way = 0; way < WAYS; way++)
        delays[way][round] = measure_delay (way);
      added[round] = delays[WAY_SWITCH][round] - delays[WAY_LOOP][round];
    }
  for (Way way = 0; way < WAYS; way++)
    printf ("%s frame-delay-%s %.1f us\n", way_words[way], way_names[way], median (delays[way], ROUNDS));
  usec = median (added, ROUNDS);
  printf ("figure frame-delay-over-loop %.1f us goal <= 30 %s\n", usec, usec <= 30 ? "ok" : "short");
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    return fprintf (stderr, "usage: bench-frames SWITCH LOOP\n"), 2;
  switch_path = argv[1];
  loop_path = argv[2];
  received = mmap (NULL, sizeof *received, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (received == MAP_FAILED)
    die ("mmap");
  bench_rate (64);
  bench_rate (1514);
  bench_delay ();
  return 0;
}
