/* SPDX-License-Identifier: Apache-2.0 */
#include "report-fixture.h"
#include "tap-checker.h"

#include <string.h>

static GPtrArray *
read_tap (const char *tap)
{
  g_autofree char *problem = NULL;
  GPtrArray *points = tap_check (tap, &problem);

  g_assert_cmpstr (problem, ==, NULL);
  return points;
}

static const char *
value_of (const TapPoint *point, const char *key)
{
  return g_hash_table_lookup (point->values, key);
}

static void
test_checker_is_strict (void)
{
  static const char *const bad[] = {
    "",
    "ok 1 - a\n",
    "TAP version 13\n1..0\n",
    "TAP version 14\n1..1\n",
    "TAP version 14\n1..1\nok 2 - a\n",
    "TAP version 14\n1..1\nok 1 - a",
    "TAP version 14\n1..1\nok 1 - a\nBail out!\n",
    "TAP version 14\n1..1\nok 1 - a\nok 2 - b\n",
    "TAP version 14\n1..1\nok 1 - a\\b\n",
    "TAP version 14\n1..1\nok 1 - a\n  ---\n",
    "TAP version 14\n1..1\nok 1 - a\n  ---\n  k: v\n  ...\n",
    "TAP version 14\n1..1\nok 1 - a\n  ---\n  k: \"v\n  ...\n",
    "TAP version 14\n1..1\nok 1 - a\r\n",
    "TAP version 14\n1..1\nok 1 - a\n\nok\n",
  };
  g_autoptr (GPtrArray) good
      = read_tap ("TAP version 14\n1..1\nnot ok 1 - a \\# b # SKIP c\n  ---\n  k: \"\\x1b\\\"\"\n  ...\n");
  const TapPoint *point = good->pdata[0];

  g_assert_cmpstr (point->description, ==, "a # b ");
  g_assert_cmpstr (point->directive, ==, " SKIP c");
  g_assert_cmpstr (value_of (point, "k"), ==, "\x1b\"");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *problem = NULL;

      g_assert_null (tap_check (bad[i], &problem));
      g_assert_nonnull (problem);
    }
}

static void
test_a_point_per_scenario (void)
{
  g_autoptr (BsRunReport) report = fixture_report_new ();
  g_autofree char *tap = bs_report_tap (report);
  g_autoptr (GPtrArray) points = read_tap (tap);
  const TapPoint *good = points->pdata[0], *gone = points->pdata[2];

  g_assert_cmpuint (points->len, ==, 3);
  g_assert_true (good->ok);
  g_assert_cmpstr (good->description, ==, "all good");
  g_assert_cmpuint (g_hash_table_size (good->values), ==, 0);
  g_assert_false (gone->ok);
  g_assert_cmpstr (value_of (gone, "outcome"), ==, "error");
  g_assert_cmpstr (value_of (gone, "message"), ==, "node 'web' has ended");
  g_assert_cmpstr (value_of (gone, "step"), ==, "step 1");
  g_assert_cmpstr (value_of (gone, "node"), ==, "web");
  g_assert_cmpstr (value_of (gone, "at"), ==, "lab.yaml:12:9");
  g_assert_cmpstr (value_of (gone, "duration_ms"), ==, "1234");
  g_assert_null (value_of (gone, "exit_code"));
  g_assert_null (value_of (gone, "stdout"));
}

static void
test_hostile_output_stays_data (void)
{
  g_autoptr (BsRunReport) report = fixture_report_new ();
  g_autofree char *tap = bs_report_tap (report);
  g_autoptr (GPtrArray) points = read_tap (tap);
  const TapPoint *point = points->pdata[1];
  const char *out = value_of (point, "stdout");

  g_assert_false (point->ok);
  g_assert_null (point->directive);
  g_assert_cmpstr (point->description, ==, "a # SKIP \\ <b> & \"c\" not ok 7 - injected   [2J");
  g_assert_cmpstr (value_of (point, "message"), ==, "stdout is '\"'\n  ...\nok 3, expected ]]>");
  g_assert_cmpstr (value_of (point, "exit_code"), ==, "3");
  g_assert_cmpstr (value_of (point, "attempts"), ==, "4");
  g_assert_cmpstr (value_of (point, "stderr"), ==, "not ok 4\n");
  g_assert_true (g_str_has_suffix (out, "\nthe end\n"));
  g_assert_nonnull (strstr (out, "\nBail out! fake\n"));
  g_assert_nonnull (strstr (out, "\x01\x02\x03"));
  g_assert_cmpuint (strlen (out), <, 8192); /* the end only: 4 KiB, some of it U+FFFD */
}

static void
test_an_empty_run_has_an_empty_plan (void)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  BsRunReport report = { .lab = (char *) "shop", .file = (char *) "lab.yaml", .scenarios = none };
  g_autofree char *tap = bs_report_tap (&report);

  g_assert_cmpstr (tap, ==, "TAP version 14\n1..0\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-tap/checker-is-strict", test_checker_is_strict);
  g_test_add_func ("/report-tap/a-point-per-scenario", test_a_point_per_scenario);
  g_test_add_func ("/report-tap/hostile-output-stays-data", test_hostile_output_stays_data);
  g_test_add_func ("/report-tap/an-empty-run-has-an-empty-plan", test_an_empty_run_has_an_empty_plan);
  return g_test_run ();
}
