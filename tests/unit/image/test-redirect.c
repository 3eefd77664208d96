/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-redirect.h"

#include <string.h>

static char *
follow (const char *from, const char *to, GError **error)
{
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (seen, g_strdup (from));
  if (!bs_redirect_resolve (seen, to, error))
    return NULL;
  return g_strdup (g_ptr_array_index (seen, 1));
}

static void
assert_leads (const char *from, const char *to, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *got = follow (from, to, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (got, ==, expected);
}

static void
assert_refused (const char *from, const char *to, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *got = follow (from, to, &error);

  g_assert_null (got);
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_absolute_and_relative (void)
{
  assert_leads ("http://a/b/c", "https://x/y", "https://x/y");
  assert_leads ("https://a/b/c", "d", "https://a/b/d");
  assert_leads ("https://a/b/c", "//x/d%20e", "https://x/d%20e");
}

static void
test_from_https_to_http (void)
{
  assert_refused ("https://a/b", "http://a/b",
                  "'https://a/b' redirects from https to http, which anybody on the way could change");
}

static void
test_elsewhere (void)
{
  assert_refused ("http://a/b", "file:///etc/passwd", "'http://a/b' redirects to what is no web address");
  assert_refused ("http://a/b", "http://", "'http://a/b' redirects to what is no web address");
  assert_refused ("http://a/b", NULL, "'http://a/b' redirects to what is no web address");
}

static void
test_passwords_are_not_told (void)
{
  assert_refused ("http://me:secret@a/b", NULL, "'http://a/b' redirects to what is no web address");
}

static void
test_ring_and_length (void)
{
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (seen, g_strdup ("http://a/0"));
  for (guint i = 1; i <= BS_REDIRECTS_MAX; i++)
    {
      g_autofree char *to = g_strdup_printf ("/%u", i);

      g_assert_true (bs_redirect_resolve (seen, to, NULL));
    }
  g_assert_false (bs_redirect_resolve (seen, "/11", &error));
  g_assert_cmpstr (error->message, ==, "'http://a/10' redirects too often");
  g_clear_error (&error);
  g_assert_false (bs_redirect_resolve (seen, "/3", &error));
  g_assert_cmpstr (error->message, ==, "'http://a/10' redirects in a ring");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redirect/absolute-and-relative", test_absolute_and_relative);
  g_test_add_func ("/redirect/from-https-to-http", test_from_https_to_http);
  g_test_add_func ("/redirect/elsewhere", test_elsewhere);
  g_test_add_func ("/redirect/passwords-are-not-told", test_passwords_are_not_told);
  g_test_add_func ("/redirect/ring-and-length", test_ring_and_length);
  return g_test_run ();
}
