/* SPDX-License-Identifier: Apache-2.0 */
/* bench-ports SWITCH — what a port costs, and whether a packet's cost depends on how many there are
 *
 * Socket pairs, ten on a network. Each machine in turn sends a few frames to its neighbour, who takes them; the
 * processor's time that the switch spent is divided by their number. The numbers of ports take turns, and each ratio is
 * of one round; medians are printed.
 */
#include "wires-load.h"
#include "wires-switch.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 1000
#define PER_NETWORK 10
#define BURST 16
#define FRAMES 64000
#define ROUNDS 5
#define LENGTH 64

static const int counts[] = { 10, 30, 100, 300, 1000 };
#define N_COUNTS ((int) (sizeof counts / sizeof *counts))

typedef struct
{
  pid_t pid;
  int control, n;
  int machines[MOST];
} Lab;

static Lab all[N_COUNTS];

static void
add_machine (Lab *lab)
{
  int ends[2], port = lab->n++;

  if (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0)
    die ("socketpair");
  lab->machines[port] = ends[0];
  switch_add (lab->control, (uint32_t) port, (uint32_t) port / PER_NETWORK, BS_SWITCH_PORT_DGRAM, 0, ends[1]);
  close (ends[1]);
}

static double
cpu_usec (pid_t pid)
{
  struct timespec time;
  clockid_t clock;

  if (clock_getcpuclockid (pid, &clock) != 0 || clock_gettime (clock, &time) != 0)
    die ("clock of the switch");
  return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

/* What is the process's own, in KiB. */
static double
private_kib (pid_t pid)
{
  char path[64], line[256];
  double sum = 0, value;
  FILE *file;

  snprintf (path, sizeof path, "/proc/%d/smaps_rollup", pid);
  file = fopen (path, "r");
  if (file == NULL)
    die (path);
  while (fgets (line, sizeof line, file) != NULL)
    if (sscanf (line, "Private_Dirty: %lf", &value) == 1 || sscanf (line, "Shared_Dirty: %lf", &value) == 1)
      sum += value;
  fclose (file);
  return sum;
}

static void
send_burst (const Lab *lab, int from)
{
  int to = from % PER_NETWORK == PER_NETWORK - 1 ? from - PER_NETWORK + 1 : from + 1;
  uint8_t frame[LENGTH] = { 2,    0,   0, 0, (uint8_t) (to >> 8),   (uint8_t) to,
                            2,    0,   0, 0, (uint8_t) (from >> 8), (uint8_t) from,
                            0x88, 0xb5 };

  for (int i = 0; i < BURST; i++)
    if (send (lab->machines[from], frame, sizeof frame, 0) < 0)
      die ("send");
  for (int i = 0; i < BURST; i++)
    if (recv (lab->machines[to], frame, sizeof frame, 0) < 0)
      die ("recv");
}

/* Returns: microseconds of the switch's processor time a frame */
static double
measure (const Lab *lab)
{
  double begin = cpu_usec (lab->pid);

  for (int i = 0; i < FRAMES / BURST; i++)
    send_burst (lab, i % lab->n);
  return (cpu_usec (lab->pid) - begin) / FRAMES;
}

static void
bench_memory (void)
{
  Lab *largest = &all[N_COUNTS - 1];
  double empty = private_kib (largest->pid), each;

  while (largest->n < MOST)
    add_machine (largest);
  each = (private_kib (largest->pid) - empty) / MOST;
  printf ("value ports-memory-empty %.0f KiB\n", empty);
  printf ("figure ports-memory-each %.2f KiB goal <= 64 %s\n", each, each <= 64 ? "ok" : "short");
}

static void
bench_curve (void)
{
  double values[N_COUNTS][ROUNDS], ratios[ROUNDS], ratio;

  for (int i = 0; i < N_COUNTS; i++)
    while (all[i].n < counts[i])
      add_machine (&all[i]);
  for (int round = -1; round < ROUNDS; round++) /* the first touches all, and does not count */
    for (int i = 0; i < N_COUNTS; i++)
      values[i][round < 0 ? 0 : round] = measure (&all[i]);
  for (int round = 0; round < ROUNDS; round++)
    ratios[round] = values[N_COUNTS - 1][round] / values[0][round];
  for (int i = 0; i < N_COUNTS; i++)
    printf ("value ports-cost-%d %.2f us\n", counts[i], median (values[i], ROUNDS));
  ratio = median (ratios, ROUNDS);
  printf ("figure ports-cost-1000-to-10 %.2f ratio goal <= 1.25 %s\n", ratio, ratio <= 1.25 ? "ok" : "short");
}

int
main (int argc, char **argv)
{
  struct rlimit limit;

  if (argc != 2)
    return fprintf (stderr, "usage: bench-ports SWITCH\n"), 2;
  switch_path = argv[1];
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
  for (int i = 0; i < N_COUNTS; i++)
    all[i].pid = switch_start (&all[i].control);
  for (int i = 0; i < N_COUNTS; i++)
    add_machine (&all[i]);
  bench_memory ();
  bench_curve ();
  for (int i = 0; i < N_COUNTS; i++)
    end_child (all[i].pid);
  return 0;
}
