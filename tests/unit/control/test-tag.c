/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-tag.h"

#include <string.h>

static void
test_tag_survives_a_round_trip (void)
{
  g_autofree char *text = bs_tag_format ("0123456789ab", "shop", "uuid", "node", "web");
  g_auto (BsTag) tag = { 0 };

  g_assert_cmpstr (text, ==, "benchscale:0123456789ab:shop:uuid:node:web");
  g_assert_true (bs_tag_parse (text, &tag));
  g_assert_cmpstr (tag.state_id, ==, "0123456789ab");
  g_assert_cmpstr (tag.lab, ==, "shop");
  g_assert_cmpstr (tag.uuid, ==, "uuid");
  g_assert_cmpstr (tag.role, ==, "node");
  g_assert_cmpstr (tag.node, ==, "web");
}

static void
test_other_text_is_no_tag (void)
{
  static const char *const texts[] = { "",
                                       "benchscale",
                                       "benchscale:a:b:c",
                                       "benchscale:a:b:c:node",
                                       "benchscale:a:b:c:switch:web",
                                       "other:a:b:c:switch",
                                       "benchscale:a:b:c:node:web:more" };
  BsTag tag;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (bs_tag_parse (texts[i], &tag));
}

static void
test_state_id_is_of_the_canonical_path (void)
{
  g_autofree char *a = bs_tag_state_id ("/tmp"), *b = bs_tag_state_id ("/tmp/../tmp/."), *c = bs_tag_state_id ("/usr");

  g_assert_cmpuint (strlen (a), ==, 12);
  g_assert_cmpstr (a, ==, b);
  g_assert_cmpstr (a, !=, c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tag/a tag survives a round trip", test_tag_survives_a_round_trip);
  g_test_add_func ("/tag/other text is no tag", test_other_text_is_no_tag);
  g_test_add_func ("/tag/a state id is of the canonical path", test_state_id_is_of_the_canonical_path);
  return g_test_run ();
}
