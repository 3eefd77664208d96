/* SPDX-License-Identifier: Apache-2.0 */
/* test-conditions-words.c — conditions of a command line are those of a topology */
#include "bs-conditions-words.h"
#include "bs-error.h"

static void
check (const char *const *words, const char *preset, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsConditions) conditions = bs_conditions_parse_words (words, preset, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = bs_conditions_format (conditions);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_words (void)
{
  check ((const char *const[]){ "latency_ms=40.5", "packet_loss_percent=1", NULL }, NULL,
         "{latency_ms: 40.5, packet_loss_percent: 1}");
  check ((const char *const[]){ "loss_burst={p: 1, r: 20}", NULL }, NULL, "{loss_burst: {p: 1, r: 20, h: 0, k: 100}}");
  check ((const char *const[]){ "queue.limit=64KiB", "bandwidth_kbps=8", "queue.discipline=codel", NULL }, NULL,
         "{bandwidth_kbps: 8, queue: {limit: 64KiB, discipline: codel}}");
  check ((const char *const[]){ "latency_ms=1", NULL }, "satellite", "{preset: satellite, latency_ms: 1}");
  check (NULL, "satellite", "{preset: satellite}");
}

static void
test_what_is_wrong_is_told_with_its_word (void)
{
  static const struct
  {
    const char *word, *message, *hint;
  } cases[] = {
    { "latency_ms", "'latency_ms' is not KEY=VALUE", "write it as latency_ms=40" },
    { "=1", "'=1' is not KEY=VALUE", "write it as latency_ms=40" },
    { "latency_ms=", "'latency_ms=' is not KEY=VALUE", "write it as latency_ms=40" },
    { "latency=40", "latency=40: unknown key 'latency'", "did you mean 'latency_ms'?" },
    { "packet_loss_percent=101",
      "packet_loss_percent=101: 'packet_loss_percent' must be a number from 0 to 100, not '101'", NULL },
    { "jitter_distribution=gauss",
      "jitter_distribution=gauss: 'jitter_distribution' must be one of uniform, normal, pareto, not 'gauss'", NULL },
    { "trace=missing.trace", "trace=missing.trace: 'trace' cannot be read: 'missing.trace': No such file or directory",
      NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const words[] = { "corrupt_percent=1", cases[i].word, NULL };
      g_autoptr (GError) error = NULL;

      g_assert_null (bs_conditions_parse_words (words, NULL, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, cases[i].message);
      if (cases[i].hint != NULL)
        g_assert_cmpstr (bs_error_hint (error), ==, cases[i].hint);
    }
}

static void
test_presets_that_are_not_there (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_conditions_parse_words (NULL, "satelite", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "preset: there is no preset 'satelite'");
  g_assert_cmpstr (bs_error_hint (error), ==, "did you mean 'satellite'?");
}

static void
test_nothing_is_said (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_conditions_parse_words (NULL, NULL, &error));
  g_assert_cmpstr (error->message, ==, "no conditions are given");
}

static void
test_a_word_cannot_become_two (void)
{
  const char *const words[] = { "latency_ms=1\njitter_ms: 2", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_conditions_parse_words (words, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (bs_conditions_parse_words (NULL, "satellite\njitter_ms: 2", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conditions-words/words", test_words);
  g_test_add_func ("/conditions-words/wrong", test_what_is_wrong_is_told_with_its_word);
  g_test_add_func ("/conditions-words/preset", test_presets_that_are_not_there);
  g_test_add_func ("/conditions-words/nothing", test_nothing_is_said);
  g_test_add_func ("/conditions-words/one", test_a_word_cannot_become_two);
  return g_test_run ();
}
