/* SPDX-License-Identifier: Apache-2.0 */
/* test-explain.c — every value has an origin: its place in the file, or what else it comes from */
#include "bs-explain.h"

#include <glib/gstdio.h>
#include <string.h>

#define LAB                                                                                                            \
  "backend: qemu\n"                                                                                                    \
  "network: {name: lan, preset: campus, mtu: 1500}\n"                                                                  \
  "nodes:\n"                                                                                                           \
  "  - {name: web, image: tiny, count: 2, ready: [agent]}\n"                                                           \
  "  - {name: one, image: tiny, network_conditions: {latency_ms: 7}, cloud_init: {password: secret}}\n"                \
  "conditions_between:\n"                                                                                              \
  "  - {from: one, to: web, conditions: {preset: satellite, jitter_ms: 0}}\n"                                          \
  "scenarios:\n"                                                                                                       \
  "  - {name: s, steps: [{node: one, command: ls, expect: {exit_code: 1}}]}\n"

static json_t *
explain (const char *text)
{
  g_autofree char *folder = g_dir_make_tmp ("explain-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "shop.yaml", NULL), *said = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL;
  json_t *explanation;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  topology = bs_topology_load (path, &diagnostics);
  said = bs_diagnostics_format (diagnostics);
  g_assert_cmpstr (said, ==, "");
  explanation = bs_explain (topology, NULL, NULL);
  g_unlink (path);
  g_rmdir (folder);
  return explanation;
}

static void
check_value (const json_t *explanation, const char *path, const char *value, const char *origin)
{
  const char *file = bs_json_string (explanation, "file", "");
  json_t *entry;
  size_t i;

  json_array_foreach (json_object_get (explanation, "values"), i, entry)
  {
    g_autofree char *found = NULL;
    const char *from = bs_json_string (entry, "origin", "");

    if (strcmp (bs_json_string (entry, "path", ""), path) != 0)
      continue;
    found = json_dumps (json_object_get (entry, "value"), JSON_ENCODE_ANY);
    g_assert_cmpstr (found, ==, value);
    if (origin[0] == ':')
      g_assert_true (g_str_has_prefix (from, file));
    g_assert_cmpstr (origin[0] == ':' ? from + strlen (file) : from, ==, origin);
    g_assert_cmpint (bs_json_int (entry, "line", 0) > 0, ==, origin[0] == ':');
    return;
  }
  g_error ("no value at '%s'", path);
}

static void
test_origins (void)
{
  g_autoptr (json_t) explanation = explain (LAB);

  check_value (explanation, "backend", "\"qemu\"", ":1:10");
  check_value (explanation, "metadata.name", "\"shop\"", "name of the file");
  check_value (explanation, "networks[lan].name", "\"lan\"", ":2:17");
  check_value (explanation, "networks[lan].mtu", "1500", ":2:43");
  check_value (explanation, "networks[lan].conditions.preset", "\"campus\"", ":2:30");
  check_value (explanation, "networks[lan].subnet", "null", "chosen at up");
  check_value (explanation, "networks[lan].seed", "null", "from the lab's name");
  check_value (explanation, "nodes[web].backend", "\"qemu\"", "backend of the lab");
  check_value (explanation, "nodes[web].count", "2", ":4:37");
  check_value (explanation, "nodes[web].ready[0].agent", "true", ":4:48");
  check_value (explanation, "nodes[web].ready[0].within", "\"1m\"", "default");
  check_value (explanation, "nodes[one].ready", "[]", "default");
  check_value (explanation, "nodes[one].ready[agent].within", "\"3m\"",
               "setting boot.timeout (environment BENCHSCALE_BOOT_TIMEOUT)");
  check_value (explanation, "nodes[one].disk_gb", "null", "the image's");
  check_value (explanation, "nodes[one].firmware", "\"bios\"", "default");
  check_value (explanation, "nodes[one].cloud_init.hostname", "null", "name of the node");
  check_value (explanation, "networks[lan].subnet6", "null", "default");
  check_value (explanation, "scenarios[s].steps[0].timeout", "null", "what is left of the scenario's");
  check_value (explanation, "nodes[web].interfaces[0].mtu", "1500", "network 'lan'");
  check_value (explanation, "nodes[web].interfaces[0].mac", "null", "chosen at up");
  check_value (explanation, "nodes[web-2].name", "\"web-2\"", "count of web");
  check_value (explanation, "nodes[one].vcpus", "3", "setting node.vcpus (environment BENCHSCALE_NODE_VCPUS)");
  check_value (explanation, "nodes[one].memory_mb", "512", "default");
  check_value (explanation, "scenarios[s].steps[0].expected_exit_code", "1", ":9:68");
}

static void
test_passwords_are_hidden (void)
{
  g_autoptr (json_t) explanation = explain (LAB);
  g_autofree char *all = bs_json_dump (explanation);

  check_value (explanation, "nodes[one].cloud_init.password", "\"(hidden)\"", ":5:90");
  g_assert_null (strstr (all, "secret"));
}

/* "NODE[>NODE] KEY VALUE ORIGIN LINE:COLUMN" of each */
static char *
wires_of (const json_t *explanation)
{
  GString *text = g_string_new (NULL);
  json_t *entry;
  size_t i;

  json_array_foreach (json_object_get (explanation, "conditions"), i, entry) g_string_append_printf (
      text, "%s>%s %s %s %s %d\n", bs_json_string (entry, "node", ""), bs_json_string (entry, "to", ""),
      bs_json_string (entry, "key", ""), bs_json_string (entry, "value", ""), bs_json_string (entry, "origin", ""),
      (int) bs_json_int (entry, "line", 0));
  return g_string_free (text, FALSE);
}

/* All keys that conditions have, each once. */
static void
test_condition_defaults (void)
{
  static const char *const expected[] = { "latency_ms 0",
                                          "jitter_ms 0",
                                          "jitter_distribution normal",
                                          "packet_loss_percent 0",
                                          "loss_burst none",
                                          "duplicate_percent 0",
                                          "reorder_percent 0",
                                          "corrupt_percent 0",
                                          "bandwidth_kbps 0",
                                          "queue.limit computed from rate and delay",
                                          "queue.discipline droptail",
                                          "trace none",
                                          "schedule []" };
  g_autoptr (json_t) explanation = explain (LAB);
  const json_t *list = json_object_get (explanation, "condition_defaults");

  g_assert_cmpuint (json_array_size (list), ==, BS_N_CONDITIONS);
  for (guint i = 0; i < BS_N_CONDITIONS; i++)
    {
      const json_t *entry = json_array_get (list, i);
      g_autofree char *said
          = g_strdup_printf ("%s %s", bs_json_string (entry, "key", ""), bs_json_string (entry, "value", ""));

      g_assert_cmpstr (said, ==, expected[i]);
      g_assert_cmpstr (bs_json_string (entry, "origin", ""), ==, "default");
    }
}

static void
test_wires (void)
{
  g_autoptr (json_t) explanation = explain (LAB);
  g_autofree char *wires = wires_of (explanation);

  g_assert_nonnull (strstr (wires, "web-2> latency_ms 3 preset campus of network 'lan' 2\n"));
  g_assert_nonnull (strstr (wires, "one> latency_ms 7 node 'one' 5\n"));
  g_assert_nonnull (strstr (wires, "one>web-1 latency_ms 600 preset satellite of pair 7\n"));
  g_assert_nonnull (strstr (wires, "one>web-2 jitter_ms 0 pair 7\n"));
  g_assert_null (strstr (wires, "web-1>one"));
}

static void
test_wires_are_bounded (void)
{
  g_autoptr (json_t) mesh = explain ("nodes: [{name: a, image: tiny, count: 40}]\nconditions_between: [{nodes: [a], "
                                     "conditions: {latency_ms: 1}}]\n");
  g_autoptr (json_t) huge = explain ("nodes: [{name: a, image: tiny, count: 3000}]\nconditions_between: [{nodes: "
                                     "[a], conditions: {latency_ms: 1}}]\n");

  g_assert_cmpuint (json_array_size (json_object_get (mesh, "conditions")), ==, BS_EXPLAIN_WIRES_MAX);
  g_assert_cmpint (bs_json_int (mesh, "left_out", 0), ==, 40 * 39 - BS_EXPLAIN_WIRES_MAX);
  g_assert_cmpuint (json_array_size (json_object_get (huge, "conditions")), ==, 0);
  g_assert_cmpint (bs_json_int (huge, "left_out", 0), ==, 3000 * 2999);
}

int
main (int argc, char **argv)
{
  g_setenv ("BENCHSCALE_NODE_VCPUS", "3", TRUE);
  g_setenv ("BENCHSCALE_BOOT_TIMEOUT", "180", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/explain/origins", test_origins);
  g_test_add_func ("/explain/passwords-are-hidden", test_passwords_are_hidden);
  g_test_add_func ("/explain/condition-defaults", test_condition_defaults);
  g_test_add_func ("/explain/wires", test_wires);
  g_test_add_func ("/explain/wires-are-bounded", test_wires_are_bounded);
  return g_test_run ();
}
