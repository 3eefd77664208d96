/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology-steps.c — what the kinds of steps become */
#include "topology-test.h"

#define NODES "nodes: [{name: one, image: tiny}, {name: two, image: tiny}, {name: three, image: tiny}]\n"
#define STEPS(steps) NODES "scenarios:\n  - {name: s, steps: [" steps "]}\n"

static const BsTopologyStep *
nth_step (const BsTopology *topology, guint index)
{
  return g_ptr_array_index (((BsTopologyScenario *) g_ptr_array_index (topology->scenarios, 0))->steps, index);
}

static void
test_wait (void)
{
  g_autoptr (BsTopology) topology = parse_good (STEPS ("{wait: 1.5}, {name: w, wait: 2m}"));

  g_assert_cmpint (nth_step (topology, 0)->kind, ==, BS_STEP_WAIT);
  g_assert_cmpint (nth_step (topology, 0)->wait_usec, ==, 1500000);
  g_assert_cmpstr (nth_step (topology, 0)->name, ==, "step 1");
  g_assert_cmpstr (nth_step (topology, 1)->name, ==, "w");
  g_assert_null (nth_step (topology, 0)->node);
}

static void
test_command_is_one (void)
{
  g_autoptr (BsTopology) topology = parse_good (STEPS ("{node: one, command: ls}"));

  g_assert_cmpint (nth_step (topology, 0)->kind, ==, BS_STEP_COMMAND);
  g_assert_cmpuint (topology->inert->len, ==, 0);
}

static void
test_copy (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (STEPS ("{copy: {src: './a:b', dest: 'one:/tmp/x:y'}}, {copy: {src: 'two:/var/log', dest: logs}}"));
  const BsTopologyCopy *in = nth_step (topology, 0)->copy, *out = nth_step (topology, 1)->copy;

  g_assert_cmpint (nth_step (topology, 0)->kind, ==, BS_STEP_COPY);
  g_assert_cmpstr (in->source, ==, "./a:b");
  g_assert_null (in->source_node);
  g_assert_cmpstr (in->destination, ==, "/tmp/x:y");
  g_assert_cmpstr (in->destination_node, ==, "one");
  g_assert_cmpstr (out->source, ==, "/var/log");
  g_assert_cmpstr (out->source_node, ==, "two");
  g_assert_cmpstr (out->destination, ==, "logs");
  g_assert_null (out->destination_node);
}

static void
test_partition (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (STEPS ("{fault: {partition: [[one], [two]], bridge: three, for: 5s}},\n"
                           "{net: {partition: [[one, two], [three]], one_way: true}}, {net: {heal: true}}"));
  const BsTopologyAction *fault = nth_step (topology, 0)->action, *net = nth_step (topology, 1)->action;

  g_assert_cmpint (nth_step (topology, 0)->kind, ==, BS_STEP_FAULT);
  g_assert_cmpint (fault->kind, ==, BS_ACTION_PARTITION);
  g_assert_cmpint (fault->for_usec, ==, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (fault->groups->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index ((GPtrArray *) g_ptr_array_index (fault->groups, 1), 0), ==, "two");
  g_assert_cmpstr (fault->bridge, ==, "three");
  g_assert_false (fault->one_way);
  g_assert_cmpint (nth_step (topology, 1)->kind, ==, BS_STEP_NET);
  g_assert_cmpint (net->kind, ==, BS_ACTION_PARTITION);
  g_assert_cmpint (net->for_usec, ==, 0);
  g_assert_true (net->one_way);
  g_assert_cmpuint (((GPtrArray *) g_ptr_array_index (net->groups, 0))->len, ==, 2);
  g_assert_cmpint (nth_step (topology, 2)->action->kind, ==, BS_ACTION_HEAL);
}

/* The action of the one step in @yaml, as "KIND NODES NETWORK INTERFACE AMOUNT". */
static void
check_action (const char *yaml, BsActionKind kind, const char *nodes, const char *network, const char *interface,
              gint64 amount)
{
  g_autofree char *text = g_strdup_printf (STEPS ("{%s}"), yaml);
  g_autoptr (BsTopology) topology = parse_good (text);
  const BsTopologyAction *action = nth_step (topology, 0)->action;
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < action->target.nodes->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", (char *) g_ptr_array_index (action->target.nodes, i));
  g_assert_cmpint (action->kind, ==, kind);
  g_assert_cmpstr (names->str, ==, nodes);
  g_assert_cmpstr (action->target.network, ==, network);
  g_assert_cmpstr (action->target.interface, ==, interface);
  g_assert_cmpint (action->amount, ==, amount);
}

static void
test_actions (void)
{
  check_action ("fault: {down: [one, two], network: lab, for: 1s}", BS_ACTION_DOWN, "one two", "lab", NULL, 0);
  check_action ("fault: {down: true, for: 1s}", BS_ACTION_DOWN, "", NULL, NULL, 0);
  check_action ("fault: {crash: [one], for: 1s}", BS_ACTION_CRASH, "one", NULL, NULL, 0);
  check_action ("fault: {pause: [one], for: 1s}", BS_ACTION_PAUSE, "one", NULL, NULL, 0);
  check_action ("fault: {freeze: [one], for: 1s}", BS_ACTION_FREEZE, "one", NULL, NULL, 0);
  check_action ("fault: {cpu: 4, nodes: [one], for: 1s}", BS_ACTION_CPU, "one", NULL, NULL, 4);
  check_action ("fault: {memory: 64, nodes: [two], for: 1s}", BS_ACTION_MEMORY, "two", NULL, NULL, 64);
  check_action ("fault: {disk: 100, for: 1s}", BS_ACTION_DISK, "", NULL, NULL, 100);
  check_action ("fault: {clock: 1h, for: 1s}", BS_ACTION_CLOCK, "", NULL, NULL, G_GINT64_CONSTANT (3600000000));
  check_action ("fault: {clock: -90s, for: 1s}", BS_ACTION_CLOCK, "", NULL, NULL, -90 * G_USEC_PER_SEC);
  check_action ("net: {reset: [one], interface: eth0}", BS_ACTION_RESET, "one", NULL, "eth0", 0);
  check_action ("net: {verify: true, network: lab}", BS_ACTION_VERIFY, "", "lab", NULL, 0);
  check_action ("net: {conditions: {latency_ms: 100}, nodes: [one], ingress: true}", BS_ACTION_CONDITIONS, "one", NULL,
                NULL, 0);
}

static void
test_parallel (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (STEPS ("{name: both, timeout: 9s, parallel: [{node: one, command: ls}, {name: w, wait: 1s}]}"));
  const BsTopologyStep *step = nth_step (topology, 0);

  g_assert_cmpint (step->kind, ==, BS_STEP_PARALLEL);
  g_assert_cmpint (step->timeout_usec, ==, 9 * G_USEC_PER_SEC);
  g_assert_cmpuint (step->parallel->len, ==, 2);
  g_assert_cmpstr (((BsTopologyStep *) g_ptr_array_index (step->parallel, 0))->name, ==, "step 1");
  g_assert_cmpint (((BsTopologyStep *) g_ptr_array_index (step->parallel, 1))->kind, ==, BS_STEP_WAIT);
  g_assert_cmpuint (topology->inert->len, ==, 1);
}

static void
test_fresh (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (NODES "scenarios: [{name: s, fresh: true, steps: [{node: one, command: ls}]}]\n");
  const BsTopologyScenario *scenario = g_ptr_array_index (topology->scenarios, 0);

  g_assert_true (scenario->fresh);
  g_assert_cmpuint (scenario->fresh_at.line, ==, 2);
  g_assert_cmpuint (scenario->fresh_at.column, ==, 30);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/steps/wait", test_wait);
  g_test_add_func ("/steps/command-is-one", test_command_is_one);
  g_test_add_func ("/steps/copy", test_copy);
  g_test_add_func ("/steps/partition", test_partition);
  g_test_add_func ("/steps/actions", test_actions);
  g_test_add_func ("/steps/parallel", test_parallel);
  g_test_add_func ("/steps/fresh", test_fresh);
  return g_test_run ();
}
