/* SPDX-License-Identifier: Apache-2.0 */
/* Many items at once: their order, their errors, their end. */
#include "bs-error.h"
#include "bs-pool.h"

#include <string.h>

#define N_MAX 64

/* What the work of a test sees and leaves behind. */
typedef struct
{
  gint clock;
  gint begun[N_MAX], ended[N_MAX]; /* ticks of the clock; 0 is never */
  gint n_running, most_running;
  guint64 failing;          /* bit mask of items that fail */
  gint n_meeting;           /* an item waits until so many run at once */
  GCancellable *cancels;    /* item 0 cancels this */
  guint waiting_for_cancel; /* this item and those above it wait to be cancelled */
} Fixture;

static void
raise_to (gint *at, gint value)
{
  gint old = g_atomic_int_get (at);

  while (value > old && !g_atomic_int_compare_and_exchange (at, old, value))
    old = g_atomic_int_get (at);
}

static gboolean
work (guint item, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Fixture *self = user_data;
  gboolean ok = TRUE;

  g_atomic_int_set (&self->begun[item], g_atomic_int_add (&self->clock, 1) + 1);
  raise_to (&self->most_running, g_atomic_int_add (&self->n_running, 1) + 1);
  while (g_atomic_int_get (&self->most_running) < self->n_meeting)
    g_thread_yield ();
  if (self->cancels != NULL && item == 0)
    g_cancellable_cancel (self->cancels);
  while (self->waiting_for_cancel != 0 && item >= self->waiting_for_cancel && ok)
    if (g_cancellable_is_cancelled (cancellable))
      {
        bs_set_error (error, BS_ERROR_CANCELLED, NULL, "item %u was cancelled", item);
        ok = FALSE;
      }
    else
      g_thread_yield ();
  if ((self->failing >> item & 1) != 0)
    {
      bs_set_error (error, BS_ERROR_DIED, "look at its log", "item %u died", item);
      ok = FALSE;
    }
  g_atomic_int_add (&self->n_running, -1);
  g_atomic_int_set (&self->ended[item], g_atomic_int_add (&self->clock, 1) + 1);
  return ok;
}

static GArray *
list (guint n, ...)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (guint));
  va_list args;

  va_start (args, n);
  for (guint i = 0; i < n; i++)
    {
      guint item = va_arg (args, guint);

      g_array_append_val (array, item);
    }
  va_end (args);
  return array;
}

static void
clear_errors (GError **errors, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_error (&errors[i]);
}

static void
test_nothing_is_success (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (bs_pool_run_graph (0, NULL, 4, BS_POOL_STOP_AT_ERROR, work, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
test_one_thread_runs_in_number_order (void)
{
  g_autoptr (GError) error = NULL;
  Fixture fixture = { 0 };

  g_assert_true (bs_pool_run_graph (5, NULL, 1, BS_POOL_STOP_AT_ERROR, work, &fixture, NULL, NULL, &error));
  g_assert_no_error (error);
  for (gint i = 0; i < 5; i++)
    g_assert_cmpint (fixture.begun[i], ==, 2 * i + 1);
}

static void
test_items_run_at_once (void)
{
  Fixture fixture = { .n_meeting = 4 };

  g_assert_true (bs_pool_run_graph (4, NULL, 0, BS_POOL_STOP_AT_ERROR, work, &fixture, NULL, NULL, NULL));
  g_assert_cmpint (fixture.most_running, ==, 4);
}

static void
test_no_more_than_max_threads (void)
{
  Fixture fixture = { .n_meeting = 2 };

  g_assert_true (bs_pool_run_graph (N_MAX, NULL, 2, BS_POOL_STOP_AT_ERROR, work, &fixture, NULL, NULL, NULL));
  g_assert_cmpint (fixture.most_running, ==, 2);
}

static void
test_items_wait_for_those_before (void)
{
  g_autoptr (GArray) third = list (1, 2u), both = list (2, 0u, 3u);
  const GArray *after[] = { third, both, NULL, NULL };
  Fixture fixture = { 0 };

  g_assert_true (bs_pool_run_graph (4, after, 4, BS_POOL_STOP_AT_ERROR, work, &fixture, NULL, NULL, NULL));
  g_assert_cmpint (fixture.begun[0], >, fixture.ended[2]);
  g_assert_cmpint (fixture.begun[1], >, fixture.ended[0]);
  g_assert_cmpint (fixture.begun[1], >, fixture.ended[3]);
}

static void
test_a_failure_stops_what_has_not_begun (void)
{
  g_autoptr (GError) error = NULL;
  GError *errors[4] = { NULL };
  Fixture fixture = { .failing = 1 << 1 };

  g_assert_false (bs_pool_run_graph (4, NULL, 1, BS_POOL_STOP_AT_ERROR, work, &fixture, NULL, errors, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_cmpstr (error->message, ==, "item 1 died");
  g_assert_cmpstr (bs_error_hint (error), ==, "look at its log");
  g_assert_no_error (errors[0]);
  g_assert_error (errors[1], BS_ERROR, BS_ERROR_DIED);
  g_assert_error (errors[3], BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (errors[3]->message, ==, "not begun");
  g_assert_cmpint (fixture.begun[2], ==, 0);
  clear_errors (errors, 4);
}

static void
test_a_failure_cancels_what_runs (void)
{
  g_autoptr (GError) error = NULL;
  GError *errors[3] = { NULL };
  Fixture fixture = { .failing = 1 << 0, .waiting_for_cancel = 1, .n_meeting = 3 };

  g_assert_false (bs_pool_run_graph (3, NULL, 3, BS_POOL_STOP_AT_ERROR, work, &fixture, NULL, errors, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_error (errors[2], BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (errors[2]->message, ==, "item 2 was cancelled");
  clear_errors (errors, 3);
}

static void
test_keep_going_skips_only_dependents (void)
{
  g_autoptr (GArray) first = list (1, 0u), second = list (1, 1u);
  const GArray *after[] = { NULL, first, second, NULL };
  g_autoptr (GError) error = NULL;
  GError *errors[4] = { NULL };
  Fixture fixture = { .failing = 1 << 0 };

  g_assert_false (bs_pool_run_graph (4, after, 1, BS_POOL_KEEP_GOING, work, &fixture, NULL, errors, &error));
  g_assert_cmpstr (error->message, ==, "item 0 died");
  g_assert_cmpint (fixture.ended[3], >, 0);
  g_assert_cmpint (fixture.begun[1] + fixture.begun[2], ==, 0);
  g_assert_error (errors[2], BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (errors[2]->message, ==, "not begun: item 1 did not succeed");
  g_assert_no_error (errors[3]);
  clear_errors (errors, 4);
}

static void
test_lowest_of_many_errors_is_told (void)
{
  g_autoptr (GError) error = NULL;
  Fixture fixture = { .failing = 1 << 2 | 1 << 5, .n_meeting = 6 };

  g_assert_false (bs_pool_run_graph (6, NULL, 6, BS_POOL_KEEP_GOING, work, &fixture, NULL, NULL, &error));
  g_assert_cmpstr (error->message, ==, "item 2 died");
}

static void
test_cancelled_before_begins_nothing (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Fixture fixture = { 0 };

  g_cancellable_cancel (cancellable);
  g_assert_false (bs_pool_run_graph (3, NULL, 2, BS_POOL_KEEP_GOING, work, &fixture, cancellable, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "not begun");
  g_assert_cmpint (fixture.clock, ==, 0);
}

static void
test_cancelling_reaches_the_work (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Fixture fixture = { .cancels = cancellable, .waiting_for_cancel = 1, .n_meeting = 2 };

  g_assert_false (bs_pool_run_graph (8, NULL, 2, BS_POOL_KEEP_GOING, work, &fixture, cancellable, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "item 1 was cancelled");
  g_assert_cmpint (fixture.begun[2], ==, 0);
}

static void
test_ring_is_refused (void)
{
  g_autoptr (GArray) first = list (1, 1u), second = list (1, 2u), third = list (1, 1u);
  const GArray *after[] = { NULL, second, third };
  g_autoptr (GError) error = NULL;
  Fixture fixture = { 0 };

  after[0] = first;
  g_assert_false (bs_pool_run_graph (3, after, 2, BS_POOL_STOP_AT_ERROR, work, &fixture, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "items wait for each other in a ring, among them item 1");
  g_assert_cmpint (fixture.clock, ==, 0);
}

static void
test_waiting_for_an_unknown_item_is_refused (void)
{
  g_autoptr (GArray) far = list (1, 7u);
  const GArray *after[] = { NULL, far };
  g_autoptr (GError) error = NULL;
  Fixture fixture = { 0 };

  g_assert_false (bs_pool_run_graph (2, after, 2, BS_POOL_STOP_AT_ERROR, work, &fixture, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "item 1 waits for item 7 of 2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/nothing-is-success", test_nothing_is_success);
  g_test_add_func ("/pool/one-thread-runs-in-number-order", test_one_thread_runs_in_number_order);
  g_test_add_func ("/pool/items-run-at-once", test_items_run_at_once);
  g_test_add_func ("/pool/no-more-than-max-threads", test_no_more_than_max_threads);
  g_test_add_func ("/pool/items-wait-for-those-before", test_items_wait_for_those_before);
  g_test_add_func ("/pool/failure-stops-what-has-not-begun", test_a_failure_stops_what_has_not_begun);
  g_test_add_func ("/pool/failure-cancels-what-runs", test_a_failure_cancels_what_runs);
  g_test_add_func ("/pool/keep-going-skips-only-dependents", test_keep_going_skips_only_dependents);
  g_test_add_func ("/pool/lowest-of-many-errors-is-told", test_lowest_of_many_errors_is_told);
  g_test_add_func ("/pool/cancelled-before-begins-nothing", test_cancelled_before_begins_nothing);
  g_test_add_func ("/pool/cancelling-reaches-the-work", test_cancelling_reaches_the_work);
  g_test_add_func ("/pool/ring-is-refused", test_ring_is_refused);
  g_test_add_func ("/pool/waiting-for-unknown-item-is-refused", test_waiting_for_an_unknown_item_is_refused);
  return g_test_run ();
}
