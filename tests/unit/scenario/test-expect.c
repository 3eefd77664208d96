/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-expect.h"
#include "bs-output.h"

#include <string.h>

/* What is told when @expect meets @text; NULL when it is met. (transfer full) */
static char *
problem (BsTopologyExpect expect, const char *text)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_true (bs_expect_check ("stdout", &expect, text, problems, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (problems->len, <=, 1);
  return problems->len > 0 ? g_strdup (problems->pdata[0]) : NULL;
}

static void
assert_problem (BsTopologyExpect expect, const char *text, const char *expected)
{
  g_autofree char *told = problem (expect, text);

  g_assert_cmpstr (told, ==, expected);
}

#define EXPECT(member, value) ((BsTopologyExpect){ .member = (char *) (value) })

static void
test_equals (void)
{
  assert_problem (EXPECT (equals, "a"), "a", NULL);
  assert_problem (EXPECT (equals, "a"), "a\n", NULL);
  assert_problem (EXPECT (equals, "a\n"), "a", NULL);
  assert_problem (EXPECT (equals, "a\nb\n"), "a\nb", NULL);
  assert_problem (EXPECT (equals, ""), "", NULL);
  assert_problem (EXPECT (equals, ""), "\n", NULL);
  assert_problem (EXPECT (equals, "a"), "a\n\n", "stdout line 2 is '', expected the end");
  assert_problem (EXPECT (equals, "a"), "a ", "stdout is 'a ', expected 'a'");
  assert_problem (EXPECT (equals, "a"), "", "stdout is '', expected 'a'");
  assert_problem (EXPECT (equals, "x\ny\nz"), "x\nq\nz\n", "stdout line 2 is 'q', expected 'y'");
  assert_problem (EXPECT (equals, "x\ny\nz"), "x\ny\n", "stdout line 3 is the end, expected 'z'");
}

static void
test_a_difference_far_in_a_line_is_shown (void)
{
  g_autofree char *same = g_strnfill (5000, 'm');
  g_autofree char *expected = g_strconcat (same, "é1", NULL), *actual = g_strconcat (same, "é2", NULL);
  g_autofree char *told = problem (EXPECT (equals, expected), actual);

  g_assert_true (g_str_has_prefix (told, "stdout is '…mmm"));
  g_assert_nonnull (strstr (told, "mmé2', expected '…mmm"));
  g_assert_true (g_str_has_suffix (told, "mmé1'"));
  g_assert_cmpuint (strlen (told), <, 200);
}

static void
test_contains (void)
{
  assert_problem (EXPECT (contains, "b\nc"), "a\nb\nc\n", NULL);
  assert_problem (EXPECT (contains, "shop"), "<h1>\x1b[31mno\n",
                  "stdout does not contain 'shop', it is '<h1>\\x1b[31mno\\n'");
  assert_problem (EXPECT (not_contains, "error"), "fine\n", NULL);
  assert_problem (EXPECT (not_contains, "err"), "an error\n",
                  "stdout contains 'err', which it should not, it is 'an error\\n'");
}

static void
test_long_texts_are_shortened (void)
{
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');
  g_autofree char *told = problem (EXPECT (contains, "y"), text);

  g_assert_cmpuint (strlen (told), <, 200);
  g_assert_nonnull (strstr (told, "xxx…xxx"));
}

static void
test_matches (void)
{
  assert_problem (EXPECT (matches, "^b$"), "a\nb\nc\n", NULL);
  assert_problem (EXPECT (matches, "^\\d+ ms\\z"), "12 ms", NULL);
  assert_problem (EXPECT (matches, "\\Ab"), "a\nb\n", "stdout does not match '\\Ab', it is 'a\\nb\\n'");
  assert_problem (EXPECT (matches, "^.$"), "é\n", NULL);
}

static void
assert_cannot (const char *pattern, const char *text, const char *beginning)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_expect_check ("stdout", &EXPECT (matches, pattern), text, problems, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, beginning));
  g_assert_cmpstr (bs_error_hint (error), ==, "simplify the expression");
}

static void
test_an_endless_match_is_an_error (void)
{
  g_autofree char *text = g_strnfill (40, 'a');

  assert_cannot ("^(a+)+(b|c)$", text, "cannot match stdout with '^(a+)+(b|c)$': ");
  assert_cannot ("(", "a", "cannot match stdout with '(': ");
}

static void
test_output_keeps_the_end (void)
{
  BsOutput output;
  g_autofree char *tail = NULL;

  bs_output_init (&output, FALSE);
  for (guint i = 0; i < 200000; i++)
    g_assert_true (bs_output_add (&output, "é", 2));
  g_assert_true (bs_output_add (&output, "!", 1));
  g_assert_cmpuint (output.bytes->len, <=, 5 * BS_OUTPUT_KEPT);
  tail = bs_output_tail (&output);
  g_assert_true (g_utf8_validate (tail, -1, NULL));
  g_assert_cmpuint (strlen (tail), ==, BS_OUTPUT_KEPT - 1); /* half a character is left out */
  g_assert_true (g_str_has_prefix (tail, "é"));
  g_assert_true (g_str_has_suffix (tail, "é!"));
  bs_output_clear (&output);
}

static void
test_output_of_any_bytes_is_text (void)
{
  g_autofree char *bytes = g_malloc (300000), *tail = NULL;
  BsOutput output;

  memset (bytes, 0x80, 300000);
  bytes[299999] = '\0';
  bs_output_init (&output, FALSE);
  g_assert_true (bs_output_add (&output, bytes, 300000));
  tail = bs_output_tail (&output);
  g_assert_true (g_utf8_validate (tail, -1, NULL));
  g_assert_cmpuint (strlen (tail), <=, BS_OUTPUT_KEPT);
  g_assert_cmpuint (strlen (tail), >, BS_OUTPUT_KEPT - 4);
  bs_output_clear (&output);
}

static void
test_output_kept_whole_is_bounded (void)
{
  g_autofree char *bytes = g_strnfill (BS_OUTPUT_WHOLE_MAX, 'x'), *text = NULL;
  BsOutput output;

  bs_output_init (&output, TRUE);
  g_assert_true (bs_output_add (&output, bytes, BS_OUTPUT_WHOLE_MAX));
  g_assert_false (bs_output_add (&output, "y", 1));
  text = bs_output_text (&output);
  g_assert_cmpuint (strlen (text), ==, BS_OUTPUT_WHOLE_MAX);
  bs_output_clear (&output);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/expect/equals", test_equals);
  g_test_add_func ("/expect/a-difference-far-in-a-line-is-shown", test_a_difference_far_in_a_line_is_shown);
  g_test_add_func ("/expect/contains", test_contains);
  g_test_add_func ("/expect/long-texts-are-shortened", test_long_texts_are_shortened);
  g_test_add_func ("/expect/matches", test_matches);
  g_test_add_func ("/expect/an-endless-match-is-an-error", test_an_endless_match_is_an_error);
  g_test_add_func ("/output/keeps-the-end", test_output_keeps_the_end);
  g_test_add_func ("/output/of-any-bytes-is-text", test_output_of_any_bytes_is_text);
  g_test_add_func ("/output/kept-whole-is-bounded", test_output_kept_whole_is_bounded);
  return g_test_run ();
}
