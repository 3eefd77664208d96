/* SPDX-License-Identifier: Apache-2.0 */
/* test-events.c — facts for the caller's function and for the supervisor, which is a scripted one here */
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-events.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-socket.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE (10 * G_USEC_PER_SEC)
#define THREADS 8
#define EACH 200

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

typedef struct
{
  BsEvents *events;
  guint number;
} Emitter;

static gpointer
emit_many (gpointer user_data)
{
  const Emitter *self = user_data;

  for (guint i = 0; i < EACH; i++)
    bs_events_emit (self->events, "n", "run", "note", "%u %u", self->number, i);
  return NULL;
}

static void
run_emitters (BsEvents *events)
{
  Emitter emitters[THREADS];
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    {
      emitters[i] = (Emitter){ events, i };
      threads[i] = g_thread_new ("emitter", emit_many, &emitters[i]);
    }
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
}

/* Each thread's own events keep their order, and none is lost. */
static void
test_many_threads (void)
{
  Listener listener;
  BsLabOptions options;
  g_autoptr (BsEvents) events = NULL;
  guint next[THREADS] = { 0 };

  listener_init (&listener, &options);
  events = bs_events_new ("one", &options);
  run_emitters (events);
  g_assert_cmpuint (listener.lines->len, ==, THREADS * EACH);
  for (guint i = 0; i < listener.lines->len; i++)
    {
      guint thread = 0, number = 0;

      g_assert_cmpint (sscanf (listener.lines->pdata[i], "one|n|run|note|%u %u", &thread, &number), ==, 2);
      g_assert_cmpuint (thread, <, THREADS);
      g_assert_cmpuint (number, ==, next[thread]++);
    }
  g_ptr_array_unref (listener.lines);
}

/* A supervisor that answers each request with yes, and keeps it. */
typedef struct
{
  char *path;
  int dir, listener;
  GPtrArray *requests; /* of json_t; read after the thread was joined */
  gboolean refuse;
  GThread *thread;
} Server;

static void
answer (Server *self, int peer, const char *buffer, gsize length)
{
  json_t *request = bs_json_load (buffer, length, NULL);
  g_autofree char *text = NULL;

  g_assert_nonnull (request);
  g_ptr_array_add (self->requests, request);
  text = g_strdup_printf (self->refuse ? "{\"id\":%d,\"ok\":false,\"error\":{\"code\":\"failed\",\"message\":\"no\"}}"
                                       : "{\"id\":%d,\"ok\":true}",
                          (int)bs_json_int (request, "id", 0));
  while (!bs_socket_send (peer, text, strlen (text), NULL, 0, NULL))
    g_assert_cmpint (bs_socket_wait (peer, POLLOUT, g_get_monotonic_time () + PATIENCE), >, 0);
}

static gpointer
serve (gpointer user_data)
{
  Server *self = user_data;
  g_autofree char *buffer = g_malloc (BS_SOCKET_MESSAGE_MAX);
  bs_autofd int peer = -1;

  g_assert_cmpint (bs_socket_wait (self->listener, POLLIN, g_get_monotonic_time () + PATIENCE), >, 0);
  peer = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  g_assert_cmpint (peer, >=, 0);
  for (;;)
    {
      gssize n;

      g_assert_cmpint (bs_socket_wait (peer, POLLIN, g_get_monotonic_time () + PATIENCE), >, 0);
      n = bs_socket_receive (peer, buffer, BS_SOCKET_MESSAGE_MAX, NULL, NULL, NULL);
      if (n == 0)
        return NULL;
      g_assert_cmpint (n, >, 0);
      answer (self, peer, buffer, (gsize)n);
    }
}

/* Returns: the client's end */
static BsControl *
server_start (Server *self, gboolean refuse)
{
  g_autoptr (GError) error = NULL;
  BsControl *control;

  *self = (Server){ .path = g_dir_make_tmp ("bs-events-XXXXXX", NULL),
                    .requests = g_ptr_array_new_with_free_func ((GDestroyNotify)json_decref),
                    .refuse = refuse };
  self->dir = bs_file_open_dir (AT_FDCWD, self->path, &error);
  g_assert_no_error (error);
  self->listener = bs_socket_listen (self->dir, BS_CONTROL_SOCKET, SOCK_SEQPACKET, &error);
  g_assert_no_error (error);
  control = bs_control_connect (self->dir, &error);
  g_assert_no_error (error);
  self->thread = g_thread_new ("server", serve, self);
  return control;
}

/* After the last reference to the client's end is gone. */
static void
server_join (Server *self)
{
  g_thread_join (self->thread);
  bs_fd_clear (&self->listener);
  bs_fd_clear (&self->dir);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->path, NULL));
  g_free (self->path);
}

static void
test_supervisor_is_told (void)
{
  Server server;
  BsControl *control = server_start (&server, FALSE);
  BsEvents *events = bs_events_new ("one", NULL);
  json_t *event;

  bs_events_emit (events, NULL, "plan", "begin", "before there is one");
  bs_events_set_control (events, control);
  bs_control_unref (control);
  bs_events_emit (events, "web", "boot", "end", "up");
  bs_events_emit (events, NULL, "ready", "end", "all");
  bs_events_set_control (events, NULL);
  bs_events_emit (events, NULL, "stop", "end", "after it is gone");
  bs_events_free (events);
  server_join (&server);

  g_assert_cmpuint (server.requests->len, ==, 2);
  g_assert_cmpstr (bs_json_string (server.requests->pdata[0], "op", ""), ==, "event");
  event = json_object_get (server.requests->pdata[0], "event");
  g_assert_cmpstr (bs_json_string (event, "node", ""), ==, "web");
  g_assert_cmpstr (bs_json_string (event, "stage", ""), ==, "boot");
  g_assert_cmpstr (bs_json_string (event, "kind", ""), ==, "end");
  g_assert_cmpstr (bs_json_string (event, "text", ""), ==, "up");
  event = json_object_get (server.requests->pdata[1], "event");
  g_assert_null (json_object_get (event, "node"));
  g_assert_cmpstr (bs_json_string (event, "text", ""), ==, "all");
  g_ptr_array_unref (server.requests);
}

/* The record of events is no reason for anything to fail. */
static void
test_supervisor_that_refuses_is_no_trouble (void)
{
  Server server;
  BsControl *control = server_start (&server, TRUE);
  Listener listener;
  BsLabOptions options;
  BsEvents *events;

  listener_init (&listener, &options);
  events = bs_events_new ("one", &options);
  bs_events_set_control (events, control);
  bs_control_unref (control);
  bs_events_emit (events, NULL, "plan", "begin", "x");
  bs_events_free (events);
  server_join (&server);
  g_assert_cmpuint (server.requests->len, ==, 1);
  g_assert_cmpuint (listener.lines->len, ==, 1);
  g_ptr_array_unref (listener.lines);
  g_ptr_array_unref (server.requests);
}

static void
test_many_threads_tell_the_supervisor (void)
{
  Server server;
  BsControl *control = server_start (&server, FALSE);
  BsEvents *events = bs_events_new ("one", NULL);

  bs_events_set_control (events, control);
  bs_control_unref (control);
  run_emitters (events);
  bs_events_free (events);
  server_join (&server);
  g_assert_cmpuint (server.requests->len, ==, THREADS * EACH);
  g_ptr_array_unref (server.requests);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/events/order-and-words", test_order_and_words);
  g_test_add_func ("/events/nobody-listens", test_nobody_listens);
  g_test_add_func ("/events/many-threads", test_many_threads);
  g_test_add_func ("/events/supervisor-is-told", test_supervisor_is_told);
  g_test_add_func ("/events/supervisor-that-refuses-is-no-trouble", test_supervisor_that_refuses_is_no_trouble);
  g_test_add_func ("/events/many-threads-tell-the-supervisor", test_many_threads_tell_the_supervisor);
  return g_test_run ();
}
