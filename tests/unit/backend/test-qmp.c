/* SPDX-License-Identifier: Apache-2.0 */
/* The QMP client against a scripted server (the real one is in the conformance suite). */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-qmp.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <string.h>
#include <sys/socket.h>

#define GREETING "{\"QMP\": {\"version\": {}}}\r\n"
#define READY GREETING "{\"return\": {}, \"id\": 1}\r\n"

/* A client whose server has said @script already and listens on at @server. */
static BsQmp *
client (const char *script, gsize length, int *server, GError **error)
{
  int ends[2];

  g_assert_true (bs_socket_pair (SOCK_STREAM, ends, NULL));
  *server = ends[1];
  g_assert_true (bs_fd_write_all (*server, script, length));
  return bs_qmp_new (ends[0], bs_time_now_usec () + BS_USEC_PER_SEC, NULL, error);
}

/* One call to a server that says @script and then no more. */
static json_t *
call (const char *script, GError **error)
{
  bs_autofd int server = -1;
  g_autoptr (BsQmp) qmp = NULL;
  int ends[2];

  g_assert_true (bs_socket_pair (SOCK_STREAM, ends, NULL));
  server = ends[1];
  g_assert_true (bs_fd_write_all (server, script, strlen (script)));
  shutdown (server, SHUT_WR);
  qmp = bs_qmp_new (ends[0], bs_time_now_usec () + BS_USEC_PER_SEC, NULL, error);
  if (qmp == NULL)
    return NULL;
  return bs_qmp_call (qmp, "query-status", NULL, bs_time_now_usec () + BS_USEC_PER_SEC, NULL, error);
}

static void
assert_fails (const char *script, BsErrorCode code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = call (script, &error);

  g_assert_null (answer);
  g_assert_error (error, BS_ERROR, (gint) code);
  if (strstr (error->message, part) == NULL)
    g_error ("'%s' does not contain '%s'", error->message, part);
}

static void
answer_is_returned (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = call (READY "{\"return\": {\"status\": \"running\"}, \"id\": 2}\n", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (bs_json_string (answer, "status", NULL), ==, "running");
}

static void
events_and_strangers_are_skipped (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer
      = call (READY "{\"event\": \"STOP\", \"data\": {}}\n{\"return\": {\"status\": \"old\"}, \"id\": 77}\n"
                    "{\"event\": \"RESUME\"}\n{\"return\": {\"status\": \"new\"}, \"id\": 2}\n",
              &error);

  g_assert_no_error (error);
  g_assert_cmpstr (bs_json_string (answer, "status", NULL), ==, "new");
}

static void
refusal_is_told_in_qemus_words (void)
{
  assert_fails (READY "{\"error\": {\"class\": \"GenericError\", \"desc\": \"cannot do that\"}, \"id\": 2}\n",
                BS_ERROR_FAILED, "QEMU refused 'query-status': cannot do that");
  assert_fails (READY "{\"error\": {}, \"id\": 2}\n", BS_ERROR_FAILED, "no reason given");
}

static void
nonsense_is_a_broken_protocol (void)
{
  assert_fails ("SSH-2.0-OpenSSH\r\n", BS_ERROR_PROTOCOL, "QEMU sent nonsense");
  assert_fails ("[]\n", BS_ERROR_PROTOCOL, "QEMU sent nonsense: not an object");
  assert_fails ("{\"hello\": 1}\n", BS_ERROR_PROTOCOL, "not QEMU's control socket");
  assert_fails (READY "{\"id\": 2}\n", BS_ERROR_PROTOCOL, "neither result nor error");
  assert_fails (READY "{\"id\": 2, \"return\"\n", BS_ERROR_PROTOCOL, "QEMU sent nonsense");
}

static void
hanging_up_is_death (void)
{
  assert_fails ("", BS_ERROR_DIED, "closed its control socket");
  assert_fails (READY "{\"return\": {}, \"id", BS_ERROR_DIED, "closed its control socket");
}

/* Writes blanks until the client goes. */
static gpointer
babble (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  char blanks[4096];

  memset (blanks, ' ', sizeof blanks);
  while (send (fd, blanks, sizeof blanks, MSG_NOSIGNAL) > 0)
    ;
  return NULL;
}

static void
endless_line_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int server = -1;
  BsQmp *qmp = client (READY, strlen (READY), &server, &error);
  GThread *thread = g_thread_new ("babble", babble, GINT_TO_POINTER (server));

  g_assert_null (bs_qmp_call (qmp, "stop", NULL, bs_time_now_usec () + 20 * BS_USEC_PER_SEC, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "QEMU sent a line longer than 1048576 bytes"));
  bs_qmp_free (qmp);
  g_thread_join (thread);
}

static void
silence_times_out (void)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int server = -1;
  g_autoptr (BsQmp) qmp = client (READY, strlen (READY), &server, &error);

  g_assert_no_error (error);
  g_assert_null (bs_qmp_call (qmp, "stop", NULL, bs_time_now_usec () + 10000, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_assert_null (bs_qmp_call (qmp, "stop", NULL, bs_time_now_usec () + 10000, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
}

static void
waiting_is_interrupted (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  bs_autofd int server = -1;
  g_autoptr (BsQmp) qmp = client (READY, strlen (READY), &server, &error);

  g_cancellable_cancel (cancellable);
  g_assert_null (bs_qmp_call (qmp, "stop", NULL, -1, cancellable, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
}

static void
nobody_there_is_not_found (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_qmp_open (AT_FDCWD, "/no/such/qmp.sock", bs_time_now_usec (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qmp/answer-is-returned", answer_is_returned);
  g_test_add_func ("/qmp/events-and-strangers-are-skipped", events_and_strangers_are_skipped);
  g_test_add_func ("/qmp/refusal-is-told-in-qemus-words", refusal_is_told_in_qemus_words);
  g_test_add_func ("/qmp/nonsense-is-a-broken-protocol", nonsense_is_a_broken_protocol);
  g_test_add_func ("/qmp/hanging-up-is-death", hanging_up_is_death);
  g_test_add_func ("/qmp/endless-line-is-refused", endless_line_is_refused);
  g_test_add_func ("/qmp/silence-times-out", silence_times_out);
  g_test_add_func ("/qmp/waiting-is-interrupted", waiting_is_interrupted);
  g_test_add_func ("/qmp/nobody-there-is-not-found", nobody_there_is_not_found);
  return g_test_run ();
}
