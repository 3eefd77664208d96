/* SPDX-License-Identifier: Apache-2.0 */
/* test-events.c — facts for the caller's function, one at a time */
#include "emitters.h"

#include <stdio.h>

typedef struct
{
  GPtrArray *lines; /* "lab|node|stage|kind|text" */
  gint64 last_usec;
  int inside;
} Listener;

static void
on_event (const BsEvent *event, gpointer user_data)
{
  Listener *self = user_data;

  /* One call at a time: nobody else is in here. */
  g_assert_cmpint (g_atomic_int_add (&self->inside, 1), ==, 0);
  g_assert_cmpint (event->elapsed_usec, >=, self->last_usec);
  self->last_usec = event->elapsed_usec;
  g_ptr_array_add (self->lines, g_strdup_printf ("%s|%s|%s|%s|%s", event->lab, event->node != NULL ? event->node : "-",
                                                 event->stage, event->kind, event->text));
  g_assert_true (g_utf8_validate (event->text, -1, NULL));
  g_atomic_int_add (&self->inside, -1);
}

static void
listener_init (Listener *self, BsLabOptions *options)
{
  *self = (Listener){ .lines = g_ptr_array_new_with_free_func (g_free) };
  *options = (BsLabOptions){ .size = sizeof *options, .event = on_event, .event_data = self };
}

static void
test_order_and_words (void)
{
  Listener listener;
  BsLabOptions options;
  g_autoptr (BsEvents) events = NULL;

  listener_init (&listener, &options);
  events = bs_events_new ("one", &options);
  bs_events_emit (events, NULL, "plan", "begin", "%u nodes", 2u);
  bs_events_emit (events, "web", "boot", "end", "up");
  bs_events_emit (events, "web", "run", "note", "bad \xff byte");
  g_assert_cmpuint (listener.lines->len, ==, 3);
  g_assert_cmpstr (listener.lines->pdata[0], ==, "one|-|plan|begin|2 nodes");
  g_assert_cmpstr (listener.lines->pdata[1], ==, "one|web|boot|end|up");
  g_assert_cmpstr (listener.lines->pdata[2], ==, "one|web|run|note|bad \xef\xbf\xbd byte");
  g_ptr_array_unref (listener.lines);
}

static void
test_nobody_listens (void)
{
  g_autoptr (BsEvents) without = bs_events_new ("one", NULL);
  const BsLabOptions options = BS_LAB_OPTIONS_INIT;
  g_autoptr (BsEvents) silent = bs_events_new ("one", &options);

  bs_events_emit (without, NULL, "plan", "begin", "x");
  bs_events_emit (silent, NULL, "plan", "begin", "x");
  bs_events_set_control (silent, NULL);
}

/* Each thread's own events keep their order, and none is lost. */
static void
test_many_threads (void)
{
  Listener listener;
  BsLabOptions options;
  g_autoptr (BsEvents) events = NULL;
  guint next[EMITTERS] = { 0 };

  listener_init (&listener, &options);
  events = bs_events_new ("one", &options);
  run_emitters (events);
  g_assert_cmpuint (listener.lines->len, ==, EMITTERS * EMITTED_EACH);
  for (guint i = 0; i < listener.lines->len; i++)
    {
      guint thread = 0, number = 0;

      g_assert_cmpint (sscanf (listener.lines->pdata[i], "one|n|run|note|%u %u", &thread, &number), ==, 2);
      g_assert_cmpuint (thread, <, EMITTERS);
      g_assert_cmpuint (number, ==, next[thread]++);
    }
  g_ptr_array_unref (listener.lines);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/events/order-and-words", test_order_and_words);
  g_test_add_func ("/events/nobody-listens", test_nobody_listens);
  g_test_add_func ("/events/many-threads", test_many_threads);
  return g_test_run ();
}
