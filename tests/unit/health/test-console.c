/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-console.h"
#include "bs-file.h"

#include <string.h>
#include <sys/stat.h>

static void
assert_clean (const char *data, gsize length, guint lines, const char *expected)
{
  g_autofree char *text = bs_console_clean (data, length, lines);

  g_assert_cmpstr (text, ==, expected);
}

#define ASSERT_CLEAN(data, expected) assert_clean (data, sizeof (data) - 1, 100, expected)

static void
test_last_lines (void)
{
  assert_clean ("a\nb\nc\n", 6, 2, "b\nc\n");
  assert_clean ("a\nb\nc", 5, 2, "b\nc\n");
  assert_clean ("a\n\n  \nb\n\n", 9, 2, "a\nb\n");
  assert_clean ("a\nb\n", 4, 0, "");
  assert_clean ("", 0, 5, "");
}

static void
test_escape_sequences_are_taken_away (void)
{
  ASSERT_CLEAN ("\x1b[2J\x1b[1;31mred\x1b[0m\x1b[?7l\n", "red\n");
  ASSERT_CLEAN ("\x1b]0;title\x07shell\n", "shell\n");
  ASSERT_CLEAN ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", "link\n");
  ASSERT_CLEAN ("\x1bP1$r q\x1b\\a\x1b(Bb\x1b=c\x1b"
                "c\n",
                "abc\n");
}

static void
test_half_a_sequence_does_not_swallow (void)
{
  ASSERT_CLEAN ("a\x1b]0;never ended\nb\n", "a\nb\n");
  ASSERT_CLEAN ("a\x1b[12\nb\n", "a\nb\n");
  ASSERT_CLEAN ("a\x1b[3\x1b[31mb\x1b", "ab\n");
  ASSERT_CLEAN ("a\x1b", "a\n");
  ASSERT_CLEAN ("a\x1b[", "a\n");
  ASSERT_CLEAN ("a\x1b]", "a\n");
}

static void
test_controls_are_taken_away (void)
{
  ASSERT_CLEAN ("a\0b\x01\x7f\xc2\x9b"
                "c\td\n",
                "abc d\n");
  ASSERT_CLEAN ("a\xe2\x80\xae"
                "b\xe2\x80\xa8"
                "c\n",
                "abc\n");
}

static void
test_an_overwritten_line_is_its_last_state (void)
{
  ASSERT_CLEAN ("dos\r\nline\r\r\n", "dos\nline\n");
  ASSERT_CLEAN ("10%\r20%\r30%\n", "30%\n");
}

static void
test_no_utf8_is_replaced (void)
{
  ASSERT_CLEAN ("a\xff\x80 \xc3\xa9\n", "a\xef\xbf\xbd\xef\xbf\xbd é\n");
}

static void
test_long_lines_are_cut (void)
{
  g_autofree char *line = g_strnfill (1024 * 1024, 'x'), *expected = NULL, *cut = g_strnfill (500, 'x');

  expected = g_strconcat (cut, "…\n", NULL);
  assert_clean (line, 1024 * 1024, 3, expected);
  expected[500] = '\n';
  expected[501] = '\0';
  assert_clean (line, 500, 3, expected);
}

static void
test_tail_of_a_log (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-console-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "log", NULL), *pipe = g_build_filename (folder, "pipe", NULL);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autofree char *tail = NULL, *all = NULL, *missing = NULL, *of_pipe = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (log, "[%8u] line\n", i);
  g_string_append_len (log, "nul\0nul\n", 8);
  g_assert_true (bs_file_write_atomic (AT_FDCWD, path, log->str, log->len, 0600, NULL));
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  tail = bs_console_tail (AT_FDCWD, path, 2);
  all = bs_console_tail (AT_FDCWD, path, 1000000);
  missing = bs_console_tail (AT_FDCWD, "/nonexistent", 2);
  of_pipe = bs_console_tail (AT_FDCWD, pipe, 2);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
  g_assert_cmpstr (tail, ==, "[   99999] line\nnulnul\n");
  g_assert_cmpuint (strlen (all), <=, 256 * 1024);
  g_assert_true (g_str_has_prefix (all, "[ ")); /* no half line */
  g_assert_cmpstr (missing, ==, "");
  g_assert_cmpstr (of_pipe, ==, "");
}

static void
test_cause (void)
{
  g_assert_null (bs_console_cause (""));
  g_assert_null (bs_console_cause ("[    1.0] Run /init as init process\n"));
  g_assert_cmpstr (bs_console_cause ("[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs\n"), ==,
                   "kernel panic");
  g_assert_cmpstr (bs_console_cause ("[    9.0] Out of memory: Killed process 70 (sh)\n"), ==, "out of memory");
  g_assert_cmpstr (bs_console_cause ("Kernel panic - not syncing: System is deadlocked on memory\n"), ==,
                   "out of memory");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/console/last-lines", test_last_lines);
  g_test_add_func ("/console/escape-sequences-are-taken-away", test_escape_sequences_are_taken_away);
  g_test_add_func ("/console/half-a-sequence-does-not-swallow", test_half_a_sequence_does_not_swallow);
  g_test_add_func ("/console/controls-are-taken-away", test_controls_are_taken_away);
  g_test_add_func ("/console/an-overwritten-line-is-its-last-state", test_an_overwritten_line_is_its_last_state);
  g_test_add_func ("/console/no-utf8-is-replaced", test_no_utf8_is_replaced);
  g_test_add_func ("/console/long-lines-are-cut", test_long_lines_are_cut);
  g_test_add_func ("/console/tail-of-a-log", test_tail_of_a_log);
  g_test_add_func ("/console/cause", test_cause);
  return g_test_run ();
}
