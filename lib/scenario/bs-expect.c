/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-expect.h"
#include "bs-excerpt.h"

#include <string.h>

#define EXCERPT 120

gboolean
bs_expect_is_empty (const BsTopologyExpect *expect)
{
  return expect->equals == NULL && expect->contains == NULL && expect->matches == NULL && expect->not_contains == NULL;
}

/* Without one newline at the end. */
static gsize
length_without_newline (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && text[length - 1] == '\n' ? length - 1 : length;
}

/* The first line in which two texts differ, from 0. */
static guint
first_difference (const char *const *expected, const char *const *actual)
{
  guint line = 0;

  while (expected[line] != NULL && g_strcmp0 (expected[line], actual[line]) == 0)
    line++;
  return line;
}

static char *
excerpt_from (const char *text, gboolean skipped)
{
  g_autofree char *shown = text != NULL && skipped ? g_strconcat ("…", text, NULL) : g_strdup (text);

  return shown != NULL ? bs_excerpt (shown, EXCERPT) : g_strdup ("the end");
}

/* Two excerpts that show the difference also when it is far from the beginning. NULL is the end of the text. */
static void
excerpt_difference (const char *expected, const char *actual, char **wanted, char **got)
{
  gsize same = 0;

  while (expected != NULL && actual != NULL && expected[same] != '\0' && expected[same] == actual[same])
    same++;
  if (same > EXCERPT / 2)
    {
      for (same -= EXCERPT / 4; ((guchar) expected[same] & 0xc0) == 0x80;)
        same--;
      expected += same;
      actual += same;
    }
  else
    same = 0;
  *wanted = excerpt_from (expected, same > 0);
  *got = excerpt_from (actual, same > 0);
}

static char *
describe_difference (const char *channel, const char *expected, const char *actual)
{
  g_auto (GStrv) expected_lines = g_strsplit (expected, "\n", -1);
  g_auto (GStrv) actual_lines = g_strsplit (actual, "\n", -1);
  guint line = first_difference ((const char *const *) expected_lines, (const char *const *) actual_lines);
  g_autofree char *wanted = NULL, *got = NULL;

  if (g_strv_length (expected_lines) <= 1 && g_strv_length (actual_lines) <= 1)
    {
      excerpt_difference (expected, actual, &wanted, &got);
      return g_strdup_printf ("%s is %s, expected %s", channel, got, wanted);
    }
  excerpt_difference (expected_lines[line], actual_lines[line], &wanted, &got);
  return g_strdup_printf ("%s line %u is %s, expected %s", channel, line + 1, got, wanted);
}

static void
check_equals (const char *channel, const char *expected, const char *text, GPtrArray *problems)
{
  gsize length = length_without_newline (expected);
  g_autofree char *wanted = NULL, *got = NULL;

  if (length == length_without_newline (text) && memcmp (expected, text, length) == 0)
    return;
  wanted = g_strndup (expected, length);
  got = g_strndup (text, length_without_newline (text));
  g_ptr_array_add (problems, describe_difference (channel, wanted, got));
}

static void
check_contains (const char *channel, const char *part, gboolean wanted, const char *text, GPtrArray *problems)
{
  g_autofree char *what = bs_excerpt (part, EXCERPT);
  g_autofree char *got = NULL;

  if ((strstr (text, part) != NULL) == wanted)
    return;
  got = bs_excerpt (text, EXCERPT);
  g_ptr_array_add (problems, g_strdup_printf (wanted ? "%s does not contain %s, it is %s"
                                                     : "%s contains %s, which it should not, it is %s",
                                              channel, what, got));
}

/* ^ and $ are at each line's ends. */
static gboolean
check_matches (const char *channel, const char *pattern, const char *text, GPtrArray *problems, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, &local);
  g_autofree char *what = bs_excerpt (pattern, EXCERPT), *got = NULL;

  if (regex != NULL && g_regex_match_full (regex, text, -1, 0, 0, NULL, &local))
    return TRUE;
  if (local != NULL)
    {
      bs_set_error (error, BS_ERROR_FAILED, "simplify the expression", "cannot match %s with %s: %s", channel, what,
                    local->message);
      return FALSE;
    }
  got = bs_excerpt (text, EXCERPT);
  g_ptr_array_add (problems, g_strdup_printf ("%s does not match %s, it is %s", channel, what, got));
  return TRUE;
}

gboolean
bs_expect_check (const char *channel, const BsTopologyExpect *expect, const char *text, GPtrArray *problems,
                 GError **error)
{
  if (expect->equals != NULL)
    check_equals (channel, expect->equals, text, problems);
  if (expect->contains != NULL)
    check_contains (channel, expect->contains, TRUE, text, problems);
  if (expect->not_contains != NULL)
    check_contains (channel, expect->not_contains, FALSE, text, problems);
  return expect->matches == NULL || check_matches (channel, expect->matches, text, problems, error);
}
