/* SPDX-License-Identifier: Apache-2.0 */
/* The client against a server that says what each test wants. */
#include "bs-control.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-socket.h"

#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define PATIENCE (10 * G_USEC_PER_SEC)
#define SOON() (g_get_monotonic_time () + PATIENCE)

typedef struct
{
  char *path;
  int dir;
  int listener;
  int peer; /* the server's end of the one connection */
  BsControl *control;
} Fixture;

static void
setup (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  self->path = g_dir_make_tmp ("bs-control-XXXXXX", NULL);
  self->dir = bs_file_open_dir (AT_FDCWD, self->path, &error);
  g_assert_no_error (error);
  self->listener = bs_socket_listen (self->dir, BS_CONTROL_SOCKET, SOCK_SEQPACKET, &error);
  g_assert_no_error (error);
  self->control = bs_control_connect (self->dir, &error);
  g_assert_no_error (error);
  self->peer = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (self->peer, >=, 0);
}

static void
teardown (Fixture *self, gconstpointer unused)
{
  bs_control_unref (self->control);
  bs_fd_clear (&self->peer);
  bs_fd_clear (&self->listener);
  bs_fd_clear (&self->dir);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->path, NULL));
  g_free (self->path);
}

static void
say (Fixture *self, const char *text)
{
  g_assert_true (bs_socket_send (self->peer, text, strlen (text), NULL, 0, NULL));
}

/* (transfer full) */
static json_t *
hear (Fixture *self)
{
  g_autofree char *buffer = g_malloc (BS_SOCKET_MESSAGE_MAX);
  gssize n;
  json_t *request;

  g_assert_cmpint (bs_socket_wait (self->peer, POLLIN, SOON ()), >, 0);
  n = bs_socket_receive (self->peer, buffer, BS_SOCKET_MESSAGE_MAX, NULL, NULL, NULL);
  g_assert_cmpint (n, >, 0);
  request = bs_json_load (buffer, (gsize) n, NULL);
  g_assert_nonnull (request);
  return request;
}

static gint64
hear_id (Fixture *self, const char *op)
{
  g_autoptr (json_t) request = hear (self);

  g_assert_cmpstr (bs_json_string (request, "op", ""), ==, op);
  return bs_json_int (request, "id", 0);
}

static void
answer (Fixture *self, gint64 id, const char *members)
{
  g_autofree char *text = g_strdup_printf ("{\"id\":%" G_GINT64_FORMAT ",%s}", id, members);

  say (self, text);
}

/* A call in a thread of its own. */
typedef struct
{
  Fixture *fixture;
  char op[16];
  gint64 deadline;
  GCancellable *cancellable;
  json_t *answer;
  int fd;
  GError *error;
  GThread *thread;
} Caller;

static gpointer
call (gpointer user_data)
{
  Caller *self = user_data;

  self->answer = bs_control_call (self->fixture->control, self->op, json_pack ("{s:s}", "node", "web"), &self->fd,
                                  self->deadline, self->cancellable, &self->error);
  return NULL;
}

static void
caller_start (Caller *self, Fixture *fixture, const char *op, gint64 deadline)
{
  GCancellable *cancellable = self->cancellable;

  *self = (Caller){ .fixture = fixture, .deadline = deadline, .cancellable = cancellable, .fd = -1 };
  g_strlcpy (self->op, op, sizeof self->op);
  self->thread = g_thread_new ("caller", call, self);
}

static void
caller_join (Caller *self)
{
  g_thread_join (self->thread);
}

static void
caller_clear (Caller *self)
{
  json_decref (self->answer);
  bs_fd_clear (&self->fd);
  g_clear_error (&self->error);
}

static void
test_answer_comes_back (Fixture *self, gconstpointer unused)
{
  Caller caller = { 0 };
  g_autoptr (json_t) request = NULL;

  caller_start (&caller, self, "status", SOON ());
  request = hear (self);
  g_assert_cmpstr (bs_json_string (request, "op", ""), ==, "status");
  g_assert_cmpstr (bs_json_string (request, "node", ""), ==, "web");
  answer (self, bs_json_int (request, "id", 0), "\"ok\":true,\"value\":42");
  caller_join (&caller);
  g_assert_no_error (caller.error);
  g_assert_cmpint (bs_json_int (caller.answer, "value", 0), ==, 42);
  g_assert_cmpint (caller.fd, ==, -1);
  caller_clear (&caller);
}

static void
test_error_keeps_code_text_and_hint (Fixture *self, gconstpointer unused)
{
  Caller caller = { 0 };

  caller_start (&caller, self, "spawn", SOON ());
  answer (self, hear_id (self, "spawn"),
          "\"ok\":false,\"error\":{\"code\":\"host\",\"message\":\"no qemu\",\"hint\":\"install it\"}");
  caller_join (&caller);
  g_assert_error (caller.error, BS_ERROR, BS_ERROR_HOST);
  g_assert_cmpstr (caller.error->message, ==, "no qemu");
  g_assert_cmpstr (bs_error_hint (caller.error), ==, "install it");
  caller_clear (&caller);
}

static void
test_unknown_code_is_a_failure (Fixture *self, gconstpointer unused)
{
  Caller caller = { 0 };

  caller_start (&caller, self, "spawn", SOON ());
  answer (self, hear_id (self, "spawn"), "\"ok\":false,\"error\":{\"code\":\"new-code\",\"message\":\"strange\"}");
  caller_join (&caller);
  g_assert_error (caller.error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (caller.error->message, ==, "strange");
  caller_clear (&caller);
}

static void
test_descriptor_comes_with_the_answer (Fixture *self, gconstpointer unused)
{
  Caller caller = { 0 };
  g_autofree char *text = NULL;
  int ends[2];
  char byte = 0;

  g_assert_cmpint (pipe (ends), ==, 0);
  caller_start (&caller, self, "guest", SOON ());
  text = g_strdup_printf ("{\"id\":%d,\"ok\":true}", (int) hear_id (self, "guest"));
  g_assert_true (bs_socket_send (self->peer, text, strlen (text), &ends[0], 1, NULL));
  caller_join (&caller);
  g_assert_cmpint (caller.fd, >=, 0);
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  g_assert_cmpint (read (caller.fd, &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'x');
  close (ends[0]);
  close (ends[1]);
  caller_clear (&caller);
}

/* Answers in the opposite order of the requests: each call gets its own. */
static void
test_concurrent_calls_get_their_own_answers (Fixture *self, gconstpointer unused)
{
  Caller callers[8] = { 0 };
  gint64 ids[8];
  char *ops[8];

  for (int i = 0; i < 8; i++)
    {
      g_autoptr (json_t) request = NULL;
      g_autofree char *op = g_strdup_printf ("op-%d", i);

      caller_start (&callers[i], self, op, SOON ());
      request = hear (self);
      ids[i] = bs_json_int (request, "id", 0);
      ops[i] = g_strdup (bs_json_string (request, "op", ""));
    }
  for (int i = 7; i >= 0; i--)
    {
      g_autofree char *members = g_strdup_printf ("\"ok\":true,\"for\":\"%s\"", ops[i]);

      answer (self, ids[i], members);
    }
  for (int i = 0; i < 8; i++)
    {
      caller_join (&callers[i]);
      g_assert_cmpstr (bs_json_string (callers[i].answer, "for", ""), ==, callers[i].op);
      caller_clear (&callers[i]);
    }
  for (int i = 0; i < 8; i++)
    g_free (ops[i]);
}

static void
test_deadline_ends_one_call_only (Fixture *self, gconstpointer unused)
{
  Caller patient = { 0 }, hasty = { 0 };
  gint64 first, second;

  caller_start (&patient, self, "patient", SOON ());
  first = hear_id (self, "patient");
  caller_start (&hasty, self, "hasty", g_get_monotonic_time () + 30000);
  second = hear_id (self, "hasty");
  caller_join (&hasty);
  g_assert_error (hasty.error, BS_ERROR, BS_ERROR_TIMEOUT);
  answer (self, second, "\"ok\":true,\"late\":true"); /* nobody's any more */
  answer (self, first, "\"ok\":true");
  caller_join (&patient);
  g_assert_no_error (patient.error);
  caller_clear (&patient);
  caller_clear (&hasty);
}

/* The reader gives up first: the other must take over reading. */
static void
test_deadline_of_the_reader_passes_the_role (Fixture *self, gconstpointer unused)
{
  Caller hasty = { 0 }, patient = { 0 };
  gint64 id;

  caller_start (&hasty, self, "hasty", g_get_monotonic_time () + 50000);
  hear_id (self, "hasty");
  caller_start (&patient, self, "patient", SOON ());
  id = hear_id (self, "patient");
  caller_join (&hasty);
  answer (self, id, "\"ok\":true");
  caller_join (&patient);
  g_assert_no_error (patient.error);
  caller_clear (&patient);
  caller_clear (&hasty);
}

static void
test_cancelling_ends_reader_and_waiter (Fixture *self, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Caller callers[2] = { { .cancellable = cancellable }, { .cancellable = cancellable } };
  Caller other = { 0 };
  GPollFD item;

  /* made here once: the thread sanitizer does not see the lock under which GLib would make it in a thread */
  g_assert_true (g_cancellable_make_pollfd (cancellable, &item));
  for (int i = 0; i < 2; i++)
    {
      caller_start (&callers[i], self, "wait", SOON ());
      hear_id (self, "wait");
    }
  g_cancellable_cancel (cancellable);
  for (int i = 0; i < 2; i++)
    {
      caller_join (&callers[i]);
      g_assert_error (callers[i].error, BS_ERROR, BS_ERROR_CANCELLED);
      caller_clear (&callers[i]);
    }
  g_cancellable_release_fd (cancellable);
  caller_start (&other, self, "status", SOON ());
  answer (self, hear_id (self, "status"), "\"ok\":true");
  caller_join (&other);
  g_assert_no_error (other.error);
  caller_clear (&other);
}

static void
test_supervisor_that_goes_ends_all_calls (Fixture *self, gconstpointer unused)
{
  Caller callers[3] = { 0 };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 3; i++)
    {
      caller_start (&callers[i], self, "wait", -1);
      hear_id (self, "wait");
    }
  bs_fd_clear (&self->peer);
  for (int i = 0; i < 3; i++)
    {
      caller_join (&callers[i]);
      g_assert_error (callers[i].error, BS_ERROR, BS_ERROR_DIED);
      g_assert_cmpstr (callers[i].error->message, ==, "the supervisor has ended");
      caller_clear (&callers[i]);
    }
  g_assert_false (bs_control_do (self->control, "status", NULL, SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_true (bs_control_is_broken (self->control));
}

static void
test_end_is_seen_without_a_call (Fixture *self, gconstpointer unused)
{
  g_assert_false (bs_control_is_broken (self->control));
  bs_fd_clear (&self->peer);
  g_assert_true (bs_control_is_broken (self->control));
}

static void
test_end_is_seen_without_its_hangup (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  say (self, "[]");
  g_assert_false (bs_control_is_broken (self->control));
  g_assert_false (bs_control_do (self->control, "status", NULL, SOON (), NULL, &error));
  g_assert_true (bs_control_is_broken (self->control));
}

static void
test_refusal_is_told_in_its_own_words (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  say (self, "{\"id\":0,\"ok\":false,\"error\":{\"code\":\"busy\",\"message\":\"too many clients\"}}");
  bs_fd_clear (&self->peer);
  g_assert_false (bs_control_do (self->control, "status", NULL, SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, "too many clients");
}

static void
test_nonsense_breaks_the_connection (Fixture *self, gconstpointer nonsense)
{
  g_autoptr (GError) error = NULL;

  say (self, nonsense);
  g_assert_false (bs_control_do (self->control, "status", NULL, SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
}

static void
test_events_are_kept_until_asked_for (Fixture *self, gconstpointer unused)
{
  Caller caller = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 id;

  caller_start (&caller, self, "subscribe", SOON ());
  id = hear_id (self, "subscribe");
  say (self, "{\"event\":{\"kind\":\"one\"}}");
  answer (self, id, "\"ok\":true");
  caller_join (&caller);
  caller_clear (&caller);
  say (self, "{\"event\":{\"kind\":\"two\"}}");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (json_t) event = bs_control_next_event (self->control, SOON (), NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (bs_json_string (event, "kind", ""), ==, i == 0 ? "one" : "two");
    }
  g_assert_null (bs_control_next_event (self->control, g_get_monotonic_time () + 10000, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
}

static void
test_request_that_is_too_long (Fixture *self, gconstpointer unused)
{
  g_autofree char *text = g_strnfill (BS_SOCKET_MESSAGE_MAX, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_control_do (self->control, "event", json_pack ("{s:s}", "text", text), SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "request 'event' is too long for one message");
}

static void
test_nobody_listens (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  bs_fd_clear (&self->listener);
  g_assert_null (bs_control_connect (self->dir, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (unlinkat (self->dir, BS_CONTROL_SOCKET, 0), ==, 0);
  g_assert_null (bs_control_connect (self->dir, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
}

static void
test_crowd_is_busy (Fixture *self, gconstpointer unused)
{
  GPtrArray *crowd = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_control_unref);
  g_autoptr (GError) error = NULL;
  BsControl *control;

  while (crowd->len < 1000 && (control = bs_control_connect (self->dir, &error)) != NULL)
    g_ptr_array_add (crowd, control);
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, "too many wait for socket '" BS_CONTROL_SOCKET "'");
  g_ptr_array_unref (crowd);
}

static void
test_no_descriptor_is_no_absence (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  struct rlimit before, none;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  none = before;
  none.rlim_cur = 0;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  g_assert_null (bs_control_connect (self->dir, &error));
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_nonnull (strstr (error->message, g_strerror (EMFILE)));
}

#define TEST(name, function) g_test_add ("/control/" name, Fixture, NULL, setup, function, teardown)

int
main (int argc, char **argv)
{
  static const char *const nonsense[]
      = { "hello", "[]", "{}", "{\"id\":\"x\",\"ok\":true}", "{\"id\":1,\"ok\":false}", "{\"event\":1}" };

  g_test_init (&argc, &argv, NULL);
  TEST ("an answer comes back", test_answer_comes_back);
  TEST ("an error keeps code, text and hint", test_error_keeps_code_text_and_hint);
  TEST ("an unknown code is a failure", test_unknown_code_is_a_failure);
  TEST ("a descriptor comes with the answer", test_descriptor_comes_with_the_answer);
  TEST ("concurrent calls get their own answers", test_concurrent_calls_get_their_own_answers);
  TEST ("a deadline ends one call only", test_deadline_ends_one_call_only);
  TEST ("a deadline of the reader passes the role", test_deadline_of_the_reader_passes_the_role);
  TEST ("cancelling ends reader and waiter", test_cancelling_ends_reader_and_waiter);
  TEST ("a supervisor that goes ends all calls", test_supervisor_that_goes_ends_all_calls);
  TEST ("a refusal is told in its own words", test_refusal_is_told_in_its_own_words);
  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      g_autofree char *name = g_strdup_printf ("/control/nonsense breaks the connection/%u", i);

      g_test_add (name, Fixture, nonsense[i], setup, test_nonsense_breaks_the_connection, teardown);
    }
  TEST ("events are kept until asked for", test_events_are_kept_until_asked_for);
  TEST ("a request that is too long", test_request_that_is_too_long);
  TEST ("nobody listens", test_nobody_listens);
  TEST ("a crowd is busy", test_crowd_is_busy);
  TEST ("no descriptor is no absence", test_no_descriptor_is_no_absence);
  TEST ("an end is seen without a call", test_end_is_seen_without_a_call);
  TEST ("an end is seen without its hangup", test_end_is_seen_without_its_hangup);
  return g_test_run ();
}
