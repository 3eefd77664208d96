/* SPDX-License-Identifier: Apache-2.0 */
/* test-events-forward.c — facts for the supervisor, which is a scripted one here */
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-socket.h"
#include "emitters.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE (10 * G_USEC_PER_SEC)

static void
count (const BsEvent *event, gpointer number)
{
  ++*(guint *) number;
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
                          (int) bs_json_int (request, "id", 0));
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
      answer (self, peer, buffer, (gsize) n);
    }
}

/* Returns: the client's end */
static BsControl *
server_start (Server *self, gboolean refuse)
{
  g_autoptr (GError) error = NULL;
  BsControl *control;

  *self = (Server){ .path = g_dir_make_tmp ("bs-events-XXXXXX", NULL),
                    .requests = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref),
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
  guint told = 0;
  BsLabOptions options = { .size = sizeof options, .event = count, .event_data = &told };
  BsEvents *events;

  events = bs_events_new ("one", &options);
  bs_events_set_control (events, control);
  bs_control_unref (control);
  bs_events_emit (events, NULL, "plan", "begin", "x");
  bs_events_free (events);
  server_join (&server);
  g_assert_cmpuint (server.requests->len, ==, 1);
  g_assert_cmpuint (told, ==, 1);
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
  g_assert_cmpuint (server.requests->len, ==, EMITTERS * EMITTED_EACH);
  g_ptr_array_unref (server.requests);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/events/supervisor-is-told", test_supervisor_is_told);
  g_test_add_func ("/events/supervisor-that-refuses-is-no-trouble", test_supervisor_that_refuses_is_no_trouble);
  g_test_add_func ("/events/many-threads-tell-the-supervisor", test_many_threads_tell_the_supervisor);
  return g_test_run ();
}
