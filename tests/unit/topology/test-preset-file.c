/* SPDX-License-Identifier: Apache-2.0 */
/* test-preset-file.c — presets of the user's own, and those of the Rust versions */
#include "bs-preset-file.h"
#include "bs-preset.h"
#include "bs-topology-encode.h"
#include "topology-test.h"

#include <unistd.h>

/* Loads @text as a file. Returns: what is said, "" when all is well */
static char *
load (const char *text, gboolean *ok)
{
  g_autofree char *path = NULL, *said = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  int fd = g_file_open_tmp ("presets-XXXXXX.yaml", &path, NULL);
  GString *plain;

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  *ok = bs_preset_file_load (path, &diagnostics);
  said = bs_diagnostics_format (diagnostics);
  plain = g_string_new (said);
  g_string_replace (plain, path, "p.yaml", 0);
  unlink (path);
  return g_string_free (plain, FALSE);
}

static void
test_good (void)
{
  gboolean ok;
  g_autofree char *said = load ("presets:\n  my_line:\n    description: \"A line: mine\"\n    latency_ms: 7.5\n"
                                "    packet_loss_percent: 1.0\n    bandwidth_kbps: 1000\n    jitter_ms: 2\n"
                                "    scenario: \"somewhere\"\n  home_lan: {latency_ms: 3}\n",
                                &ok);
  g_autoptr (BsTopology) topology = NULL;
  const BsConditions *mine;

  g_assert_cmpstr (said, ==, "");
  g_assert_true (ok);
  mine = bs_preset_find ("my_line");
  g_assert_cmpfloat (mine->latency_ms, ==, 7.5);
  g_assert_cmpfloat (mine->bandwidth_kbps, ==, 1000);
  g_assert_cmpfloat (bs_preset_find ("home_lan")->latency_ms, ==, 3);
  g_assert_cmpuint (bs_preset_find ("home_lan")->set, ==, 1 << BS_CONDITION_LATENCY);
  topology = parse_good ("network: {name: lan, preset: my_line}\n" ONE_NODE);
  g_assert_cmpstr (bs_preset_nearest ("my_lime"), ==, "my_line");
}

static const BsConditions *
preset_of_lan (const BsTopology *topology)
{
  return bs_conditions_preset (bs_topology_network (topology, "lan")->conditions);
}

/* A running lab is read again when the file is gone, or says something else. */
static void
test_topologies_keep_what_they_use (void)
{
  static const char text[] = "network: {name: lan, preset: kept_line}\n" ONE_NODE;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL, again = NULL;
  g_autoptr (json_t) presets = NULL;
  g_autofree char *said = NULL, *other = NULL, *document = NULL, *expected = NULL;
  BsTopologyLoadOptions options = { 0 };
  gboolean ok;

  said = load ("presets: {kept_line: {latency_ms: 7, trace: none, loss_burst: {p: 1}, queue: {limit: 10ms}, schedule: "
               "[{at: 1s, down: true}]}, unused: {latency_ms: 1}}\n",
               &ok);
  g_assert_cmpstr (said, ==, "");
  topology = parse_good (text);
  presets = bs_topology_presets_to_json (topology);
  g_assert_nonnull (json_object_get (json_object_get (presets, "presets"), "kept_line"));
  g_assert_cmpuint (json_object_size (json_object_get (presets, "presets")), ==, 1);
  options.presets = document = bs_json_dump (presets);

  other = load ("presets: {kept_line: {latency_ms: 99}}\n", &ok);
  g_assert_cmpfloat (bs_preset_find ("kept_line")->latency_ms, ==, 99);
  again = bs_topology_parse_full ("t.yaml", text, strlen (text), &options, &diagnostics);
  g_assert_nonnull (again);
  g_assert_cmpfloat (preset_of_lan (again)->latency_ms, ==, 7);
  g_assert_true (bs_conditions_equal (preset_of_lan (again), preset_of_lan (topology)));
  g_assert_cmpfloat (bs_preset_find ("kept_line")->latency_ms, ==, 99);
}

static void
test_kept_presets_are_known_to_their_document_only (void)
{
  static const char text[] = "network: {name: lan, preset: private_line}\n" ONE_NODE;
  const BsTopologyLoadOptions options = { .presets = "{\"presets\": {\"private_line\": {\"latency_ms\": 5}}}" };
  const BsTopologyLoadOptions damaged = { .presets = "{\"presets\": {\"private_line\": {\"latency\": 5}}}" };
  g_autoptr (BsDiagnostics) diagnostics = NULL, wrong_ones = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse_full ("t.yaml", text, strlen (text), &options, &diagnostics);
  g_autofree char *said = parse_bad (text, strlen (text)), *told = NULL;

  g_assert_cmpfloat (preset_of_lan (topology)->latency_ms, ==, 5);
  g_assert_nonnull (strstr (said, "there is no preset 'private_line'"));
  g_assert_null (bs_topology_parse_full ("t.yaml", text, strlen (text), &damaged, &wrong_ones));
  told = bs_diagnostics_format (wrong_ones);
  g_assert_nonnull (strstr (told, "presets:1:31: preset 'private_line': unknown key 'latency'"));
}

static const ErrorCase wrong[] = {
  { "no-presets", "nodes: []\n",
    "benchscale: p.yaml:1:1: a file of presets is a mapping with the one key 'presets'\n"
    "hint: write presets: {NAME: {latency_ms: 20}}\n" },
  { "file-no-mapping", "[]\n",
    "benchscale: p.yaml:1:1: a file of presets is a mapping with the one key 'presets'\n"
    "hint: write presets: {NAME: {latency_ms: 20}}\n" },
  { "presets-no-mapping", "presets: 5\n",
    "benchscale: p.yaml:1:10: 'presets' must be a mapping of names to conditions\n"
    "hint: write presets: {NAME: {latency_ms: 20}}\n" },
  { "wrong-keys-at-once", "presets: {a: {latency: 5}, 'b c': {jitter_ms: -1}}\nmore: 1\n",
    "benchscale: p.yaml:1:15: preset 'a': unknown key 'latency'\nhint: did you mean 'latency_ms'?\n"
    "benchscale: p.yaml:1:28: a preset's name has letters, digits, '_', '.' and '-', at most 63, first a letter or "
    "digit\n"
    "benchscale: p.yaml:1:47: preset 'b c': 'jitter_ms' must be a number from 0 to 3600000, not '-1'\n"
    "benchscale: p.yaml:2:1: unknown key 'more'\nhint: known keys: presets\n" },
  { "unknown-key", "presets: {a: {latency: 5}}\n", "p.yaml:1:15: preset 'a': unknown key 'latency'" },
  { "range", "presets: {a: {packet_loss_percent: 150}}\n",
    "p.yaml:1:36: preset 'a': 'packet_loss_percent' must be a number from 0 to 100, not '150'" },
  { "name", "presets: {../x: {latency_ms: 5}}\n", "p.yaml:1:11: a preset's name has letters" },
  { "of-another", "presets: {a: {preset: home_lan}}\n", "preset 'a': a preset cannot be made of another one" },
  { "no-mapping", "presets: {a: 5}\n", "p.yaml:1:14: preset 'a': " },
  { "all-at-once", "presets: {a: {x: 1}, b: {y: 2}}\n", "preset 'b': unknown key 'y'" },
};

static void
test_wrong (gconstpointer data)
{
  const ErrorCase *expected = data;
  gboolean ok;
  g_autofree char *said = load (expected->text, &ok);

  g_assert_false (ok);
  if (strstr (said, expected->expected) == NULL)
    g_error ("'%s' is missing in:\n%s", expected->expected, said);
  g_assert_null (bs_preset_find ("a"));
}

static void
test_no_file (void)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;

  g_assert_false (bs_preset_file_load ("/nowhere/presets.yaml", &diagnostics));
  g_assert_true (bs_diagnostics_has_errors (diagnostics));
}

static void
test_checked_only (void)
{
  static const char good[] = "presets: {only_looked_at: {latency_ms: 4}}\n",
                    bad[] = "presets: {one: {latency_ms: much}}\n";
  g_autoptr (BsDiagnostics) nothing = NULL, told = NULL;
  g_autofree char *said = NULL;

  g_assert_true (bs_preset_file_check ("p.yaml", good, strlen (good), &nothing));
  g_assert_cmpuint (nothing->items->len, ==, 0);
  g_assert_null (bs_preset_find ("only_looked_at"));
  g_assert_false (bs_preset_file_check ("p.yaml", bad, strlen (bad), &told));
  said = bs_diagnostics_format (told);
  g_assert_true (g_str_has_prefix (said, "benchscale: p.yaml:1:"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preset-file/good", test_good);
  g_test_add_func ("/preset-file/topologies-keep-what-they-use", test_topologies_keep_what_they_use);
  g_test_add_func ("/preset-file/kept-presets-are-known-to-their-document-only",
                   test_kept_presets_are_known_to_their_document_only);
  g_test_add_func ("/preset-file/no-file", test_no_file);
  g_test_add_func ("/preset-file/checked-only", test_checked_only);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *path = g_strconcat ("/preset-file/errors/", wrong[i].name, NULL);

      g_test_add_data_func (path, &wrong[i], test_wrong);
    }
  return g_test_run ();
}
