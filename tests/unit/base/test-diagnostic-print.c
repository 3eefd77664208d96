/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-diagnostic-print.h"

#include <string.h>

#define TERMINAL(cells)                                                                                                \
  (BsDiagnosticStyle)                                                                                                  \
  {                                                                                                                    \
    .quotes = TRUE, .width = cells                                                                                     \
  }

/* One fault in @data, as a terminal shows it: the lines below the message. */
static char *
quote_of (const char *data, guint line, guint column, guint length, BsDiagnosticStyle style)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");
  g_autofree char *text = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, line, column, length, NULL, "wrong");
  bs_diagnostics_quote (diagnostics, data, strlen (data), BS_LINES_YAML);
  text = bs_diagnostics_render (diagnostics, &style);
  return g_strdup (strchr (text, '\n') + 1);
}

static void
assert_quote (const char *data, guint line, guint column, guint length, const char *expected)
{
  g_autofree char *quote = quote_of (data, line, column, length, TERMINAL (60));

  g_assert_cmpstr (quote, ==, expected);
}

static void
test_terminal_shows_the_line (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("lab.yaml");
  const char *data = "name: a\nmemory: lots\n";
  g_autofree char *text = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 9, 4, "write a number", "'lots' is no number");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_WARNING, 0, 0, 1, NULL, "old");
  bs_diagnostics_sort (diagnostics);
  bs_diagnostics_quote (diagnostics, data, strlen (data), BS_LINES_YAML);
  text = bs_diagnostics_render (diagnostics, &TERMINAL (80));
  g_assert_cmpstr (text, ==,
                   "benchscale: lab.yaml: warning: old\n"
                   "benchscale: lab.yaml:2:9: 'lots' is no number\n"
                   "     2 | memory: lots\n"
                   "       |         ^^^^\n"
                   "hint: write a number\n");
}

static void
test_colours_only_when_asked (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");
  g_autofree char *plain = NULL, *coloured = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1, 1, 1, NULL, "wrong");
  bs_diagnostics_quote (diagnostics, "a", 1, BS_LINES_YAML);
  plain = bs_diagnostics_render (diagnostics, &TERMINAL (80));
  coloured = bs_diagnostics_render (diagnostics, &(BsDiagnosticStyle){ .quotes = TRUE, .colour = TRUE, .width = 80 });
  g_assert_null (strchr (plain, '\033'));
  g_assert_nonnull (strstr (coloured, "\033[1;31mwrong\033[0m\n"));
  g_assert_nonnull (strstr (coloured, "\033[1;31m^\033[0m\n"));
}

static void
test_all_line_ends_of_yaml_count (void)
{
  const char *data = "a\nb\rc\r\nd\302\205e\342\200\250f\342\200\251g";

  assert_quote (data, 1, 1, 1, "     1 | a\n       | ^\n");
  assert_quote (data, 3, 1, 1, "     3 | c\n       | ^\n");
  assert_quote (data, 4, 1, 1, "     4 | d\n       | ^\n");
  assert_quote (data, 7, 1, 1, "     7 | g\n       | ^\n");
}

static void
test_toml_has_one_line_end (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");
  const BsDiagnostic *item;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 1, 1, NULL, "wrong");
  bs_diagnostics_quote (diagnostics, "a\302\205b\nc\n", 7, BS_LINES_TOML);
  item = g_ptr_array_index (diagnostics->items, 0);
  g_assert_cmpstr (item->quote, ==, "c");
}

static void
test_tabs_are_seen (void)
{
  assert_quote ("a:\tb", 1, 4, 1, "     1 | a:→   b\n       |       ^\n");
  assert_quote ("a:\tb", 1, 3, 1, "     1 | a:→   b\n       |   ^^^^\n");
}

static void
test_wide_characters_take_two_cells (void)
{
  assert_quote ("日本: x", 1, 5, 1, "     1 | 日本: x\n       |       ^\n");
  assert_quote ("a: 日本", 1, 4, 2, "     1 | a: 日本\n       |    ^^^^\n");
}

static void
test_combining_marks_take_none_and_are_few (void)
{
  assert_quote ("e\314\201e\314\201 x", 1, 6, 1, "     1 | e\314\201e\314\201 x\n       |    ^\n");
  assert_quote ("e\314\201\314\201\314\201\314\201\314\201\314\201x", 1, 8, 1,
                "     1 | e\314\201\314\201\314\201\314\201x\n       |  ^\n");
  /* None joins our own text. */
  assert_quote ("\314\201x", 1, 2, 1, "     1 |  \314\201x\n       |  ^\n");
}

static void
test_controls_are_shown_as_such (void)
{
  assert_quote ("a\033[2Jb", 1, 6, 1, "     1 | a\357\277\275[2Jb\n       |      ^\n");
  assert_quote ("a\342\200\256b", 1, 3, 1, "     1 | a\357\277\275b\n       |   ^\n"); /* right-to-left override */
  assert_quote ("a\377b", 1, 2, 1, "     1 | a\357\277\275b\n       |  ^\n");
}

static void
test_long_lines_are_cut_around_the_place (void)
{
  g_autofree char *blanks = g_strnfill (300, 'x'), *line = g_strdup_printf ("%sHERE%s\n", blanks, blanks);
  g_autofree char *quote = quote_of (line, 1, 301, 4, TERMINAL (40));
  g_autofree char *first = quote_of (line, 1, 1, 1, TERMINAL (40));

  g_assert_cmpstr (quote, ==,
                   "     1 | …xxxxxxxxxHERExxxxxxxxxxxxxxx…\n"
                   "       |           ^^^^\n");
  g_assert_cmpstr (first, ==, "     1 | xxxxxxxxxxxxxxxxxxxxxxxxxxxx…\n       | ^\n");
}

static void
test_what_is_longer_than_the_terminal_is_underlined_as_shown (void)
{
  g_autofree char *line = g_strnfill (500, 'y');
  g_autofree char *quote = quote_of (line, 1, 1, 500, TERMINAL (40));

  g_assert_cmpstr (quote, ==,
                   "     1 | yyyyyyyyyyyyyyyyyyyyyyyyyyyy…\n"
                   "       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n");
}

static void
test_places_outside_are_at_the_end (void)
{
  assert_quote ("ab", 1, 9, 3, "     1 | ab\n       |   ^\n");
  assert_quote ("ab\n", 2, 1, 1, "     2 | \n       | ^\n");
  assert_quote ("ab\n", 7, 1, 1, "");
  assert_quote ("", 1, 1, 1, "     1 | \n       | ^\n");
}

static void
test_ascii_terminals_get_ascii (void)
{
  BsDiagnosticStyle style = { .quotes = TRUE, .ascii = TRUE, .width = 60 };
  g_autofree char *quote = quote_of ("é:\tb", 1, 4, 1, style);

  g_assert_cmpstr (quote, ==, "     1 | ?:    b\n       |       ^\n");
}

static void
test_messages_are_one_safe_line (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("a\n\033[2Jb");
  g_autofree char *text = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, "do\nthis", "it is\n\033]0;title");
  text = bs_diagnostics_format (diagnostics);
  g_assert_cmpstr (text, ==, "benchscale: a?b: it is??]0;title\nhint: do?this\n");
}

static void
test_other_files_come_last_without_quotes (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");
  g_autofree char *text = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1, 1, 1, NULL, "elsewhere");
  bs_diagnostics_set_last_file (diagnostics, "g");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 1, 1, NULL, "here");
  bs_diagnostics_sort (diagnostics);
  bs_diagnostics_quote (diagnostics, "a\nb\n", 4, BS_LINES_YAML);
  text = bs_diagnostics_render (diagnostics, &TERMINAL (60));
  g_assert_cmpstr (text, ==, "benchscale: f:2:1: here\n     2 | b\n       | ^\nbenchscale: g:1:1: elsewhere\n");
}

static void
test_json (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f\377");
  g_autoptr (json_t) list = NULL;
  g_autofree char *text = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 3, 4, "do \"this\"", "wrong");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_WARNING, 0, 0, 1, NULL, "odd");
  list = bs_diagnostics_json (diagnostics);
  text = json_dumps (list, JSON_COMPACT);
  g_assert_cmpstr (text, ==,
                   "[{\"file\":\"f\357\277\275\",\"line\":2,\"column\":3,\"end_column\":7,\"severity\":\"error\","
                   "\"message\":\"wrong\",\"hint\":\"do \\\"this\\\"\"},"
                   "{\"file\":\"f\357\277\275\",\"line\":0,\"column\":0,\"end_column\":0,\"severity\":\"warning\","
                   "\"message\":\"odd\",\"hint\":null}]");
}

/* A thousand places in one line of megabytes: one pass, not a thousand. */
static void
test_many_places_in_one_long_line (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");
  gsize length = 16 * 1024 * 1024;
  g_autofree char *line = g_strnfill (length, 'z');
  gint64 began = g_get_monotonic_time ();

  for (guint i = 0; i < 1000; i++)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1, (guint) length - 1000 + i, 1, NULL, "wrong");
  bs_diagnostics_quote (diagnostics, line, length, BS_LINES_YAML);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (((BsDiagnostic *) g_ptr_array_index (diagnostics->items, 999))->quote_column, ==, length - 101);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/print/terminal-shows-the-line", test_terminal_shows_the_line);
  g_test_add_func ("/print/colours-only-when-asked", test_colours_only_when_asked);
  g_test_add_func ("/print/all-line-ends-of-yaml-count", test_all_line_ends_of_yaml_count);
  g_test_add_func ("/print/toml-has-one-line-end", test_toml_has_one_line_end);
  g_test_add_func ("/print/tabs-are-seen", test_tabs_are_seen);
  g_test_add_func ("/print/wide-characters-take-two-cells", test_wide_characters_take_two_cells);
  g_test_add_func ("/print/combining-marks-take-none-and-are-few", test_combining_marks_take_none_and_are_few);
  g_test_add_func ("/print/controls-are-shown-as-such", test_controls_are_shown_as_such);
  g_test_add_func ("/print/long-lines-are-cut-around-the-place", test_long_lines_are_cut_around_the_place);
  g_test_add_func ("/print/what-is-longer-than-the-terminal-is-underlined-as-shown",
                   test_what_is_longer_than_the_terminal_is_underlined_as_shown);
  g_test_add_func ("/print/places-outside-are-at-the-end", test_places_outside_are_at_the_end);
  g_test_add_func ("/print/ascii-terminals-get-ascii", test_ascii_terminals_get_ascii);
  g_test_add_func ("/print/messages-are-one-safe-line", test_messages_are_one_safe_line);
  g_test_add_func ("/print/other-files-come-last-without-quotes", test_other_files_come_last_without_quotes);
  g_test_add_func ("/print/json", test_json);
  g_test_add_func ("/print/many-places-in-one-long-line", test_many_places_in_one_long_line);
  return g_test_run ();
}
