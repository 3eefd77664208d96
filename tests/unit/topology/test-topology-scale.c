/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology-scale.c — big files are read in time that grows as they do, right or wrong; bench measures how long */
#include "bs-topology.h"

#include <time.h>

#define FEW 1500
#define MANY (8 * FEW)
/* Eight times as much takes about eight times as long; 64 times would be quadratic. */
#define TIMES_MOST 24
#define LIMIT_CLOCKS (20 * CLOCKS_PER_SEC)

static void
append_node (GString *text, guint i, const char *dependency)
{
  g_string_append_printf (text,
                          "  - name: n%u\n    image: tiny\n    memory_mb: 128\n    env: {ROLE: worker, INDEX: %u}\n"
                          "    interfaces: [{network: lan, address: 10.%u.%u.%u}]\n    depends_on: [%s]\n",
                          i, i, 1 + i / 50000, i / 200 % 250, i % 200 + 2, dependency);
}

/* Parses. Returns: the processor time it took, which other work on the host does not change much; @n_items is how many
 * items were said */
static gint64
parse_clocks (const GString *text, gboolean good, guint *n_items)
{
  clock_t begin = clock ();
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse ("big.yaml", text->str, text->len, &diagnostics);

  g_assert_cmpint (topology != NULL, ==, good);
  *n_items = diagnostics->items->len;
  return clock () - begin;
}

static guint
parse_in_time (const GString *text, gboolean good)
{
  guint n_items;

  g_assert_cmpint (parse_clocks (text, good, &n_items), <, LIMIT_CLOCKS);
  return n_items;
}

/* The best of three for @n nodes that each depend on @dependency. */
static gint64
nodes_clocks (guint n, const char *dependency, guint n_expected)
{
  g_autoptr (GString) text = g_string_new ("network: {name: lan, subnet: 10.0.0.0/8}\nnodes:\n");
  gint64 best = G_MAXINT64;

  for (guint i = 0; i < n; i++)
    append_node (text, i, dependency);
  for (guint i = 0; i < 3; i++)
    {
      guint n_items;

      best = MIN (best, parse_clocks (text, n_expected == 0, &n_items));
      g_assert_cmpuint (n_items, ==, n_expected);
    }
  return best;
}

static void
test_nodes (void)
{
  g_assert_cmpint (nodes_clocks (MANY, "", 0), <, TIMES_MOST * nodes_clocks (FEW, "", 0));
}

/* The nearest name is looked for among all, so this is where a budget is needed. */
static void
test_wrong_names (void)
{
  g_assert_cmpint (nodes_clocks (MANY, "m1234", 1001), <, TIMES_MOST * nodes_clocks (FEW, "m1234", 1001));
}

static void
test_everybody_depends_on_everybody (void)
{
  g_autoptr (GString) text = g_string_new ("nodes:\n");

  for (guint i = 0; i < 500; i++)
    {
      g_string_append_printf (text, "  - name: n%u\n    image: tiny\n    depends_on: [n0", i);
      for (guint j = 1; j < 500; j++)
        g_string_append_printf (text, ",n%u", j);
      g_string_append (text, "]\n");
    }
  g_assert_cmpuint (parse_in_time (text, FALSE), ==, 1001);
}

static void
test_ten_thousand_subnets_in_one (void)
{
  g_autoptr (GString) text = g_string_new ("networks:\n  - {name: all, subnet: 10.0.0.0/8}\n");

  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (text, "  - {name: n%u, subnet: 10.%u.%u.0/24}\n", i, i / 250, i % 250);
  g_string_append (text, "nodes: [{name: one, image: tiny, interfaces: [{network: all}]}]\n");
  g_assert_cmpuint (parse_in_time (text, FALSE), ==, 1001);
}

/* Nodes with conditions on all levels, 100 to a network with IPv6 behind the one before it, and pairs along a chain. */
static gint64
wires_clocks (guint n)
{
  g_autoptr (GString) text = g_string_new ("networks:\n  - {name: w0, subnet6: \"fd00::/64\"}\n");
  gint64 best = G_MAXINT64;

  for (guint i = 1; i < n / 100; i++)
    g_string_append_printf (text, "  - {name: w%u, subnet6: \"fd00:%x::/64\", preset: campus, nat: {uplink: w%u}}\n", i,
                            i, i - 1);
  g_string_append (text, "nodes:\n");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        text,
        "  - name: n%u\n    image: tiny\n    network_conditions: {latency_ms: 1.5}\n"
        "    interfaces: [{network: w%u, address6: \"fd00:%x::%x\", conditions: {preset: home_lan}}]\n",
        i, i / 100, i / 100, i % 100 + 2);
  g_string_append (text, "conditions_between:\n");
  for (guint i = 1; i < n; i++)
    if (i % 100 != 0)
      g_string_append_printf (text, "  - {nodes: [n%u, n%u], conditions: {jitter_ms: 2}}\n", i - 1, i);
  for (guint i = 0; i < 3; i++)
    {
      guint n_items;

      best = MIN (best, parse_clocks (text, TRUE, &n_items));
      g_assert_cmpuint (n_items, ==, 0);
    }
  return best;
}

static void
test_wires (void)
{
  g_assert_cmpint (wires_clocks (MANY), <, TIMES_MOST * wires_clocks (FEW));
}

/* Names are looked up after all keys were read; what is told is in the order of the file all the same. */
static void
test_two_faults_in_each_of_ten_thousand_nodes (void)
{
  g_autoptr (GString) text = g_string_new ("nodes:\n");
  g_autoptr (BsDiagnostics) diagnostics = NULL;

  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (text, "  - {name: n%u, image: tiny, depends_on: [nobody], wrong: 1}\n", i);
  g_assert_cmpuint (parse_in_time (text, FALSE), ==, 1001);
  g_assert_null (bs_topology_parse ("t.yaml", text->str, text->len, &diagnostics));
  for (guint i = 0; i < 1000; i++)
    {
      const BsDiagnostic *item = diagnostics->items->pdata[i];

      g_assert_cmpuint (item->line, ==, i / 2 + 2);
      g_assert_nonnull (strstr (item->message, i % 2 == 0 ? "there is no node 'nobody'" : "unknown key 'wrong'"));
    }
  g_assert_cmpstr (((const BsDiagnostic *) diagnostics->items->pdata[1000])->message, ==, "19000 more not shown");
}

static void
test_ten_thousand_networks_behind_each_other (void)
{
  g_autoptr (GString) text = g_string_new ("networks:\n");

  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (text, "  - {name: n%u, nat: {uplink: n%u}}\n", i, (i + 1) % 10000);
  g_string_append (text, "nodes: [{name: one, image: tiny, interfaces: [{network: n0}]}]\n");
  g_assert_cmpuint (parse_in_time (text, FALSE), ==, 1);
}

static void
test_one_pair_of_ten_thousand_nodes_on_two_networks (void)
{
  g_autoptr (GString) text = g_string_new ("networks: [{name: a}, {name: b}, {name: c}]\nnodes:\n");

  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (text, "  - {name: n%u, image: tiny, interfaces: [{network: %c}]}\n", i,
                            i < 9999 ? 'a' + (int) i % 2 : 'c');
  g_string_append (text, "conditions_between: [{conditions: {}, nodes: [n0");
  for (guint i = 1; i < 10000; i++)
    g_string_append_printf (text, ", n%u", i);
  g_string_append (text, "]}]\n");
  g_assert_cmpuint (parse_in_time (text, FALSE), ==, 1);
}

static void
test_a_schedule_of_many_entries (void)
{
  g_autoptr (GString) text = g_string_new ("nodes: [{name: one, image: tiny}]\nnetwork: {conditions: {schedule: [");

  for (guint i = 50000; i > 0; i--)
    g_string_append_printf (text, "{at: %u, for: 1, down: true}, ", i);
  g_string_append (text, "{at: 0, for: 1h, down: true}]}}\n");
  g_assert_cmpuint (parse_in_time (text, FALSE), ==, 1001);
}

static void
test_many_values (void)
{
  g_autoptr (GString) text = g_string_new ("metadata: {tags: [a");

  for (guint i = 0; i < 300000; i++)
    g_string_append (text, ",a");
  g_string_append (text, "]}\nnodes: [{name: one, image: tiny}]\n");
  g_assert_cmpuint (parse_in_time (text, TRUE), ==, 0);
}

static void
test_too_many_values (void)
{
  g_autoptr (GString) text = g_string_new ("metadata: {tags: [a");
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  const BsDiagnostic *said;

  for (guint i = 0; i < 6000000; i++)
    g_string_append (text, ",a");
  g_assert_null (bs_topology_parse ("big.yaml", text->str, text->len, &diagnostics));
  g_assert_cmpuint (diagnostics->items->len, ==, 1);
  said = g_ptr_array_index (diagnostics->items, 0);
  g_assert_cmpstr (said->message, ==, "too many values for one file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/topology-scale/nodes", test_nodes);
  g_test_add_func ("/topology-scale/wrong-names", test_wrong_names);
  g_test_add_func ("/topology-scale/everybody-depends-on-everybody", test_everybody_depends_on_everybody);
  g_test_add_func ("/topology-scale/ten-thousand-subnets-in-one", test_ten_thousand_subnets_in_one);
  g_test_add_func ("/topology-scale/wires", test_wires);
  g_test_add_func ("/topology-scale/networks-behind-each-other", test_ten_thousand_networks_behind_each_other);
  g_test_add_func ("/topology-scale/two-faults-in-each-of-ten-thousand-nodes",
                   test_two_faults_in_each_of_ten_thousand_nodes);
  g_test_add_func ("/topology-scale/one-pair-of-many", test_one_pair_of_ten_thousand_nodes_on_two_networks);
  g_test_add_func ("/topology-scale/a-schedule-of-many-entries", test_a_schedule_of_many_entries);
  g_test_add_func ("/topology-scale/many-values", test_many_values);
  g_test_add_func ("/topology-scale/too-many-values", test_too_many_values);
  return g_test_run ();
}
