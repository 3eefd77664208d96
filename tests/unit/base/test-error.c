/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: their codes, their hints, what a command ends with. */
#include "bs-error.h"

#include <errno.h>

static void
test_hint_is_kept_beside_the_message (void)
{
  g_autoptr (GError) error = NULL;

  bs_set_error (&error, BS_ERROR_HOST, "install it", "no program '%s'", "qemu");
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_cmpstr (error->message, ==, "no program 'qemu'");
  g_assert_cmpstr (bs_error_hint (error), ==, "install it");
}

static void
test_hint_survives_copy_and_prefix (void)
{
  g_autoptr (GError) error = NULL, copy = NULL;

  bs_set_error (&error, BS_ERROR_HOST, "install it", "no program");
  g_prefix_error (&error, "cannot start: ");
  copy = g_error_copy (error);
  g_assert_cmpstr (copy->message, ==, "cannot start: no program");
  g_assert_cmpstr (bs_error_hint (copy), ==, "install it");
}

static void
test_hint_is_replaced (void)
{
  g_autoptr (GError) error = NULL;

  bs_set_error (&error, BS_ERROR_HOST, "first", "x");
  bs_error_set_hint (error, "second");
  g_assert_cmpstr (bs_error_hint (error), ==, "second");
  bs_error_set_hint (error, NULL);
  g_assert_null (bs_error_hint (error));
}

static void
test_other_domains_have_no_hint (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOENT, "gone");

  g_assert_null (bs_error_hint (error));
  g_assert_null (bs_error_hint (NULL));
}

static void
test_nowhere_to_put_it_is_fine (void)
{
  bs_set_error (NULL, BS_ERROR_HOST, "hint", "text");
  bs_set_error_errno (NULL, ENOENT, "text");
}

static void
test_code_is_chosen_from_errno (void)
{
  static const struct
  {
    int errnum;
    int code;
    gboolean hint;
  } cases[] = {
    { ENOENT, BS_ERROR_NOT_FOUND, FALSE }, { ENOSPC, BS_ERROR_EXHAUSTED, TRUE }, { EDQUOT, BS_ERROR_EXHAUSTED, TRUE },
    { ENOMEM, BS_ERROR_EXHAUSTED, TRUE },  { EMFILE, BS_ERROR_EXHAUSTED, TRUE }, { EACCES, BS_ERROR_FAILED, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strdup_printf ("cannot do 'x': %s", g_strerror (cases[i].errnum));

      bs_set_error_errno (&error, cases[i].errnum, "cannot do '%s'", "x");
      g_assert_error (error, BS_ERROR, cases[i].code);
      g_assert_cmpstr (error->message, ==, text);
      g_assert_true ((bs_error_hint (error) != NULL) == cases[i].hint);
    }
}

static void
test_exit_codes_are_the_documented_ones (void)
{
  static const struct
  {
    int code;
    int exit_code;
  } cases[] = {
    { BS_ERROR_CHECK, 1 },     { BS_ERROR_INVALID, 2 }, { BS_ERROR_NOT_FOUND, 2 },   { BS_ERROR_HOST, 3 },
    { BS_ERROR_EXHAUSTED, 3 }, { BS_ERROR_FAILED, 4 },  { BS_ERROR_DIED, 4 },        { BS_ERROR_PROTOCOL, 4 },
    { BS_ERROR_BUSY, 4 },      { BS_ERROR_TIMEOUT, 5 }, { BS_ERROR_CANCELLED, 130 },
  };

  g_assert_cmpint (bs_error_exit_code (NULL), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (BS_ERROR, cases[i].code, "x");

      g_assert_cmpint (bs_error_exit_code (error), ==, cases[i].exit_code);
    }
}

static void
test_foreign_errors_end_with_four (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOENT, "gone");

  g_assert_cmpint (bs_error_exit_code (error), ==, 4);
}

static void
test_code_names_go_there_and_back (void)
{
  for (int code = BS_ERROR_FAILED; code <= BS_ERROR_CHECK; code++)
    {
      int back = -1;

      g_assert_true (bs_error_code_from_name (bs_error_code_name (code), &back));
      g_assert_cmpint (back, ==, code);
    }
}

static void
test_unknown_code_name_is_refused (void)
{
  int code = 77;

  g_assert_false (bs_error_code_from_name ("nonsense", &code));
  g_assert_false (bs_error_code_from_name (NULL, &code));
  g_assert_cmpint (code, ==, 77);
  g_assert_cmpstr (bs_error_code_name (999), ==, "failed");
}

static void
test_the_host_is_blamed (void)
{
  GError *error = NULL;

  bs_error_blame_host (NULL, "x");
  bs_set_error_errno (&error, EROFS, "cannot write");
  bs_error_blame_host (error, "elsewhere");
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_cmpstr (bs_error_hint (error), ==, "elsewhere");
  g_assert_cmpint (bs_error_exit_code (error), ==, 3);
  g_clear_error (&error);
  bs_set_error_errno (&error, ENOSPC, "cannot write");
  bs_error_blame_host (error, "elsewhere");
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_cmpstr (bs_error_hint (error), !=, "elsewhere");
  g_clear_error (&error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/hint-is-kept-beside-the-message", test_hint_is_kept_beside_the_message);
  g_test_add_func ("/error/hint-survives-copy-and-prefix", test_hint_survives_copy_and_prefix);
  g_test_add_func ("/error/hint-is-replaced", test_hint_is_replaced);
  g_test_add_func ("/error/other-domains-have-no-hint", test_other_domains_have_no_hint);
  g_test_add_func ("/error/nowhere-to-put-it-is-fine", test_nowhere_to_put_it_is_fine);
  g_test_add_func ("/error/code-is-chosen-from-errno", test_code_is_chosen_from_errno);
  g_test_add_func ("/error/exit-codes-are-the-documented-ones", test_exit_codes_are_the_documented_ones);
  g_test_add_func ("/error/foreign-errors-end-with-four", test_foreign_errors_end_with_four);
  g_test_add_func ("/error/code-names-go-there-and-back", test_code_names_go_there_and_back);
  g_test_add_func ("/error/unknown-code-name-is-refused", test_unknown_code_name_is_refused);
  g_test_add_func ("/error/the-host-is-blamed", test_the_host_is_blamed);
  return g_test_run ();
}
