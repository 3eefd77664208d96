/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-suggest.h"

static const struct
{
  const char *a, *b;
  guint distance;
} pairs[] = {
  { "web", "web", 0 },
  { "wbe", "web", 1 },
  { "weeb", "web", 1 },
  { "we", "web", 1 },
  { "wob", "web", 1 },
  { "ewb", "bew", 2 },
  { "", "ab", 2 },
  { "ab", "", 2 },
  { "memry_mb", "memory_mb", 1 },
  { "kitten", "sitting", 3 },
  { "abcdefgh", "hgfedcba", 7 },
  { "abcd", "badc", 2 },
};

static void
test_distance (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_assert_cmpuint (bs_suggest_distance (pairs[i].a, pairs[i].b, 10), ==, pairs[i].distance);
      g_assert_cmpuint (bs_suggest_distance (pairs[i].b, pairs[i].a, 10), ==, pairs[i].distance);
    }
}

/* Within a narrow band the result is the same up to the limit. */
static void
test_distance_is_cut_at_the_limit (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (guint limit = 1; limit < 6; limit++)
      g_assert_cmpuint (bs_suggest_distance (pairs[i].a, pairs[i].b, limit), ==, MIN (limit, pairs[i].distance));
}

static const char *
nearest (const char *wrong, const char *const *words)
{
  BsSuggest suggest;

  bs_suggest_init (&suggest, wrong);
  for (guint i = 0; words[i] != NULL; i++)
    bs_suggest_offer (&suggest, words[i]);
  return suggest.nearest;
}

static void
test_nearest (void)
{
  const char *const words[] = { "image", "memory_mb", "name", "ready", NULL };

  g_assert_cmpstr (nearest ("imgae", words), ==, "image");
  g_assert_cmpstr (nearest ("nam", words), ==, "name");
  g_assert_cmpstr (nearest ("memory", words), ==, "memory_mb");
  g_assert_null (nearest ("zebra", words));
  g_assert_null (nearest ("x", words));
}

static void
test_long_words_are_not_compared (void)
{
  g_autofree char *word = g_strnfill (1000, 'a');

  g_assert_cmpuint (bs_suggest_distance (word, word, 3), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/suggest/distance", test_distance);
  g_test_add_func ("/suggest/distance-is-cut-at-the-limit", test_distance_is_cut_at_the_limit);
  g_test_add_func ("/suggest/nearest", test_nearest);
  g_test_add_func ("/suggest/long-words-are-not-compared", test_long_words_are_not_compared);
  return g_test_run ();
}
