/* SPDX-License-Identifier: Apache-2.0 */
/* test-wire-model.c — what the file says of wires is in the model, each with its place; files that it names are read */
#include "topology-test.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char home[] = "seed: 9223372036854775807\n"
                           "networks:\n"
                           "  - name: home\n"
                           "    subnet6: \"FD00:0:0:1::/64\"\n"
                           "    nat: {uplink: wan, filtering: address-dependent, hairpin: false, lifetime: 30s}\n"
                           "    preset: home_lan\n"
                           "    conditions: {latency_ms: 1.5}\n"
                           "    seed: 0\n"
                           "  - {name: wan, subnet6: auto, nat: {uplink: core}}\n"
                           "  - {name: core}\n"
                           "nodes:\n"
                           "  - name: one\n"
                           "    image: tiny\n"
                           "    network_conditions: {duplicate_percent: 1}\n"
                           "    interfaces:\n"
                           "      - {network: home, address6: \"fd00::1:0:0:0:9\", conditions: {jitter_ms: 2}}\n"
                           "      - {network: wan, ingress: {bandwidth_kbps: 64}}\n"
                           "  - {name: two, image: tiny}\n"
                           "conditions_between:\n"
                           "  - {nodes: [one, two], conditions: {latency_ms: 120}}\n"
                           "  - {from: one, to: two, network: wan, conditions: {preset: satellite}}\n";

static BsTopology *
home_topology (void)
{
  return parse_good (home);
}

static void
test_networks (void)
{
  g_autoptr (BsTopology) topology = home_topology ();
  const BsTopologyNetwork *inner = bs_topology_network (topology, "home"), *wan = bs_topology_network (topology, "wan");

  g_assert_cmpstr (inner->subnet6, ==, "fd00:0:0:1::/64");
  g_assert_cmpuint (inner->subnet6_at.line, ==, 4);
  g_assert_cmpuint (inner->subnet6_at.column, ==, 14);
  g_assert_cmpstr (inner->conditions->preset, ==, "home_lan");
  g_assert_cmpuint (inner->conditions->preset_at.line, ==, 6);
  g_assert_cmpfloat (inner->conditions->latency_ms, ==, 1.5);
  g_assert_cmpstr (wan->subnet6, ==, "auto");
  g_assert_false (wan->internet);
  g_assert_null (wan->conditions);
}

static void
test_seeds (void)
{
  g_autoptr (BsTopology) topology = home_topology ();

  g_assert_true (topology->has_seed);
  g_assert_cmpuint (topology->seed, ==, G_MAXINT64);
  g_assert_true (bs_topology_network (topology, "home")->has_seed);
  g_assert_cmpuint (bs_topology_network (topology, "home")->seed, ==, 0);
  g_assert_false (bs_topology_network (topology, "wan")->has_seed);
}

static void
test_translators (void)
{
  g_autoptr (BsTopology) topology = home_topology ();
  const BsTopologyNat *nat = bs_topology_network (topology, "home")->nat;
  const BsTopologyNat *plain = bs_topology_network (topology, "wan")->nat;

  g_assert_cmpstr (nat->uplink, ==, "wan");
  g_assert_cmpuint (nat->uplink_at.line, ==, 5);
  g_assert_cmpstr (nat->mapping, ==, "endpoint-independent");
  g_assert_cmpstr (nat->filtering, ==, "address-dependent");
  g_assert_false (nat->hairpin);
  g_assert_cmpint (nat->lifetime_usec, ==, 30000000);
  g_assert_cmpstr (plain->filtering, ==, "endpoint-independent");
  g_assert_true (plain->hairpin);
  g_assert_cmpint (plain->lifetime_usec, ==, 120000000);
  g_assert_null (bs_topology_network (topology, "core")->nat);
}

static void
test_internet (void)
{
  g_autoptr (BsTopology) topology = parse_good ("network: {internet: true}\n" ONE_NODE);
  const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, 0);

  g_assert_true (network->internet);
  g_assert_cmpuint (network->internet_at.column, ==, 21);
}

static void
test_interfaces (void)
{
  g_autoptr (BsTopology) topology = home_topology ();
  const BsTopologyNode *one = bs_topology_node (topology, "one"), *two = bs_topology_node (topology, "two");
  const BsTopologyInterface *first = g_ptr_array_index (one->interfaces, 0), *second;

  second = g_ptr_array_index (one->interfaces, 1);
  g_assert_cmpstr (first->address6, ==, "fd00:0:0:1::9");
  g_assert_cmpuint (first->address6_at.line, ==, 16);
  g_assert_cmpfloat (first->conditions->jitter_ms, ==, 2);
  g_assert_null (first->ingress);
  g_assert_cmpfloat (second->ingress->bandwidth_kbps, ==, 64);
  g_assert_null (second->conditions);
  g_assert_cmpfloat (one->network_conditions->duplicate_percent, ==, 1);
  g_assert_null (two->network_conditions);
  g_assert_cmpuint (two->interfaces->len, ==, 3);
}

static void
test_pairs (void)
{
  g_autoptr (BsTopology) topology = home_topology ();
  const BsTopologyPair *both = g_ptr_array_index (topology->pairs, 0), *one = g_ptr_array_index (topology->pairs, 1);

  g_assert_cmpuint (topology->pairs->len, ==, 2);
  g_assert_cmpuint (both->at.line, ==, 20);
  g_assert_cmpuint (both->nodes->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (both->nodes, 1), ==, "two");
  g_assert_cmpuint (both->from->len + both->to->len, ==, 0);
  g_assert_null (both->network);
  g_assert_cmpfloat (both->conditions->latency_ms, ==, 120);
  g_assert_cmpuint (one->nodes->len, ==, 0);
  g_assert_cmpstr (g_ptr_array_index (one->from, 0), ==, "one");
  g_assert_cmpstr (g_ptr_array_index (one->to, 0), ==, "two");
  g_assert_cmpstr (one->network, ==, "wan");
  g_assert_cmpuint (one->network_at.line, ==, 21);
  g_assert_cmpstr (one->conditions->preset, ==, "satellite");
}

/* Nothing acts on these yet, and nothing is ignored silently; all that is said of conditions is acted on. */
static void
test_each_is_recorded_as_not_acted_on (void)
{
  g_autoptr (BsTopology) topology = home_topology ();
  static const char *const fields[] = { "networks[].subnet6", "networks[].nat", "networks[].subnet6", "networks[].nat",
                                        "nodes[].interfaces[].address6" };

  g_assert_cmpuint (topology->inert->len, ==, G_N_ELEMENTS (fields));
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    g_assert_cmpstr (((BsTopologyInert *) g_ptr_array_index (topology->inert, i))->field, ==, fields[i]);
}

static void
test_nothing_said_is_nothing_made (void)
{
  g_autoptr (BsTopology) topology = parse_good (ONE_NODE);
  const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, 0);
  const BsTopologyNode *node = g_ptr_array_index (topology->nodes, 0);
  const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, 0);

  g_assert_null (network->conditions);
  g_assert_null (network->nat);
  g_assert_null (network->subnet6);
  g_assert_null (node->network_conditions);
  g_assert_null (interface->conditions);
  g_assert_null (interface->ingress);
  g_assert_null (interface->address6);
  g_assert_cmpuint (topology->pairs->len, ==, 0);
  g_assert_false (topology->has_seed);
}

/* Writes @trace into a topology file in a folder of its own, loads it; (transfer full): what was said of it, with the
 * folder's name as FOLDER */
static char *
load_with_trace (const char *trace)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-trace-XXXXXX", NULL), *file = g_build_filename (folder, "t.yaml", NULL);
  g_autofree char *good = g_build_filename (folder, "good.trace", NULL),
                  *below = g_build_filename (folder, "below", NULL);
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autofree char *text = g_strdup_printf (NETWORK ("conditions: {trace: %s}"), trace), *said = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL;
  g_auto (GStrv) parts = NULL;

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  g_assert_true (g_file_set_contents (good, "1\n2\n", -1, NULL));
  g_assert_cmpint (g_mkdir (below, 0700), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  topology = bs_topology_load (file, &diagnostics);
  said = bs_diagnostics_format (diagnostics);
  g_assert_cmpint (topology == NULL, ==, *said != '\0');
  g_assert_cmpint (g_unlink (file) + g_unlink (good) + g_rmdir (below) + g_unlink (fifo) + g_rmdir (folder), ==, 0);
  parts = g_strsplit (said, folder, -1);
  return g_strjoinv ("FOLDER", parts);
}

static void
check_trace (const char *trace, const char *expected)
{
  g_autofree char *said = load_with_trace (trace);

  g_assert_cmpstr (said, ==, expected);
}

static void
test_traces_are_looked_for_beside_the_file (void)
{
  check_trace ("good.trace", "");
  check_trace ("./good.trace", "");
  check_trace ("none", "");
  check_trace ("/dev/null",
               "benchscale: FOLDER/t.yaml:1:31: 'trace' cannot be read from '/dev/null': not a regular file\n");
  check_trace (
      "missing.trace",
      "benchscale: FOLDER/t.yaml:1:31: 'trace' cannot be read from 'missing.trace': No such file or directory\n"
      "hint: paths begin at the folder of the file: FOLDER/missing.trace\n");
  check_trace ("below", "benchscale: FOLDER/t.yaml:1:31: 'trace' cannot be read from 'below': not a regular file\n"
                        "hint: paths begin at the folder of the file: FOLDER/below\n");
  check_trace ("fifo", "benchscale: FOLDER/t.yaml:1:31: 'trace' cannot be read from 'fifo': not a regular file\n"
                       "hint: paths begin at the folder of the file: FOLDER/fifo\n");
}

/* A lab's record is read again where those files need not be. */
static void
test_traces_of_a_text_are_not_looked_for (void)
{
  g_autoptr (BsTopology) topology = parse_good (NETWORK ("conditions: {trace: missing.trace}"));
  const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, 0);

  g_assert_cmpstr (network->conditions->trace, ==, "missing.trace");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire-model/networks", test_networks);
  g_test_add_func ("/wire-model/seeds", test_seeds);
  g_test_add_func ("/wire-model/translators", test_translators);
  g_test_add_func ("/wire-model/internet", test_internet);
  g_test_add_func ("/wire-model/interfaces", test_interfaces);
  g_test_add_func ("/wire-model/pairs", test_pairs);
  g_test_add_func ("/wire-model/each-is-recorded", test_each_is_recorded_as_not_acted_on);
  g_test_add_func ("/wire-model/nothing-said", test_nothing_said_is_nothing_made);
  g_test_add_func ("/wire-model/traces-beside-the-file", test_traces_are_looked_for_beside_the_file);
  g_test_add_func ("/wire-model/traces-of-a-text", test_traces_of_a_text_are_not_looked_for);
  return g_test_run ();
}
