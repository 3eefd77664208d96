/* SPDX-License-Identifier: Apache-2.0 */
/* test-wire-plan.c — conditions become the numbers of the switch, and traces its files */
#include "bs-wire-plan.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-topology.h"

#include <string.h>

static BsTopology *
parse (const char *file, const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse (file, text, strlen (text), &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  return topology;
}

static BsWirePlan *
plan (const char *text)
{
  g_autoptr (BsTopology) topology = parse ("lab.yaml", text);
  g_autoptr (GError) error = NULL;
  BsWirePlan *self = bs_wire_plan_make (topology, "lab", &error);

  g_assert_no_error (error);
  return self;
}

/* @expected: JSON with ' in place of " */
static void
check_wires (const char *text, const char *expected)
{
  g_autoptr (BsWirePlan) self = plan (text);
  g_autoptr (json_t) list = json_array ();
  g_autofree char *said = NULL;

  for (guint i = 0; i < self->wires->len; i++)
    json_array_append (list, g_ptr_array_index (self->wires, i));
  said = g_strdelimit (bs_json_dump (list), "\"", '\'');
  g_assert_cmpstr (said, ==, expected);
}

#define TWO "nodes: [{name: a, image: tiny}, {name: b, image: tiny}]\n"

static void
test_each_key_has_its_number (void)
{
  check_wires ("nodes:\n"
               "  - name: a\n"
               "    image: tiny\n"
               "    interfaces: [{network: lab, conditions: {latency_ms: 0.25, jitter_ms: 2, jitter_distribution: "
               "pareto, packet_loss_percent: 50, duplicate_percent: 100, reorder_percent: 25, corrupt_percent: 12.5, "
               "bandwidth_kbps: 0.5, queue: {limit: 64KiB, discipline: codel}}}]\n"
               "network: {name: lab}\n",
               "[{'node':'a','interface':0,'direction':'out','values':{'delay_nsec':250000,'jitter_nsec':2000000,"
               "'jitter_kind':3,'loss':2147483648,'duplicate':4294967296,'reorder':1073741824,'corrupt':536870912,"
               "'rate':500,'queue_bytes':65536,'queue_nsec':0,'codel':true}}]");
}

static void
test_burst_and_time_limit (void)
{
  check_wires ("network: {name: lab, conditions: {loss_burst: {p: 25, r: 50, h: 0, k: 100}, bandwidth_kbps: 1000, "
               "queue: {limit: 100ms}}}\nnodes: [{name: a, image: tiny}]\n",
               "[{'node':'a','interface':0,'direction':'out','values':{'burst':[1073741824,2147483648,0,4294967296],"
               "'rate':1000000,'queue_bytes':0,'queue_nsec':100000000}}]");
}

static void
test_levels_and_ingress (void)
{
  check_wires ("network: {name: lab, conditions: {latency_ms: 1}}\n"
               "nodes:\n"
               "  - {name: a, image: tiny, interfaces: [{network: lab, ingress: {latency_ms: 3}}]}\n"
               "  - {name: b, image: tiny, network_conditions: {latency_ms: 2}}\n",
               "[{'node':'a','interface':0,'direction':'out','values':{'delay_nsec':1000000}},"
               "{'node':'a','interface':0,'direction':'in','values':{'delay_nsec':3000000}},"
               "{'node':'b','interface':0,'direction':'out','values':{'delay_nsec':2000000}}]");
}

static void
test_wires_that_do_nothing_are_not_there (void)
{
  check_wires (TWO, "[]");
  check_wires ("network: {name: lab, preset: localhost}\n" TWO, "[]");
}

/* A pair shares its sender's bucket, and so says nothing of it, unless it has a rate of its own. */
static void
test_pairs (void)
{
  check_wires ("network: {name: lab, conditions: {bandwidth_kbps: 8, queue: {limit: 1000}}}\n" TWO
               "conditions_between:\n"
               "  - {from: a, to: b, conditions: {latency_ms: 1}}\n"
               "  - {from: b, to: a, conditions: {bandwidth_kbps: 16}}\n",
               "[{'node':'a','interface':0,'direction':'out','values':{'rate':8000,'queue_bytes':1000,'queue_nsec':0}},"
               "{'node':'b','interface':0,'direction':'out','values':{'rate':8000,'queue_bytes':1000,'queue_nsec':0}},"
               "{'node':'a','interface':0,'direction':'out','to':'b','to_interface':0,"
               "'values':{'delay_nsec':1000000}},"
               "{'node':'b','interface':0,'direction':'out','to':'a','to_interface':0,"
               "'values':{'rate':16000,'queue_bytes':1000,'queue_nsec':0,'own_bucket':true}}]");
}

static void
test_a_pair_that_is_named_twice_is_one_wire (void)
{
  check_wires (TWO "conditions_between:\n"
                   "  - {nodes: [a, b], conditions: {latency_ms: 1}}\n"
                   "  - {from: a, to: b, conditions: {latency_ms: 2}}\n",
               "[{'node':'a','interface':0,'direction':'out','to':'b','to_interface':0,"
               "'values':{'delay_nsec':2000000}},"
               "{'node':'b','interface':0,'direction':'out','to':'a','to_interface':0,"
               "'values':{'delay_nsec':1000000}}]");
}

static void
test_schedules (void)
{
  check_wires ("network: {name: lab, conditions: {schedule: [{at: 2s, for: 500ms, down: true}, {at: 5s, conditions: "
               "{latency_ms: 1}}]}}\nnodes: [{name: a, image: tiny}]\n",
               "[{'node':'a','interface':0,'direction':'out','values':{},'schedule':["
               "{'at_usec':2000000,'for_usec':500000,'values':{'down':true}},"
               "{'at_usec':5000000,'for_usec':0,'values':{'delay_nsec':1000000}}]}]");
}

static void
test_seeds (void)
{
  g_autoptr (BsWirePlan) self = plan ("networks: [{name: lan, seed: 7}, {name: wan}]\nseed: 3\n"
                                      "nodes: [{name: a, image: tiny}]\n");
  const json_t *lan = json_array_get (self->seeds, 0), *wan = json_array_get (self->seeds, 1);

  g_assert_cmpint (bs_json_int (lan, "network", -1), ==, 0);
  g_assert_cmpint (bs_json_int (lan, "seed", -1), ==, 7);
  g_assert_cmpint (bs_json_int (wan, "network", -1), ==, 1);
  g_assert_cmpint (bs_json_int (wan, "seed", -1), >, 7);
}

/* They are in users' logs: once given out, they never change. */
static void
test_identities_never_change (void)
{
  g_assert_cmphex (bs_wire_plan_identity ("web", "eth0"), ==, G_GUINT64_CONSTANT (0x39d5466fd8ec44a4));
  g_assert_cmphex (bs_wire_plan_identity ("web", "eth1"), !=, bs_wire_plan_identity ("web", "eth0"));
  g_assert_cmphex (bs_wire_plan_identity ("web", "eth0") >> 63, ==, 0);
}

typedef struct
{
  char *folder, *topology, *trace;
} Files;

static void
files_setup (Files *self, gconstpointer unused)
{
  self->folder = g_dir_make_tmp ("wire-plan-XXXXXX", NULL);
  self->topology = g_build_filename (self->folder, "lab.yaml", NULL);
  self->trace = g_build_filename (self->folder, "line.trace", NULL);
}

static void
files_teardown (Files *self, gconstpointer unused)
{
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->folder, NULL));
  g_free (self->folder);
  g_free (self->topology);
  g_free (self->trace);
}

#define TRACED "network: {name: lab, conditions: {trace: line.trace}}\nnodes: [{name: a, image: tiny}]\n"

static void
test_a_trace_becomes_a_file (Files *self, gconstpointer unused)
{
  static const guint32 times[] = { 0, 4, 4, 8 };
  g_autoptr (BsTopology) topology = parse (self->topology, TRACED);
  g_autoptr (BsWirePlan) wires = NULL;
  g_autoptr (GError) error = NULL;
  bs_autofd int dir = -1;
  g_autofree char *written = NULL;
  const json_t *trace;
  gsize length;

  g_assert_true (g_file_set_contents (self->trace, "0\n4\n4\n8\n", -1, NULL));
  wires = bs_wire_plan_make (topology, "lab", &error);
  g_assert_no_error (error);
  trace = json_object_get (json_object_get (g_ptr_array_index (wires->wires, 0), "values"), "trace");
  g_assert_cmpint (bs_json_int (trace, "bytes", 0), ==, sizeof times);
  g_assert_cmpint (bs_json_int (trace, "rate", 0), ==, 4 * 1504 * 8 * 1000 / 8);
  dir = bs_file_open_dir (AT_FDCWD, self->folder, NULL);
  g_assert_true (bs_wire_traces_write (&wires->traces, dir, NULL));
  g_assert_true (bs_wire_traces_write (&wires->traces, dir, NULL));
  written = bs_file_read (dir, bs_json_string (trace, "path", ""), 100, &length, NULL);
  g_assert_cmpmem (written, length, times, sizeof times);
}

static void
test_a_trace_that_is_none_is_told_with_both_places (Files *self, gconstpointer unused)
{
  g_autoptr (BsTopology) topology = parse (self->topology, TRACED);
  g_autoptr (GError) error = NULL;
  g_autofree char *expected
      = g_strdup_printf ("%s:1:42: 'trace': line.trace:2:1: 'x' is no time of a trace", self->topology);

  g_assert_true (g_file_set_contents (self->trace, "0\nx\n", -1, NULL));
  g_assert_null (bs_wire_plan_make (topology, "lab", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_cmpstr (bs_error_hint (error), ==, "one number a line: milliseconds, never falling");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire-plan/keys", test_each_key_has_its_number);
  g_test_add_func ("/wire-plan/burst", test_burst_and_time_limit);
  g_test_add_func ("/wire-plan/levels", test_levels_and_ingress);
  g_test_add_func ("/wire-plan/nothing", test_wires_that_do_nothing_are_not_there);
  g_test_add_func ("/wire-plan/pairs", test_pairs);
  g_test_add_func ("/wire-plan/twice", test_a_pair_that_is_named_twice_is_one_wire);
  g_test_add_func ("/wire-plan/schedules", test_schedules);
  g_test_add_func ("/wire-plan/seeds", test_seeds);
  g_test_add_func ("/wire-plan/identities", test_identities_never_change);
  g_test_add ("/wire-plan/trace", Files, NULL, files_setup, test_a_trace_becomes_a_file, files_teardown);
  g_test_add ("/wire-plan/no-trace", Files, NULL, files_setup, test_a_trace_that_is_none_is_told_with_both_places,
              files_teardown);
  return g_test_run ();
}
