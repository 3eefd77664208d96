/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology-count.c — one node that becomes several, and what its name means then */
#include "topology-test.h"

#include <glib/gstdio.h>

#define WEBS                                                                                                           \
  "nodes:\n  - {name: db, image: tiny, depends_on: [web]}\n  - {name: web, image: tiny, count: 3, memory_mb: 64}\n"

static char *
join (const GPtrArray *names)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", (const char *) g_ptr_array_index (names, i));
  return g_string_free (text, FALSE);
}

static void
check_names (const GPtrArray *names, const char *expected)
{
  g_autofree char *joined = join (names);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_members (void)
{
  g_autoptr (BsTopology) topology = parse_good (WEBS);
  const BsTopologyNode *second = bs_topology_node (topology, "web-2");

  g_assert_cmpuint (topology->nodes->len, ==, 4);
  g_assert_cmpstr (((BsTopologyNode *) g_ptr_array_index (topology->nodes, 1))->name, ==, "web-1");
  g_assert_cmpstr (((BsTopologyNode *) g_ptr_array_index (topology->nodes, 3))->name, ==, "web-3");
  g_assert_null (bs_topology_node (topology, "web"));
  g_assert_cmpstr (second->group, ==, "web");
  g_assert_cmpuint (second->group_index, ==, 2);
  g_assert_cmpuint (second->group_size, ==, 3);
  g_assert_cmpuint (second->memory_mib, ==, 64);
  g_assert_cmpuint (second->interfaces->len, ==, 1);
  g_assert_cmpstr (second->image, ==, "tiny");
  g_assert_cmpuint (topology->inert->len, ==, 0);
}

static void
test_one_has_a_suffix_too (void)
{
  g_autoptr (BsTopology) topology
      = parse_good ("nodes: [{name: a, image: tiny, count: 1}]\n"
                    "scenarios: [{name: s, steps: [{node: a, command: ls}, {copy: {src: 'a:/x', dest: y}}]}]\n");
  const BsTopologyScenario *scenario = g_ptr_array_index (topology->scenarios, 0);

  g_assert_nonnull (bs_topology_node (topology, "a-1"));
  g_assert_cmpstr (((BsTopologyStep *) g_ptr_array_index (scenario->steps, 0))->node, ==, "a-1");
  g_assert_cmpstr (((BsTopologyStep *) g_ptr_array_index (scenario->steps, 1))->copy->source_node, ==, "a-1");
}

static void
test_the_name_means_all (void)
{
  g_autoptr (BsTopology) topology = parse_good (WEBS "  - {name: c, image: tiny, depends_on: [web-2, db]}\n");

  check_names (bs_topology_node (topology, "db")->depends_on, "web-1 web-2 web-3");
  check_names (bs_topology_node (topology, "c")->depends_on, "web-2 db");
}

static const BsTopologyAction *
nth_action (const BsTopology *topology, guint scenario, guint index)
{
  const BsTopologyScenario *found = g_ptr_array_index (topology->scenarios, scenario);

  return ((BsTopologyStep *) g_ptr_array_index (found->steps, index))->action;
}

static void
test_in_steps (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (WEBS "scenarios: [{name: s, steps: [{fault: {partition: [[web], [db]], for: 1s}},\n"
                         "  {net: {reset: [db, web]}}, {parallel: [{net: {down: [web]}}, {wait: 1s}]}]}]\n");
  const BsTopologyScenario *scenario = g_ptr_array_index (topology->scenarios, 0);
  const BsTopologyStep *parallel = g_ptr_array_index (scenario->steps, 2);

  check_names (g_ptr_array_index (nth_action (topology, 0, 0)->groups, 0), "web-1 web-2 web-3");
  check_names (g_ptr_array_index (nth_action (topology, 0, 0)->groups, 1), "db");
  check_names (nth_action (topology, 0, 1)->target.nodes, "db web-1 web-2 web-3");
  check_names (((BsTopologyStep *) g_ptr_array_index (parallel->parallel, 0))->action->target.nodes,
               "web-1 web-2 web-3");
}

static void
test_in_scenarios_of_another_file (void)
{
  g_autoptr (BsTopology) topology = parse_good (WEBS);
  g_autofree char *dir = g_dir_make_tmp ("topology-XXXXXX", NULL), *path = g_build_filename (dir, "s.yaml", NULL);
  g_autofree char *said = NULL, *expected = NULL;
  g_autoptr (BsDiagnostics) good = NULL, bad = NULL;

  g_assert_true (
      g_file_set_contents (path, "name: s\nsteps: [{net: {down: [web, db]}}, {node: web-3, command: ls}]\n", -1, NULL));
  g_assert_true (bs_topology_add_scenarios (topology, path, &good));
  check_names (nth_action (topology, 0, 0)->target.nodes, "web-1 web-2 web-3 db");
  g_assert_true (g_file_set_contents (
      path, "name: t\nsteps: [{node: web, command: ls}, {net: {partition: [[web], [web-2]]}}]\n", -1, NULL));
  g_assert_false (bs_topology_add_scenarios (topology, path, &bad));
  said = bs_diagnostics_format (bad);
  expected = g_strdup_printf ("benchscale: %s:2:16: 'web' is 3 nodes, and one is needed here\n"
                              "hint: write one of them: web-1 to web-3\n"
                              "benchscale: %s:2:62: scenario 't': node 'web-2' is in the partition twice\n"
                              "hint: a node is on one side only\n",
                              path, path);
  g_assert_cmpstr (said, ==, expected);
  g_remove (path);
  g_rmdir (dir);
}

static void
test_the_most (void)
{
  g_autoptr (BsTopology) topology = parse_good ("nodes: [{name: n, image: tiny, count: 100000}]\n");

  g_assert_cmpuint (topology->nodes->len, ==, 100000);
  g_assert_nonnull (bs_topology_node (topology, "n-100000"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/count/members", test_members);
  g_test_add_func ("/count/one-has-a-suffix-too", test_one_has_a_suffix_too);
  g_test_add_func ("/count/the-name-means-all", test_the_name_means_all);
  g_test_add_func ("/count/in-steps", test_in_steps);
  g_test_add_func ("/count/in-scenarios-of-another-file", test_in_scenarios_of_another_file);
  g_test_add_func ("/count/the-most", test_the_most);
  return g_test_run ();
}
