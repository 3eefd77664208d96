/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people: bytes that are safe to show. */
#include "bs-text.h"

#include <string.h>

static void
assert_printable (const char *data, gsize length, const char *expected)
{
  /* A copy of the exact size, so that the address sanitizer sees a read past the end. */
  g_autofree char *exact = g_memdup2 (data, length);
  g_autofree char *text = bs_text_printable (exact, length);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
test_plain_text_stays (void)
{
  assert_printable ("a\tb\nc \xc3\xa4", 8, "a\tb\nc \xc3\xa4");
  assert_printable ("", 0, "");
}

static void
test_escape_sequences_go (void)
{
  assert_printable ("\033[1;31mred\033[0m", 14, "red");
  assert_printable ("\033c\033[?7lx", 8, "x");
  assert_printable ("end\033", 4, "end");
  assert_printable ("end\033[", 5, "end");
  assert_printable ("end\033[12", 7, "end");
}

static void
test_control_characters_are_marked (void)
{
  assert_printable ("a\0b\a\177", 5, "a?b??");
  assert_printable ("a\rb", 3, "a?b");
  assert_printable ("csi \xc2\x9b", 6, "csi ?");
}

/* They would show "evil" as "live", or a line where there is none. */
static void
test_overrides_of_direction_and_separators_are_marked (void)
{
  assert_printable ("\xe2\x80\xae"
                    "evil",
                    7, "?evil");
  assert_printable ("a\xe2\x80\xa8"
                    "b\xe2\x81\xa6",
                    8, "a?b?");
}

static void
test_line_ends_of_consoles_become_newlines (void)
{
  assert_printable ("a\r\nb\r\n", 6, "a\nb\n");
}

static void
test_bad_bytes_are_replaced (void)
{
  assert_printable ("a\xff", 2, "a\xef\xbf\xbd");
  assert_printable ("a\xe2\x82", 3, "a\xef\xbf\xbd\xef\xbf\xbd");
}

static void
test_sizes_are_read (void)
{
  static const char *const wrong[]
      = { "", "G", "-1", "+1", " 1", "1GB", "1.5G", "1x", "20000000T", "99999999999999999999" };
  guint64 bytes = 1;

  g_assert_true (bs_text_parse_bytes ("0", &bytes));
  g_assert_cmpuint (bytes, ==, 0);
  g_assert_true (bs_text_parse_bytes ("512", &bytes));
  g_assert_cmpuint (bytes, ==, 512);
  g_assert_true (bs_text_parse_bytes ("500M", &bytes));
  g_assert_cmpuint (bytes, ==, G_GUINT64_CONSTANT (500) << 20);
  g_assert_true (bs_text_parse_bytes ("2t", &bytes));
  g_assert_cmpuint (bytes, ==, G_GUINT64_CONSTANT (2) << 40);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (bs_text_parse_bytes (wrong[i], &bytes));
  g_assert_cmpuint (bytes, ==, G_GUINT64_CONSTANT (2) << 40);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/plain-text-stays", test_plain_text_stays);
  g_test_add_func ("/text/escape-sequences-go", test_escape_sequences_go);
  g_test_add_func ("/text/control-characters-are-marked", test_control_characters_are_marked);
  g_test_add_func ("/text/overrides-of-direction-and-separators-are-marked",
                   test_overrides_of_direction_and_separators_are_marked);
  g_test_add_func ("/text/line-ends-of-consoles-become-newlines", test_line_ends_of_consoles_become_newlines);
  g_test_add_func ("/text/bad-bytes-are-replaced", test_bad_bytes_are_replaced);
  g_test_add_func ("/text/sizes-are-read", test_sizes_are_read);
  return g_test_run ();
}
