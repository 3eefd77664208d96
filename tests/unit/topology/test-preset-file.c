/* SPDX-License-Identifier: Apache-2.0 */
/* test-preset-file.c — presets of the user's own, and those of the Rust versions */
#include "bs-preset-file.h"
#include "bs-preset.h"
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

static const ErrorCase wrong[] = {
  { "no-presets", "nodes: []\n",
    "benchscale: p.yaml:1:1: a file of presets is a mapping with the one key 'presets', which is a mapping, too\n"
    "hint: write presets: {NAME: {latency_ms: 20}}\n" },
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
  g_test_add_func ("/preset-file/no-file", test_no_file);
  g_test_add_func ("/preset-file/checked-only", test_checked_only);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *path = g_strconcat ("/preset-file/errors/", wrong[i].name, NULL);

      g_test_add_data_func (path, &wrong[i], test_wrong);
    }
  return g_test_run ();
}
