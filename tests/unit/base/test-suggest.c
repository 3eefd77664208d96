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
  { "LIST", "list", 0 },
  { "LSIT", "list", 1 },
};

static const char *const verbs[] = { "up", "down", "list", "status", "exec", "console", NULL };

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

static void
test_nearest (void)
{
  const char *const words[] = { "image", "memory_mb", "name", "ready", NULL };

  g_assert_cmpstr (bs_suggest_nearest ("imgae", words), ==, "image");
  g_assert_cmpstr (bs_suggest_nearest ("nam", words), ==, "name");
  g_assert_cmpstr (bs_suggest_nearest ("memory", words), ==, "memory_mb");
  g_assert_null (bs_suggest_nearest ("zebra", words));
  g_assert_null (bs_suggest_nearest ("x", words));
}

static void
test_a_typing_mistake_finds_its_word (void)
{
  g_assert_cmpstr (bs_suggest_nearest ("dwon", verbs), ==, "down");
  g_assert_cmpstr (bs_suggest_nearest ("consol", verbs), ==, "console");
  g_assert_cmpstr (bs_suggest_nearest ("statuss", verbs), ==, "status");
  g_assert_cmpstr (bs_suggest_nearest ("LIST", verbs), ==, "list");
}

static void
test_another_word_finds_none (void)
{
  g_assert_null (bs_suggest_nearest ("frobnicate", verbs));
  g_assert_null (bs_suggest_nearest ("xy", verbs));
  g_assert_null (bs_suggest_nearest ("", verbs));
}

/* "x" is one change from "y", which is all of it. */
static void
test_a_word_of_which_nothing_is_left_was_not_meant (void)
{
  const char *const known[] = { "y", NULL };

  g_assert_null (bs_suggest_nearest ("x", known));
}

static void
test_the_first_of_equals_is_found (void)
{
  const char *const known[] = { "web1", "web2", NULL };

  g_assert_cmpstr (bs_suggest_nearest ("web3", known), ==, "web1");
}

static void
test_long_words_are_not_compared (void)
{
  g_autofree char *word = g_strnfill (1000, 'a');

  g_assert_cmpuint (bs_suggest_distance (word, word, 3), ==, 3);
  g_assert_null (bs_suggest_nearest (word, (const char *const[]){ word, NULL }));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/suggest/distance", test_distance);
  g_test_add_func ("/suggest/distance-is-cut-at-the-limit", test_distance_is_cut_at_the_limit);
  g_test_add_func ("/suggest/nearest", test_nearest);
  g_test_add_func ("/suggest/a-typing-mistake-finds-its-word", test_a_typing_mistake_finds_its_word);
  g_test_add_func ("/suggest/another-word-finds-none", test_another_word_finds_none);
  g_test_add_func ("/suggest/a-word-of-which-nothing-is-left-was-not-meant",
                   test_a_word_of_which_nothing_is_left_was_not_meant);
  g_test_add_func ("/suggest/the-first-of-equals-is-found", test_the_first_of_equals_is_found);
  g_test_add_func ("/suggest/long-words-are-not-compared", test_long_words_are_not_compared);
  return g_test_run ();
}
