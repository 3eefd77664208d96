/* SPDX-License-Identifier: Apache-2.0 */
/* test-graph.c — topologies as pictures, which Graphviz itself must accept */
#include "bs-error.h"
#include "bs-graph.h"
#include "topology-test.h"

static char *
dot_of (const char *text)
{
  g_autoptr (BsTopology) topology = parse_good (text);

  return bs_graph_dot (topology);
}

static void
assert_contains (const char *text, const char *wanted)
{
  if (strstr (text, wanted) == NULL)
    g_error ("'%s' is missing in:\n%s", wanted, text);
}

static guint
count (const char *text, const char *wanted)
{
  guint n = 0;

  for (const char *at = strstr (text, wanted); at != NULL; at = strstr (at + 1, wanted))
    n++;
  return n;
}

/* Names n0, n1, … that are drawn, without the titles that say them again. */
static guint
count_nodes (const char *svg)
{
  guint n = 0;

  for (const char *at = strstr (svg, ">n"); at != NULL; at = strstr (at + 1, ">n"))
    n += g_ascii_isdigit (at[2]);
  return n;
}

/* @n nodes on `lan`, and one that is on `wan` too. */
static char *
crowd (guint n)
{
  GString *text = g_string_new ("networks: [{name: lan}, {name: wan}]\nnodes:\n  - {name: gate, image: tiny}\n");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "  - {name: n%u, image: tiny, interfaces: [{network: lan}]}\n", i);
  return g_string_free (text, FALSE);
}

static void
test_small (void)
{
  g_autofree char *dot = dot_of ("network: {name: lan, subnet: 10.10.0.0/24}\nnodes:\n"
                                 "  - {name: one, image: tiny, interfaces: [{network: lan, address: 10.10.0.9}]}\n"
                                 "  - {name: two, image: tiny}\n");

  assert_contains (dot, "graph \"t\" {");
  assert_contains (dot, "\"net lan\" [");
  assert_contains (dot, "10.10.0.0/24");
  assert_contains (dot, "\"node one\" -- \"net lan\" [label=\"10.10.0.9\"]");
  assert_contains (dot, "\"node two\" -- \"net lan\";");
}

static void
test_crowd_is_a_table (void)
{
  g_autofree char *text = crowd (300), *dot = dot_of (text);

  assert_contains (dot, "<b>300 nodes</b>");
  assert_contains (dot, "<td>n299</td>");
  g_assert_cmpuint (count (dot, " -- \"net lan\""), ==, 2);
  g_assert_cmpuint (count (dot, "shape=plain"), ==, 1);
}

/* Graphviz lays it out: as many words as there are names, and never wider than a few screens. */
static void
test_svg (gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = crowd (n), *dot = dot_of (text), *svg = bs_graph_svg (dot, NULL, &error);
  const char *width;

  g_assert_no_error (error);
  assert_contains (svg, ">n0<");
  g_assert_cmpuint (count_nodes (svg), ==, n);
  width = strstr (svg, "<svg width=\"");
  g_assert_nonnull (width);
  g_assert_cmpint (atoi (width + strlen ("<svg width=\"")), <, 2500);
}

static void
test_name_is_quoted (void)
{
  g_autoptr (BsTopology) topology = parse_good ("network: {name: lan}\nnodes: [{name: one, image: tiny}]\n");
  g_autoptr (GError) error = NULL;
  g_autofree char *dot = NULL, *svg = NULL;
  BsTopologyNode *node = g_ptr_array_index (topology->nodes, 0);

  g_free (node->image);
  node->image = g_strdup ("a\"b]>, <c> & \\ d");
  g_free (topology->name);
  topology->name = g_strdup ("x\"]; y \\");
  dot = bs_graph_dot (topology);
  svg = bs_graph_svg (dot, NULL, &error);
  g_assert_no_error (error);
  assert_contains (dot, "graph \"x\\\"]; y \\\\\" {");
  assert_contains (svg, "a&quot;b]&gt;, &lt;c&gt; &amp; \\ d");
}

static void
test_no_program (void)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH")), *svg = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("PATH", "/nowhere", TRUE);
  svg = bs_graph_svg ("graph {}", NULL, &error);
  g_setenv ("PATH", path, TRUE);
  g_assert_null (svg);
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_cmpstr (bs_error_hint (error), ==, "install the package graphviz, or ask for --format dot");
}

static void
test_refused_by_dot (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *svg = bs_graph_svg ("graph {", NULL, &error);

  g_assert_null (svg);
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "'dot' failed: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/few-nodes-have-a-box-each", test_small);
  g_test_add_func ("/graph/many-nodes-share-a-table", test_crowd_is_a_table);
  g_test_add_data_func ("/graph/svg-of-3", GUINT_TO_POINTER (3), test_svg);
  g_test_add_data_func ("/graph/svg-of-300", GUINT_TO_POINTER (300), test_svg);
  g_test_add_data_func ("/graph/svg-of-1000", GUINT_TO_POINTER (1000), test_svg);
  g_test_add_func ("/graph/any-text-is-quoted", test_name_is_quoted);
  g_test_add_func ("/graph/no-graphviz", test_no_program);
  g_test_add_func ("/graph/what-graphviz-says", test_refused_by_dot);
  return g_test_run ();
}
