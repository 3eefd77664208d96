/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-diagnostic.h"

static void
test_format (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("lab.yaml");
  g_autofree char *text = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 3, 5, 2, "use a name", "node '%s' is unknown", "web");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_WARNING, 4, 1, 1, NULL, "old key");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL, "the file is empty");
  text = bs_diagnostics_format (diagnostics);
  g_assert_cmpstr (text, ==,
                   "benchscale: lab.yaml:3:5: node 'web' is unknown\nhint: use a name\n"
                   "benchscale: lab.yaml:4:1: warning: old key\n"
                   "benchscale: lab.yaml: the file is empty\n");
}

static void
test_sort_keeps_order_at_one_place (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");
  g_autofree char *text = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 1, 1, NULL, "third");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1, 9, 1, NULL, "first");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 1, 1, NULL, "fourth");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1, 10, 1, NULL, "second");
  bs_diagnostics_sort (diagnostics);
  text = bs_diagnostics_format (diagnostics);
  g_assert_cmpstr (text, ==,
                   "benchscale: f:1:9: first\nbenchscale: f:1:10: second\n"
                   "benchscale: f:2:1: third\nbenchscale: f:2:1: fourth\n");
}

static void
test_limit (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");
  const BsDiagnostic *last;

  for (guint i = 0; i < 1500; i++)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1500 - i, 1, 1, NULL, "fault %u", i);
  bs_diagnostics_sort (diagnostics);
  g_assert_cmpuint (diagnostics->items->len, ==, 1001);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpuint (((const BsDiagnostic *) diagnostics->items->pdata[i])->line, ==, i + 1);
  g_assert_true (bs_diagnostics_keeps (diagnostics, 1000, 0));
  g_assert_false (bs_diagnostics_keeps (diagnostics, 1000, 1));
  last = g_ptr_array_index (diagnostics->items, 1000);
  g_assert_cmpstr (last->message, ==, "500 more not shown");
  g_assert_cmpuint (last->line, ==, 0);
}

static gboolean
is_even (const BsDiagnostic *item, gconstpointer unused)
{
  return item->line % 2 == 0;
}

/* What was removed made room, but something is missing already: only what comes before the last one is kept. */
static void
test_remove_beyond_limit (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");

  for (guint i = 0; i < 1500; i++)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1500 - i, 1, 1, NULL, "fault");
  bs_diagnostics_remove (diagnostics, 0, is_even, NULL);
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1200, 1, 1, NULL, "late");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 1, 1, NULL, "early");
  bs_diagnostics_sort (diagnostics);
  g_assert_cmpuint (diagnostics->items->len, ==, 501);
  for (guint i = 0; i < 500; i++)
    g_assert_cmpuint (((const BsDiagnostic *) diagnostics->items->pdata[i])->line, ==, i < 2 ? i + 1 : 2 * i - 1);
  g_assert_cmpstr (((const BsDiagnostic *) diagnostics->items->pdata[500])->message, ==, "502 more not shown");
}

static void
test_errors_beyond_limit_count (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("f");

  for (guint i = 0; i < 1001; i++)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_WARNING, 1, 1, 1, NULL, "odd");
  g_assert_false (bs_diagnostics_has_errors (diagnostics));
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 1, 1, 1, NULL, "wrong");
  g_assert_true (bs_diagnostics_has_errors (diagnostics));
}

static void
test_to_error (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("lab.yaml");
  g_autoptr (GError) error = NULL;

  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_WARNING, 1, 1, 1, NULL, "odd");
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 3, 1, "do this", "wrong");
  bs_diagnostics_to_error (diagnostics, &error);
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "lab.yaml:2:3: wrong");
  g_assert_cmpstr (bs_error_hint (error), ==, "do this");
}

static void
test_to_error_counts_more (void)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("lab.yaml");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1002; i++)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 2, 3, 1, NULL, "wrong");
  bs_diagnostics_to_error (diagnostics, &error);
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "lab.yaml:2:3: wrong (and 1001 more)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagnostic/format", test_format);
  g_test_add_func ("/diagnostic/sort-keeps-order-at-one-place", test_sort_keeps_order_at_one_place);
  g_test_add_func ("/diagnostic/limit", test_limit);
  g_test_add_func ("/diagnostic/remove-beyond-limit", test_remove_beyond_limit);
  g_test_add_func ("/diagnostic/errors-beyond-limit-count", test_errors_beyond_limit_count);
  g_test_add_func ("/diagnostic/to-error", test_to_error);
  g_test_add_func ("/diagnostic/to-error-counts-more", test_to_error_counts_more);
  return g_test_run ();
}
