/* SPDX-License-Identifier: Apache-2.0 */
/* bench-wires SWITCH LOOP [PART…] — real traffic between two namespaces: through the switch, and through its peers
 *
 * TCP and UDP of the kernel, on interfaces of namespaces that the bench makes; needs root. All ways are there from the
 * start and take turns, each ratio is of one round, so that what else runs here hits them alike; medians are printed.
 * All that belongs to it runs at the highest priority: a way of one process would else get less of a busy machine than
 * one of three. floor NAME VALUE UNIT     value NAME VALUE UNIT (of the switch)     figure NAME VALUE UNIT goal <=|>=
 * NUMBER ok|short
 */
#include "wires-conditions.h"
#include "wires-load.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ROUNDS 5

typedef double (*Measure) (Way way);

static double values[WAYS][ROUNDS];

static void
take_turns (Measure measure, const Way *ways, int n_ways)
{
  for (int round = 0; round < ROUNDS; round++)
    for (int i = 0; i < n_ways; i++)
      if (paths[ways[i]].is_there)
        values[ways[i]][round] = measure (ways[i]);
}

static void
print_all (const char *what, const char *unit, const Way *ways, int n_ways)
{
  double sorted[ROUNDS];

  for (int i = 0; i < n_ways; i++)
    {
      Way way = ways[i];

      if (!paths[way].is_there)
        continue;
      for (int round = 0; round < ROUNDS; round++)
        sorted[round] = values[way][round];
      printf ("%s %s-%s %.2f %s\n", way == WAY_SWITCH || way == WAY_SWITCH_PLAIN ? "value" : "floor", what,
              way_names[way], median (sorted, ROUNDS), unit);
    }
}

static void
figure_ratio (const char *name, Way way, Way floor, double goal)
{
  double ratios[ROUNDS], ratio;

  if (!paths[floor].is_there)
    {
      printf ("skip %s: %s is not installed\n", name, way_names[floor]);
      return;
    }
  for (int round = 0; round < ROUNDS; round++)
    ratios[round] = values[way][round] / values[floor][round];
  ratio = median (ratios, ROUNDS);
  printf ("figure %s %.2f ratio goal >= %.2f %s\n", name, ratio, goal, ratio >= goal ? "ok" : "short");
  fflush (stdout);
}

static void
bench_tcp (void)
{
  static const Way ways[] = { WAY_LOOP, WAY_SWITCH, WAY_BRIDGE, WAY_LOOP_PLAIN, WAY_SWITCH_PLAIN, WAY_BRIDGE_PLAIN };

  take_turns (measure_tcp, ways, 6);
  print_all ("tcp", "Gbit/s", ways, 6);
  figure_ratio ("tcp-to-bridge", WAY_SWITCH, WAY_BRIDGE, 1.3);
  figure_ratio ("tcp-to-loop", WAY_SWITCH, WAY_LOOP, 0.9);
  figure_ratio ("tcp-plain-to-bridge", WAY_SWITCH_PLAIN, WAY_BRIDGE_PLAIN, 0.95);
}

/* A host's own choice may pace by a model of the path (BBR); this one sends what it can. */
static void
bench_tcp_unpaced (void)
{
  static const Way ways[] = { WAY_LOOP, WAY_SWITCH, WAY_BRIDGE };

  load_congestion_control = "cubic";
  take_turns (measure_tcp, ways, 3);
  load_congestion_control = NULL;
  print_all ("tcp-unpaced", "Gbit/s", ways, 3);
  figure_ratio ("tcp-unpaced-to-loop", WAY_SWITCH, WAY_LOOP, 0.9);
}

static double
measure_udp_thousands (Way way)
{
  return measure_udp (way) / 1000;
}

/* Without offload: each packet is read and written by whatever is between. With it, a burst of them is one packet. */
static void
bench_udp (void)
{
  static const Way ways[] = { WAY_LOOP_PLAIN, WAY_SWITCH_PLAIN, WAY_BRIDGE_PLAIN, WAY_VDE, WAY_WIREFILTER };
  static const Way with_offload[] = { WAY_LOOP, WAY_SWITCH, WAY_BRIDGE };

  take_turns (measure_udp_thousands, ways, 5);
  print_all ("udp-64", "packets/ms", ways, 5);
  figure_ratio ("udp-64-to-loop", WAY_SWITCH_PLAIN, WAY_LOOP_PLAIN, 0.95);
  figure_ratio ("udp-64-to-vde", WAY_SWITCH_PLAIN, WAY_VDE, 5);
  take_turns (measure_udp_thousands, with_offload, 3);
  print_all ("udp-64-bursts", "packets/ms", with_offload, 3);
  figure_ratio ("udp-64-bursts-to-loop", WAY_SWITCH, WAY_LOOP, 0.95);
}

static void
bench_delay (void)
{
  static const Way ways[] = { WAY_LOOP, WAY_SWITCH, WAY_BRIDGE, WAY_VDE };
  double added[ROUNDS], usec;

  take_turns (measure_delay, ways, 4);
  print_all ("delay", "us", ways, 4);
  for (int round = 0; round < ROUNDS; round++)
    added[round] = values[WAY_SWITCH][round] - values[WAY_LOOP][round];
  usec = median (added, ROUNDS);
  printf ("figure delay-over-loop %.1f us goal <= 30 %s\n", usec, usec <= 30 ? "ok" : "short");
}

static const struct
{
  const char *name;
  void (*run) (void);
} parts[] = { { "tcp", bench_tcp },
              { "tcp-unpaced", bench_tcp_unpaced },
              { "udp", bench_udp },
              { "delay", bench_delay },
              { "declared-delay", bench_declared_delay },
              { "declared-rates", bench_declared_rates },
              { "declared-loss", bench_declared_loss } };

static bool
is_wanted (const char *name, int argc, char **argv)
{
  for (int i = 3; i < argc; i++)
    if (strcmp (argv[i], name) == 0)
      return true;
  return argc == 3;
}

/* Where sessions are scheduled as groups, a priority counts within one's own group only. */
static void
come_first (void)
{
  FILE *group;

  setsid ();
  group = fopen ("/proc/self/autogroup", "w");
  if (group != NULL)
    {
      fputs ("-20", group);
      fclose (group);
    }
  if (setpriority (PRIO_PROCESS, 0, -20) != 0)
    die ("needs root");
}

int
main (int argc, char **argv)
{
  if (argc < 3)
    return fprintf (stderr, "usage: bench-wires SWITCH LOOP "
                            "[tcp|tcp-unpaced|udp|delay|declared-delay|declared-rates|declared-loss…]\n"),
           2;
  if (geteuid () != 0)
    return puts ("skip wires: needs root, for namespaces"), 0;
  switch_path = argv[1];
  loop_path = argv[2];
  come_first ();
  load_init ();
  net_open ();
  for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
    if (is_wanted (parts[i].name, argc, argv))
      parts[i].run ();
  net_close ();
  return 0;
}
