/* SPDX-License-Identifier: Apache-2.0 */
/* test-effective.c — what a wire does: the rules of docs/topology.md, one by one */
#include "bs-effective.h"

#include <string.h>

typedef struct
{
  BsTopology *topology;
  BsEffectiveIndex *index;
} Lab;

static void
lab_clear (Lab *self)
{
  bs_effective_index_free (self->index);
  bs_topology_free (self->topology);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Lab, lab_clear)

static Lab
lab_of (const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse ("lab.yaml", text, strlen (text), &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  return (Lab){ topology, bs_effective_index_new (topology) };
}

static BsEffective *
between (const Lab *lab, const char *from, guint interface, const char *to, guint other_interface)
{
  return bs_effective_between (lab->index, bs_topology_node (lab->topology, from), interface,
                               bs_topology_node (lab->topology, to), other_interface);
}

/* Asserts what is done to what @from sends to @to, by their first interfaces. */
static void
check_wire (const Lab *lab, const char *from, const char *to, const char *expected)
{
  g_autoptr (BsEffective) wire = between (lab, from, 0, to, 0);
  g_autofree char *text = bs_conditions_format (wire->conditions);

  g_test_message ("%s to %s", from, to);
  g_assert_cmpstr (text, ==, expected);
}

static void
check_origin (const BsEffective *wire, BsConditionKey key, const char *who, guint line, guint column)
{
  g_autofree char *said = bs_effective_describe (wire, key);

  g_assert_cmpstr (said, ==, who);
  g_assert_cmpuint (wire->origins[key].at.line, ==, line);
  g_assert_cmpuint (wire->origins[key].at.column, ==, column);
}

#define TWO_NODES "nodes: [{name: a, image: tiny}, {name: b, image: tiny}]\n"

static void
test_nothing_is_done_unless_said (void)
{
  g_auto (Lab) lab = lab_of (TWO_NODES);
  g_autoptr (BsEffective) wire = between (&lab, "a", 0, "b", 0);

  check_wire (&lab, "a", "b", "{}");
  g_assert_true (bs_effective_is_nothing (wire));
  check_origin (wire, BS_CONDITION_LATENCY, "default", 0, 0);
}

static void
test_each_sender_pays_once (void)
{
  g_auto (Lab) lab = lab_of ("network: {conditions: {latency_ms: 40}}\n" TWO_NODES);

  check_wire (&lab, "a", "b", "{latency_ms: 40}");
  check_wire (&lab, "b", "a", "{latency_ms: 40}");
}

static void
test_a_node_s_conditions_act_on_what_it_sends (void)
{
  g_auto (Lab) lab = lab_of ("nodes:\n  - {name: a, image: tiny, network_conditions: {latency_ms: 7}}\n"
                             "  - {name: b, image: tiny}\n");

  check_wire (&lab, "a", "b", "{latency_ms: 7}");
  check_wire (&lab, "b", "a", "{}");
}

static const char four_levels[]
    = "networks:\n"
      "  - name: lan\n"
      "    conditions: {latency_ms: 1, jitter_ms: 1, duplicate_percent: 1, reorder_percent: 1}\n"
      "  - {name: wan, conditions: {corrupt_percent: 9}}\n"
      "nodes:\n"
      "  - name: a\n"
      "    image: tiny\n"
      "    network_conditions: {jitter_ms: 2, duplicate_percent: 2, reorder_percent: 2}\n"
      "    interfaces:\n"
      "      - {network: lan, conditions: {duplicate_percent: 3, reorder_percent: 3}}\n"
      "      - {network: wan}\n"
      "  - {name: b, image: tiny}\n"
      "  - {name: c, image: tiny}\n"
      "conditions_between:\n"
      "  - {nodes: [a, b], network: lan, conditions: {reorder_percent: 4}}\n";

static void
test_levels_are_merged_key_by_key (void)
{
  g_auto (Lab) lab = lab_of (four_levels);

  check_wire (&lab, "a", "b", "{latency_ms: 1, jitter_ms: 2, duplicate_percent: 3, reorder_percent: 4}");
  check_wire (&lab, "a", "c", "{latency_ms: 1, jitter_ms: 2, duplicate_percent: 3, reorder_percent: 3}");
  check_wire (&lab, "b", "a", "{latency_ms: 1, jitter_ms: 1, duplicate_percent: 1, reorder_percent: 4}");
}

static void
test_each_key_knows_who_said_it (void)
{
  g_auto (Lab) lab = lab_of (four_levels);
  g_autoptr (BsEffective) wire = between (&lab, "a", 0, "b", 0);

  check_origin (wire, BS_CONDITION_LATENCY, "network 'lan'", 3, 30);
  check_origin (wire, BS_CONDITION_JITTER, "node 'a'", 8, 37);
  check_origin (wire, BS_CONDITION_DUPLICATE, "interface 'eth0' of node 'a'", 10, 56);
  check_origin (wire, BS_CONDITION_REORDER, "pair", 15, 65);
  check_origin (wire, BS_CONDITION_CORRUPT, "default", 0, 0);
}

static void
test_other_networks_are_not_concerned (void)
{
  g_auto (Lab) lab = lab_of (four_levels);
  g_autoptr (BsEffective) wire = between (&lab, "a", 1, "b", 1);
  g_autofree char *text = bs_conditions_format (wire->conditions);

  g_assert_cmpstr (text, ==, "{jitter_ms: 2, duplicate_percent: 2, reorder_percent: 2, corrupt_percent: 9}");
  g_assert_cmpstr (wire->network->name, ==, "wan");
}

static void
test_there_is_no_wire_between_networks_nor_to_itself (void)
{
  g_auto (Lab) lab = lab_of (four_levels);

  g_assert_null (between (&lab, "a", 0, "b", 1));
  g_assert_null (between (&lab, "a", 0, "a", 0));
}

static void
test_a_preset_comes_before_the_keys_of_its_level (void)
{
  g_auto (Lab) lab = lab_of ("network: {preset: home_lan, conditions: {latency_ms: 40}}\n" TWO_NODES);
  g_autoptr (BsEffective) wire = between (&lab, "a", 0, "b", 0);

  check_wire (&lab, "a", "b", "{latency_ms: 40, jitter_ms: 1, packet_loss_percent: 0.01, bandwidth_kbps: 1000000}");
  check_origin (wire, BS_CONDITION_LATENCY, "network 'lab'", 1, 54);
  check_origin (wire, BS_CONDITION_JITTER, "preset home_lan of network 'lab'", 1, 19);
}

static void
test_a_preset_of_a_higher_level_wins_over_keys_of_a_lower_one (void)
{
  g_auto (Lab) lab = lab_of ("network: {conditions: {latency_ms: 40, corrupt_percent: 1}}\n"
                             "nodes:\n  - {name: a, image: tiny, network_conditions: {preset: localhost}}\n"
                             "  - {name: b, image: tiny}\n");
  g_autoptr (BsEffective) wire = between (&lab, "a", 0, "b", 0);

  check_wire (&lab, "a", "b",
              "{latency_ms: 0, jitter_ms: 0, packet_loss_percent: 0, corrupt_percent: 1, bandwidth_kbps: 0}");
  check_origin (wire, BS_CONDITION_LATENCY, "preset localhost of node 'a'", 3, 57);
}

static void
test_zero_switches_off (void)
{
  g_auto (Lab) lab
      = lab_of ("network: {conditions: {latency_ms: 40, bandwidth_kbps: 64}}\n" TWO_NODES
                "conditions_between: [{from: a, to: b, conditions: {latency_ms: 0, bandwidth_kbps: 0}}]\n");
  g_autoptr (BsEffective) wire = between (&lab, "a", 0, "b", 0);

  check_wire (&lab, "a", "b", "{latency_ms: 0, bandwidth_kbps: 0}");
  check_wire (&lab, "b", "a", "{latency_ms: 40, bandwidth_kbps: 64}");
  g_assert_true (bs_effective_is_nothing (wire));
  g_assert_false (bs_effective_has_own_bucket (wire));
}

static void
test_a_burst_takes_the_place_of_a_lower_level_s_loss (void)
{
  g_auto (Lab) lab = lab_of ("network: {preset: satellite}\n" TWO_NODES
                             "conditions_between: [{nodes: [a, b], conditions: {loss_burst: {p: 1, r: 9}}}]\n");
  g_autoptr (BsEffective) wire = between (&lab, "a", 0, "b", 0);

  check_wire (&lab, "a", "b",
              "{latency_ms: 600, jitter_ms: 50, loss_burst: {p: 1, r: 9, h: 0, k: 100}, bandwidth_kbps: 5000}");
  check_origin (wire, BS_CONDITION_BURST, "pair", 3, 63);
  check_origin (wire, BS_CONDITION_LOSS, "default", 0, 0);
}

static void
test_ingress_is_besides (void)
{
  g_auto (Lab) lab
      = lab_of ("network: {name: lan, conditions: {latency_ms: 40}}\n"
                "nodes:\n  - name: a\n    image: tiny\n    network_conditions: {jitter_ms: 1}\n"
                "    interfaces: [{name: up0, conditions: {jitter_ms: 2}, ingress: {packet_loss_percent: 5}}]\n"
                "  - {name: b, image: tiny}\n");
  g_autoptr (BsEffective) a = bs_effective_ingress (lab.index, bs_topology_node (lab.topology, "a"), 0);
  g_autoptr (BsEffective) b = bs_effective_ingress (lab.index, bs_topology_node (lab.topology, "b"), 0);
  g_autofree char *text = bs_conditions_format (a->conditions);

  check_wire (&lab, "b", "a", "{latency_ms: 40}");
  g_assert_cmpstr (text, ==, "{packet_loss_percent: 5}");
  check_origin (a, BS_CONDITION_LOSS, "ingress of interface 'up0' of node 'a'", 6, 89);
  g_assert_true (bs_effective_is_nothing (b));
}

static void
test_a_pair_s_rate_is_a_bucket_of_its_own (void)
{
  g_auto (Lab) lab = lab_of ("network: {conditions: {bandwidth_kbps: 1000}}\n"
                             "nodes: [{name: a, image: tiny}, {name: b, image: tiny}, {name: c, image: tiny}]\n"
                             "conditions_between: [{nodes: [a, b], conditions: {bandwidth_kbps: 64}}]\n");
  g_autoptr (BsEffective) pair = between (&lab, "a", 0, "b", 0), other = between (&lab, "a", 0, "c", 0);
  g_autoptr (BsEffective) port = bs_effective_port (lab.index, bs_topology_node (lab.topology, "a"), 0);

  g_assert_true (bs_effective_has_own_bucket (pair));
  g_assert_false (bs_effective_has_own_bucket (other));
  g_assert_cmpfloat (pair->conditions->bandwidth_kbps, ==, 64);
  g_assert_cmpfloat (other->conditions->bandwidth_kbps, ==, 1000);
  g_assert_cmpfloat (port->conditions->bandwidth_kbps, ==, 1000);
}

static void
test_one_direction_is_one (void)
{
  g_auto (Lab) lab = lab_of (TWO_NODES "conditions_between: [{from: a, to: b, conditions: {latency_ms: 5}}]\n");

  check_wire (&lab, "a", "b", "{latency_ms: 5}");
  check_wire (&lab, "b", "a", "{}");
}

static void
test_nodes_mean_each_two_of_them (void)
{
  g_auto (Lab) lab = lab_of ("nodes: [{name: a, image: tiny}, {name: b, image: tiny}, {name: c, image: tiny}, "
                             "{name: d, image: tiny}]\n"
                             "conditions_between: [{nodes: [a, b, c], conditions: {latency_ms: 5}}]\n");

  check_wire (&lab, "a", "c", "{latency_ms: 5}");
  check_wire (&lab, "c", "b", "{latency_ms: 5}");
  check_wire (&lab, "a", "d", "{}");
  check_wire (&lab, "d", "a", "{}");
}

static void
test_the_later_of_two_pairs_comes_last (void)
{
  g_auto (Lab) lab = lab_of (TWO_NODES "conditions_between:\n"
                                       "  - {nodes: [a, b], conditions: {latency_ms: 5, jitter_ms: 1}}\n"
                                       "  - {from: a, to: b, conditions: {latency_ms: 6}}\n");

  check_wire (&lab, "a", "b", "{latency_ms: 6, jitter_ms: 1}");
  check_wire (&lab, "b", "a", "{latency_ms: 5, jitter_ms: 1}");
}

static void
test_two_interfaces_of_one_node_have_a_wire_but_no_pair (void)
{
  g_auto (Lab) lab = lab_of (
      "network: {name: lan, conditions: {latency_ms: 3}}\n"
      "nodes: [{name: a, image: tiny, interfaces: [{network: lan}, {network: lan}]}, {name: b, image: tiny}]\n"
      "conditions_between: [{nodes: [a, b], conditions: {latency_ms: 5}}]\n");
  g_autoptr (BsEffective) own = between (&lab, "a", 0, "a", 1), second = between (&lab, "a", 1, "b", 0);

  g_assert_cmpfloat (own->conditions->latency_ms, ==, 3);
  g_assert_cmpfloat (second->conditions->latency_ms, ==, 5);
}

/* An entry of many nodes and many entries of two: both are found, in the file's order. */
static void
test_many_nodes_in_one_entry_and_many_entries (void)
{
  g_autoptr (GString) text = g_string_new ("nodes:\n");
  const guint n = 400;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "  - {name: n%u, image: tiny}\n", i);
  g_string_append (text, "conditions_between:\n  - {from: n0, to: n1, conditions: {latency_ms: 1}}\n  - {nodes: [n0");
  for (guint i = 1; i < n; i++)
    g_string_append_printf (text, ", n%u", i);
  g_string_append (text, "], conditions: {latency_ms: 2, jitter_ms: 2}}\n");
  for (guint i = 1; i < n; i++)
    g_string_append_printf (text, "  - {nodes: [n0, n%u], conditions: {latency_ms: %u}}\n", i, 10 + i);
  {
    g_auto (Lab) lab = lab_of (text->str);

    check_wire (&lab, "n0", "n1", "{latency_ms: 11, jitter_ms: 2}");
    check_wire (&lab, "n399", "n0", "{latency_ms: 409, jitter_ms: 2}");
    check_wire (&lab, "n1", "n2", "{latency_ms: 2, jitter_ms: 2}");
    for (guint i = 0; i < n; i++)
      for (guint j = 0; j < n; j += 7)
        bs_effective_free (bs_effective_between (lab.index, g_ptr_array_index (lab.topology->nodes, i), 0,
                                                 g_ptr_array_index (lab.topology->nodes, j), 0));
  }
}

static void
test_what_is_nothing (void)
{
  static const struct
  {
    const char *conditions;
    gboolean nothing;
  } cases[] = {
    { "{jitter_distribution: pareto, queue: {discipline: codel}}", TRUE },
    { "{loss_burst: {p: 0}}", TRUE },
    { "{loss_burst: {p: 5, h: 100}}", TRUE },
    { "{loss_burst: {p: 0, k: 99}}", FALSE },
    { "{loss_burst: {p: 1}}", FALSE },
    { "{packet_loss_percent: 0.001}", FALSE },
    { "{jitter_ms: 1}", FALSE },
    { "{corrupt_percent: 1}", FALSE },
    { "{reorder_percent: 1}", FALSE },
    { "{duplicate_percent: 1}", FALSE },
    { "{bandwidth_kbps: 1}", FALSE },
    { "{trace: a}", FALSE },
    { "{schedule: [{at: 1h, down: true}]}", FALSE },
    { "{schedule: [], trace: none, preset: localhost}", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("network: {conditions: %s}\n" TWO_NODES, cases[i].conditions);
      g_auto (Lab) lab = lab_of (text);
      g_autoptr (BsEffective) wire = between (&lab, "a", 0, "b", 0);

      g_test_message ("%s", cases[i].conditions);
      g_assert_cmpint (bs_effective_is_nothing (wire), ==, cases[i].nothing);
    }
}

static guint64
seed_of (const char *text, const char *lab_name, const char *network)
{
  g_auto (Lab) lab = lab_of (text);

  return bs_effective_seed (lab.topology, lab_name, bs_topology_network (lab.topology, network));
}

static void
test_seeds (void)
{
  static const char own[] = "seed: 5\nnetworks: [{name: x, seed: 7}, {name: y}]\n" TWO_NODES;
  static const char none[] = "networks: [{name: x}, {name: y}]\n" TWO_NODES;

  g_assert_cmpuint (seed_of (own, "lab", "x"), ==, 7);
  g_assert_cmpuint (seed_of (own, "lab", "y"), ==, seed_of (own, "other", "y"));
  g_assert_cmpuint (seed_of (none, "lab", "x"), !=, seed_of (none, "lab", "y"));
  g_assert_cmpuint (seed_of (none, "lab", "y"), !=, seed_of (none, "other", "y"));
  g_assert_cmpuint (seed_of (none, "5", "y"), !=, seed_of (own, "5", "y"));
  g_assert_cmpuint (seed_of (none, "lab", "x"), <=, G_MAXINT64);
  /* The same on every host and in every version. */
  g_assert_cmpuint (seed_of (own, "lab", "y"), ==, G_GUINT64_CONSTANT (4097456474873313535));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/effective/nothing-is-done-unless-said", test_nothing_is_done_unless_said);
  g_test_add_func ("/effective/each-sender-pays-once", test_each_sender_pays_once);
  g_test_add_func ("/effective/a-node-s-conditions", test_a_node_s_conditions_act_on_what_it_sends);
  g_test_add_func ("/effective/levels-are-merged-key-by-key", test_levels_are_merged_key_by_key);
  g_test_add_func ("/effective/each-key-knows-who-said-it", test_each_key_knows_who_said_it);
  g_test_add_func ("/effective/other-networks-are-not-concerned", test_other_networks_are_not_concerned);
  g_test_add_func ("/effective/no-wire", test_there_is_no_wire_between_networks_nor_to_itself);
  g_test_add_func ("/effective/preset-before-own-keys", test_a_preset_comes_before_the_keys_of_its_level);
  g_test_add_func ("/effective/preset-of-a-higher-level",
                   test_a_preset_of_a_higher_level_wins_over_keys_of_a_lower_one);
  g_test_add_func ("/effective/zero-switches-off", test_zero_switches_off);
  g_test_add_func ("/effective/burst-for-loss", test_a_burst_takes_the_place_of_a_lower_level_s_loss);
  g_test_add_func ("/effective/ingress-is-besides", test_ingress_is_besides);
  g_test_add_func ("/effective/a-pair-s-rate", test_a_pair_s_rate_is_a_bucket_of_its_own);
  g_test_add_func ("/effective/one-direction-is-one", test_one_direction_is_one);
  g_test_add_func ("/effective/each-two-of-nodes", test_nodes_mean_each_two_of_them);
  g_test_add_func ("/effective/the-later-pair-comes-last", test_the_later_of_two_pairs_comes_last);
  g_test_add_func ("/effective/two-interfaces-of-one-node", test_two_interfaces_of_one_node_have_a_wire_but_no_pair);
  g_test_add_func ("/effective/many", test_many_nodes_in_one_entry_and_many_entries);
  g_test_add_func ("/effective/what-is-nothing", test_what_is_nothing);
  g_test_add_func ("/effective/seeds", test_seeds);
  return g_test_run ();
}
