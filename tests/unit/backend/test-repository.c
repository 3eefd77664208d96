/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-repository.h"

#include <string.h>

static void
assert_stanza (const char *line, const char *key, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = bs_repository_deb822 (line, key, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_lines_become_stanzas (void)
{
  assert_stanza ("deb https://example.org/debian bookworm main contrib", NULL,
                 "Types: deb\nURIs: https://example.org/debian\nSuites: bookworm\nComponents: main contrib\n");
  assert_stanza ("deb [arch=amd64,arm64 by-hash=no] http://example.org/d stable main", "/etc/apt/keyrings/x.asc",
                 "Types: deb\nURIs: http://example.org/d\nSuites: stable\nComponents: main\n"
                 "Architectures: amd64 arm64\nBy-Hash: no\nSigned-By: /etc/apt/keyrings/x.asc\n");
  assert_stanza ("  deb-src\t[ trusted=yes ]   file:/srv/repo   ./  ", NULL,
                 "Types: deb-src\nURIs: file:/srv/repo\nSuites: ./\nTrusted: yes\n");
}

static void
assert_refused (const char *line, const char *key, const char *problem)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = g_strescape (line, NULL), *message = NULL;

  g_assert_null (bs_repository_deb822 (line, key, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  message = g_strdup_printf ("'%s' is no repository: %s", shown, problem);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_nonnull (strstr (bs_error_hint (error), "deb [arch=amd64] URL"));
}

static void
test_what_a_stanza_cannot_hold_is_refused (void)
{
  assert_refused ("deb http://x/ a b\nTrusted: yes", NULL, "it contains a control character, or one that is not ASCII");
  assert_refused ("deb http://x/ a \303\251", NULL, "it contains a control character, or one that is not ASCII");
  assert_refused ("", NULL, "it does not begin with 'deb' or 'deb-src'");
  assert_refused ("ppa:someone/thing", NULL, "it does not begin with 'deb' or 'deb-src'");
  assert_refused ("deb", NULL, "after its type and options, a URL must follow");
  assert_refused ("deb example.org stable main", NULL, "after its type and options, a URL must follow");
  assert_refused ("deb http://x/", NULL, "a suite must follow the URL");
  assert_refused ("deb http://x/ stable", NULL, "a component must follow the suite");
  assert_refused ("deb http://x/ ./ main", NULL, "a suite that is a path has no components");
  assert_refused ("deb http://x/ stable main # mine", NULL, "its suite or components contain one of # [ ] \"");
  assert_refused ("deb [arch=amd64 http://x/ stable main", NULL, "option 'http://x/' is not known");
  assert_refused ("deb [arch=amd64", NULL, "its options do not end in ']'");
  assert_refused ("deb [arch+=amd64] http://x/ stable main", NULL, "option 'arch+' is not known");
  assert_refused ("deb [arch=] http://x/ stable main", NULL, "option 'arch' has no value");
  assert_refused ("deb [signed-by=/x] http://x/ stable main", "/k", "option 'signed-by' contradicts its key");
}

static void
test_kinds (void)
{
  g_autoptr (GError) error = NULL;
  BsRepositoryKind kind;

  g_assert_true (bs_repository_check ("deb http://x/ stable main", &kind, NULL));
  g_assert_cmpint (kind, ==, BS_REPOSITORY_APT);
  g_assert_true (bs_repository_check ("https://example.org/el9/", &kind, NULL));
  g_assert_cmpint (kind, ==, BS_REPOSITORY_URL);
  g_assert_false (bs_repository_check ("https://example.org/el9/\n[other]", &kind, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
}

static void
test_files_for_dnf (void)
{
  g_autofree char *local = bs_repository_dnf ("https://example.org/el9/", "benchscale-1", "/etc/pki/rpm-gpg/k");
  g_autofree char *remote = bs_repository_dnf ("https://example.org/el9/", "benchscale-1", "https://example.org/k");

  g_assert_cmpstr (local, ==,
                   "[benchscale-1]\nname=benchscale-1\nbaseurl=https://example.org/el9/\nenabled=1\ngpgcheck=1\n"
                   "gpgkey=file:///etc/pki/rpm-gpg/k\n");
  g_assert_true (g_str_has_suffix (remote, "gpgkey=https://example.org/k\n"));
}

static void
test_the_same_source_has_the_same_name (void)
{
  g_autofree char *a = bs_repository_id ("deb http://x/ a b", NULL), *b = bs_repository_id ("deb http://x/ a b", NULL);
  g_autofree char *c = bs_repository_id ("deb http://x/ a b", "key");

  g_assert_cmpstr (a, ==, b);
  g_assert_cmpstr (a, !=, c);
  g_assert_true (g_regex_match_simple ("^benchscale-[0-9a-f]{12}$", a, 0, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/repository/stanzas", test_lines_become_stanzas);
  g_test_add_func ("/repository/refusals", test_what_a_stanza_cannot_hold_is_refused);
  g_test_add_func ("/repository/kinds", test_kinds);
  g_test_add_func ("/repository/dnf", test_files_for_dnf);
  g_test_add_func ("/repository/names", test_the_same_source_has_the_same_name);
  return g_test_run ();
}
