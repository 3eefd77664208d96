/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-file.h"
#include "bs-json.h"
#include "bs-process.h"
#include "report-fixture.h"

#include <string.h>

/* Validated against our schema, and parsed, by somebody else's parser. */
static void
assert_valid (const char *xml)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-junit-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "report.xml", NULL);
  const char *argv[] = { "xmllint", "--noout", "--huge", "--nonet", "--schema", JUNIT_XSD, path, NULL };
  g_autoptr (GError) error = NULL;
  gboolean ok;

  g_assert_true (bs_file_write_atomic (AT_FDCWD, path, xml, strlen (xml), 0600, &error));
  ok = bs_process_run (argv, NULL, &error);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
  g_assert_no_error (error);
  g_assert_true (ok);
}

typedef struct
{
  GString *log;  /* a line per element with the attributes that the test looks at */
  GString *text; /* of system-out */
} Seen;

static void
on_start (GMarkupParseContext *context, const char *element, const char **names, const char **values,
          gpointer user_data, GError **error)
{
  Seen *seen = user_data;

  g_string_append (seen->log, element);
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_str_equal (names[i], "file") && !g_str_equal (names[i], "line"))
      g_string_append_printf (seen->log, " %s=%s", names[i], values[i]);
  g_string_append_c (seen->log, '\n');
}

static void
on_text (GMarkupParseContext *context, const char *text, gsize length, gpointer user_data, GError **error)
{
  Seen *seen = user_data;

  if (g_str_equal (g_markup_parse_context_get_element (context), "system-out"))
    g_string_append_len (seen->text, text, (gssize) length);
}

static void
parse (const char *xml, Seen *seen)
{
  static const GMarkupParser parser = { .start_element = on_start, .text = on_text };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, seen, NULL);
  g_autoptr (GError) error = NULL;

  g_markup_parse_context_parse (context, xml, -1, &error);
  g_assert_no_error (error);
  g_assert_true (g_markup_parse_context_end_parse (context, &error));
}

static void
test_junit_says_all (void)
{
  g_autoptr (BsRunReport) report = fixture_report_new ();
  g_autofree char *xml = bs_report_junit (report);
  g_autoptr (GString) log = g_string_new (NULL), text = g_string_new (NULL);
  Seen seen = { log, text };
  const char *hostile = "a # SKIP \\ <b> & \"c\"\nnot ok 7 - injected\r\xe2\x80\xa8\xef\xbf\xbd[2J";
  g_autofree char *expected = g_strdup_printf (
      "testsuites name=shop tests=5 failures=1 errors=1 skipped=1 time=3.703701\n"
      "testsuite name=all good tests=2 failures=0 errors=0 skipped=0 time=1.234567 timestamp=2026-01-02T03:04:05\n"
      "testcase classname=shop.all good name=step 1 time=0.001500\n"
      "testcase classname=shop.all good name=step 2 time=0.001500\n"
      "testsuite name=%s tests=2 failures=1 errors=0 skipped=1 time=1.234567 timestamp=2026-01-02T03:04:05\n"
      "testcase classname=shop.%s name=step 1 time=0.001500\n"
      "failure message=stdout is '\"'\n  ...\nok 3, expected ]]> type=expectation\n"
      "system-out\nsystem-err\n"
      "testcase classname=shop.%s name=step 2 time=0.001500\n"
      "skipped message=an earlier step did not pass\n"
      "testsuite name=gone tests=1 failures=0 errors=1 skipped=0 time=1.234567 timestamp=2026-01-02T03:04:05\n"
      "testcase classname=shop.gone name=step 1 time=0.001500\n"
      "error message=node 'web' has ended type=error\n",
      hostile, hostile, hostile);

  parse (xml, &seen);
  g_assert_cmpstr (log->str, ==, expected);
  g_assert_nonnull (strstr (xml, "lab.yaml:12:9: node 'web': stdout is"));
}

static void
test_junit_keeps_hostile_output (void)
{
  g_autoptr (BsRunReport) report = fixture_report_new ();
  g_autofree char *xml = bs_report_junit (report);
  g_autoptr (GString) log = g_string_new (NULL), text = g_string_new (NULL);
  Seen seen = { log, text };

  parse (xml, &seen);
  g_assert_cmpuint (text->len, >, 1024 * 1024);
  g_assert_nonnull (
      strstr (text->str, "]]> </system-out></testcase> <![CDATA[ &amp; & \" ' <!-- \\ \\\" \\n # %s %n\n"));
  g_assert_nonnull (strstr (text->str, "\xef\xbf\xbd\t\n\xef\xbf\xbd")); /* of U+0008 to U+000B, two can be written */
  g_assert_nonnull (strstr (text->str, "\xf0\x9f\x98\x80"));
  g_assert_true (g_str_has_suffix (text->str, "\nthe end\n"));
}

static void
test_junit_is_valid (void)
{
  g_autoptr (BsRunReport) report = fixture_report_new ();
  g_autofree char *xml = bs_report_junit (report);

  assert_valid (xml);
}

static void
test_junit_of_an_empty_run_is_valid (void)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  BsRunReport report = { .lab = (char *) "shop", .file = (char *) "lab.yaml", .scenarios = none };
  g_autofree char *xml = bs_report_junit (&report);

  assert_valid (xml);
}

static void
test_the_schema_refuses (void)
{
  static const char bad[] = "<testsuites name='a' tests='1' failures='0' errors='0' skipped='0' time='0'><testsuite "
                            "name='b'/></testsuites>";
  g_autofree char *folder = g_dir_make_tmp ("bs-junit-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "report.xml", NULL);
  const char *argv[] = { "xmllint", "--noout", "--nonet", "--schema", JUNIT_XSD, path, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (bs_file_write_atomic (AT_FDCWD, path, bad, sizeof bad - 1, 0600, NULL));
  g_assert_false (bs_process_run (argv, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
}

static void
test_json_says_all (void)
{
  g_autoptr (BsRunReport) report = fixture_report_new ();
  g_autofree char *text = bs_report_json (report);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) json = bs_json_load (text, strlen (text), &error);
  const json_t *scenario, *step;

  g_assert_no_error (error);
  g_assert_null (strchr (text, '\n'));
  g_assert_cmpint (bs_json_int (json, "format", 0), ==, 1);
  g_assert_cmpstr (bs_json_string (json, "lab", NULL), ==, "shop");
  g_assert_cmpstr (bs_json_string (json, "file", NULL), ==, "lab.yaml");
  g_assert_cmpint (bs_json_int (json, "passed", -1), ==, 1);
  g_assert_cmpint (bs_json_int (json, "failed", -1), ==, 2);
  g_assert_cmpuint (json_array_size (json_object_get (json, "scenarios")), ==, 3);
  scenario = json_array_get (json_object_get (json, "scenarios"), 1);
  g_assert_cmpstr (bs_json_string (scenario, "name", NULL), ==, fixture_hostile_name);
  g_assert_cmpstr (bs_json_string (scenario, "outcome", NULL), ==, "failed");
  g_assert_cmpstr (bs_json_string (scenario, "started", NULL), ==, "2026-01-02T03:04:05.678901Z");
  g_assert_true (json_is_null (json_object_get (scenario, "description")));
  step = json_array_get (json_object_get (scenario, "steps"), 0);
  g_assert_cmpstr (bs_json_string (step, "node", NULL), ==, "web");
  g_assert_cmpint (bs_json_int (step, "exit_code", -1), ==, 3);
  g_assert_cmpint (bs_json_int (step, "attempts", -1), ==, 4);
  g_assert_cmpint (bs_json_int (step, "line", -1), ==, 12);
  g_assert_true (g_str_has_suffix (bs_json_string (step, "stdout", ""), "\nthe end\n"));
  step = json_array_get (json_object_get (scenario, "steps"), 1);
  g_assert_true (json_is_null (json_object_get (step, "exit_code")));
  g_assert_cmpstr (bs_json_string (step, "message", NULL), ==, "an earlier step did not pass");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-junit/says-all", test_junit_says_all);
  g_test_add_func ("/report-junit/keeps-hostile-output", test_junit_keeps_hostile_output);
  g_test_add_func ("/report-junit/is-valid", test_junit_is_valid);
  g_test_add_func ("/report-junit/of-an-empty-run-is-valid", test_junit_of_an_empty_run_is_valid);
  g_test_add_func ("/report-junit/the-schema-refuses", test_the_schema_refuses);
  g_test_add_func ("/report-json/says-all", test_json_says_all);
  return g_test_run ();
}
