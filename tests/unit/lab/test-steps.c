/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-steps.h"

#include <string.h>

static void
test_each_step_has_a_name_of_its_own_and_a_verb (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (const BsStep *step = bs_steps; step->name != NULL; step++)
    {
      g_assert_true (g_hash_table_add (seen, (gpointer) step->name));
      g_assert_true (g_str_equal (step->verb, "up") || g_str_equal (step->verb, "down")
                     || g_str_equal (step->verb, "template") || g_str_equal (step->verb, "provision"));
      /* The form of BENCHSCALE_FAILPOINT is name[:n]:action. */
      g_assert_cmpuint (strspn (step->name, "abcdefghijklmnopqrstuvwxyz-"), ==, strlen (step->name));
    }
  g_assert_cmpuint (g_hash_table_size (seen), >=, 11);
}

static void
test_each_step_is_a_failpoint_twice (void)
{
  g_auto (GStrv) names = bs_steps_failpoints ();
  guint n = 0;

  for (const BsStep *step = bs_steps; step->name != NULL; step++, n += 2)
    {
      g_autofree char *before = g_strconcat (step->name, ".before", NULL);
      g_autofree char *after = g_strconcat (step->name, ".after", NULL);

      g_assert_cmpstr (names[n], ==, before);
      g_assert_cmpstr (names[n + 1], ==, after);
    }
  g_assert_null (names[n]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/steps/each-has-a-name-of-its-own-and-a-verb", test_each_step_has_a_name_of_its_own_and_a_verb);
  g_test_add_func ("/steps/each-is-a-failpoint-twice", test_each_step_is_a_failpoint_twice);
  return g_test_run ();
}
