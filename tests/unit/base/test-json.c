/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside: what is refused, and typed access. */
#include "bs-error.h"
#include "bs-json.h"

#include <string.h>

static json_t *
load (const char *text, GError **error)
{
  return bs_json_load (text, strlen (text), error);
}

static void
test_objects_and_arrays_load (void)
{
  g_autoptr (json_t) object = load (" {\"a\": [1, {\"b\": null}]} \n", NULL);
  g_autoptr (json_t) array = load ("[]", NULL);

  g_assert_true (json_is_object (object));
  g_assert_true (json_is_array (array));
}

static void
test_nonsense_is_refused_with_its_position (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load ("{\"a\":\n  1,, }", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_true (g_str_has_prefix (error->message, "bad JSON at line 2 column 5: "));
}

static void
test_what_is_refused (void)
{
  static const struct
  {
    const char *text;
    gsize length;
  } cases[] = { { "", 0 },        { "1", 1 },    { "\"a\"", 3 },          { "{\"a\":1,\"a\":2}", 13 },
                { "{} {}", 5 },   { "{}\0", 3 }, { "[\"\\u0000\"]", 10 }, { "[\"\xff\"]", 5 },
                { "{\"a\":1", 6 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (bs_json_load (cases[i].text, cases[i].length, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
    }
}

static char *
nested (guint depth)
{
  g_autofree char *open = g_strnfill (depth, '['), *close = g_strnfill (depth, ']');

  return g_strconcat (open, close, NULL);
}

static void
test_depth_ends_at_64 (void)
{
  g_autofree char *fits = nested (64), *deep = nested (65), *very_deep = nested (1000000);
  g_autoptr (json_t) value = load (fits, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (value);
  g_assert_null (load (deep, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, "JSON is nested deeper than 64 levels");
  g_assert_null (load (very_deep, NULL));
}

static void
test_brackets_in_strings_are_no_depth (void)
{
  g_autofree char *brackets = g_strnfill (200, '[');
  g_autofree char *text = g_strdup_printf ("[\"\\\"%s\"]", brackets);
  g_autoptr (json_t) value = load (text, NULL);

  g_assert_nonnull (value);
}

static void
test_errors_show_no_control_characters (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load ("{\033]0;title\007", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_null (strchr (error->message, '\033'));
  g_assert_null (strchr (error->message, '\007'));
}

static void
test_access_is_typed (void)
{
  g_autoptr (json_t) object = load ("{\"s\":\"x\",\"i\":7,\"b\":true}", NULL);

  g_assert_cmpstr (bs_json_string (object, "s", "no"), ==, "x");
  g_assert_cmpint (bs_json_int (object, "i", -1), ==, 7);
  g_assert_true (bs_json_bool (object, "b", FALSE));
}

static void
test_absent_or_of_another_type_gives_the_fallback (void)
{
  g_autoptr (json_t) object = load ("{\"s\":\"x\",\"i\":7,\"b\":true}", NULL);

  g_assert_cmpstr (bs_json_string (object, "i", "no"), ==, "no");
  g_assert_cmpint (bs_json_int (object, "s", -1), ==, -1);
  g_assert_true (bs_json_bool (object, "i", TRUE));
  g_assert_cmpstr (bs_json_string (object, "absent", NULL), ==, NULL);
  g_assert_cmpint (bs_json_int (NULL, "x", 3), ==, 3);
}

static void
test_dump_is_one_line_in_order (void)
{
  g_autoptr (json_t) object = load ("{\"z\": 1,\n \"a\": \"x\\ny\"}", NULL);
  g_autofree char *text = bs_json_dump (object);

  g_assert_cmpstr (text, ==, "{\"z\":1,\"a\":\"x\\ny\"}");
  g_assert_null (bs_json_dump (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/objects-and-arrays-load", test_objects_and_arrays_load);
  g_test_add_func ("/json/nonsense-is-refused-with-its-position", test_nonsense_is_refused_with_its_position);
  g_test_add_func ("/json/what-is-refused", test_what_is_refused);
  g_test_add_func ("/json/depth-ends-at-64", test_depth_ends_at_64);
  g_test_add_func ("/json/brackets-in-strings-are-no-depth", test_brackets_in_strings_are_no_depth);
  g_test_add_func ("/json/errors-show-no-control-characters", test_errors_show_no_control_characters);
  g_test_add_func ("/json/access-is-typed", test_access_is_typed);
  g_test_add_func ("/json/absent-or-other-type-gives-fallback", test_absent_or_of_another_type_gives_the_fallback);
  g_test_add_func ("/json/dump-is-one-line-in-order", test_dump_is_one_line_in_order);
  return g_test_run ();
}
