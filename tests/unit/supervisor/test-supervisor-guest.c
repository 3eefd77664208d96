/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "lab-fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

static void
spawn_guest (Lab *lab, const char *program)
{
  const char *const options[] = { "--guest", program, NULL };

  lab_spawn (lab, "web", 0, options);
}

static void
spawn_fake (Lab *lab, const char *script)
{
  spawn_guest (lab, script);
}

/* A request that the fake guest answers, to see that the session works. */
static void
assert_pings (int fd, guint32 stream)
{
  guint8 payload[BS_WIRE_PAYLOAD_MAX];
  BsWireHeader header;

  guest_send (fd, BS_WIRE_PING, 0, stream, "abc", 3);
  do
    g_assert_true (guest_receive (fd, &header, payload));
  while (header.stream != stream);
  g_assert_cmpint (header.type, ==, BS_WIRE_DONE);
  g_assert_cmpmem (payload, header.length, "abc", 3);
}

static gboolean
is_closed (int fd)
{
  guint8 payload[BS_WIRE_PAYLOAD_MAX];
  BsWireHeader header;

  while (guest_receive (fd, &header, payload))
    ;
  return TRUE;
}

static void
test_hello_comes_with_the_socket (Lab *lab, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = NULL, node = NULL, event = NULL;
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);
  const json_t *hello;
  bs_autofd int fd = -1;

  spawn_guest (lab, lab_guest_program ());
  answer = bs_control_call (lab->control, "guest", json_pack ("{s:s, s:i}", "node", "web", "timeout_ms", 15000), &fd,
                            LAB_DEADLINE (), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  hello = json_object_get (answer, "hello");
  g_assert_cmpint (bs_json_int (hello, "version", 0), ==, 1);
  g_assert_cmpstr (bs_json_string (hello, "program", ""), !=, "");
  event = lab_event (subscriber, "guest-hello");
  g_assert_cmpstr (bs_json_string (event, "node", ""), ==, "web");
  node = lab_node (lab, "web");
  g_assert_true (bs_json_bool (node, "guest", FALSE));
}

static void
test_exec_passes_through (Lab *lab, gconstpointer unused)
{
  const char *const argv[] = { "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x", NULL };
  g_autofree char *said = NULL;
  bs_autofd int fd = -1;

  spawn_guest (lab, lab_guest_program ());
  fd = lab_guest (lab, "web");
  for (guint32 stream = 1; stream <= 3; stream++)
    {
      g_free (said);
      said = guest_run (fd, stream, argv);
      g_assert_cmpuint (strlen (said), ==, 3000000);
    }
}

typedef struct
{
  int fd;
  char mark;
} Talker;

static gpointer
talk (gpointer user_data)
{
  Talker *talker = user_data;
  g_autofree char *script
      = g_strdup_printf ("for i in 1 2 3 4 5 6 7 8; do head -c 200000 /dev/zero | tr '\\0' %c; done", talker->mark);
  const char *const argv[] = { "sh", "-c", script, NULL };

  for (guint32 stream = 1; stream <= 3; stream++)
    {
      g_autofree char *said = guest_run (talker->fd, stream, argv);

      g_assert_cmpuint (strspn (said, (char[]){ talker->mark, '\0' }), ==, 1600000);
    }
  return NULL;
}

/* Both use stream ids 1, 2, 3. */
static void
test_two_clients_at_once (Lab *lab, gconstpointer unused)
{
  Talker talkers[2] = { { -1, 'a' }, { -1, 'b' } };
  GThread *threads[2];

  spawn_guest (lab, lab_guest_program ());
  for (guint i = 0; i < 2; i++)
    {
      talkers[i].fd = lab_guest (lab, "web");
      threads[i] = g_thread_new ("talker", talk, &talkers[i]);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_thread_join (threads[i]);
      bs_fd_clear (&talkers[i].fd);
    }
}

static void
test_client_that_does_not_read_stalls_nobody (Lab *lab, gconstpointer unused)
{
  const char *const flood[] = { "true", NULL };
  bs_autofd int slow = -1, fast = -1;

  spawn_fake (lab, "@flood");
  slow = lab_guest (lab, "web");
  fast = lab_guest (lab, "web");
  /* each answer fills a window, more than the socket takes, and is never read */
  for (guint32 stream = 1; stream <= 20; stream++)
    guest_exec (slow, stream, flood);
  for (guint32 stream = 1; stream <= 50; stream++)
    assert_pings (fast, stream);
  /* and nothing was lost */
  for (guint32 seen = 0; seen < 20 * BS_WIRE_CREDIT;)
    {
      guint8 payload[BS_WIRE_PAYLOAD_MAX];
      BsWireHeader header;

      g_assert_true (guest_receive (slow, &header, payload));
      g_assert_cmpint (header.type, ==, BS_WIRE_DATA);
      seen += header.length;
    }
}

static void
test_client_that_goes_ends_its_commands (Lab *lab, gconstpointer unused)
{
  g_autofree char *file = g_build_filename (lab->path, "pid", NULL);
  g_autofree char *script = g_strdup_printf ("echo $$ > %s.new && mv %s.new %s && exec sleep 1000", file, file, file);
  const char *const argv[] = { "sh", "-c", script, NULL }, *const after[] = { "echo", "after", NULL };
  g_autofree char *text = NULL, *said = NULL;
  bs_autofd int fd = -1, other = -1;
  gint64 deadline = LAB_DEADLINE ();

  spawn_guest (lab, lab_guest_program ());
  fd = lab_guest (lab, "web");
  other = lab_guest (lab, "web");
  guest_exec (fd, 1, argv);
  text = lab_wait_file (lab, "pid", "\n");
  bs_fd_clear (&fd);
  while (kill (atoi (text), 0) == 0 && g_get_monotonic_time () < deadline)
    g_usleep (1000);
  g_assert_cmpint (kill (atoi (text), 0), ==, -1);
  said = guest_run (other, 9, after);
  g_assert_cmpstr (said, ==, "after\n");
}

static void
test_client_that_breaks_rules_goes_alone (Lab *lab, gconstpointer unused)
{
  static const struct
  {
    guint8 type, channel;
    guint32 stream;
    gsize length;
  } broken[] = { { BS_WIRE_HELLO, 0, 0, 0 }, { BS_WIRE_HUNT, 0, 0, 0 },        { BS_WIRE_PING, 0, 0, 0 },
                 { BS_WIRE_DONE, 0, 5, 0 },  { BS_WIRE_DATA, 1, 5, 10 },       { BS_WIRE_CREDIT_MORE, 1, 5, 4 },
                 { BS_WIRE_PING, 0, 5, 0 },  { BS_WIRE_CREDIT_MORE, 0, 5, 4 }, { BS_WIRE_CLOSE, 0, 5, 1 } };
  g_autofree guint8 *filler = g_malloc0 (BS_WIRE_PAYLOAD_MAX);
  bs_autofd int good = -1;

  spawn_fake (lab, "@flood");
  good = lab_guest (lab, "web");
  filler[0] = filler[3] = 1; /* of credit, more than may ever be granted */
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      bs_autofd int fd = lab_guest (lab, "web");
      const char *const argv[] = { "x", NULL };

      guest_exec (fd, 5, argv);
      guest_send (fd, broken[i].type, broken[i].channel, broken[i].stream, filler, broken[i].length);
      g_assert_true (is_closed (fd));
      assert_pings (good, i + 1);
    }
}

static void
test_client_cannot_overdraw (Lab *lab, gconstpointer unused)
{
  g_autofree guint8 *filler = g_malloc0 (BS_WIRE_PAYLOAD_MAX);
  const char *const argv[] = { "x", NULL };
  bs_autofd int fd = -1;

  spawn_fake (lab, "@flood");
  fd = lab_guest (lab, "web");
  guest_exec (fd, 1, argv);
  for (guint i = 0; i < BS_WIRE_CREDIT / BS_WIRE_PAYLOAD_MAX; i++)
    guest_send (fd, BS_WIRE_DATA, BS_WIRE_STDIN, 1, filler, BS_WIRE_PAYLOAD_MAX);
  assert_pings (fd, 2);
  guest_send (fd, BS_WIRE_DATA, BS_WIRE_STDIN, 1, filler, 1);
  g_assert_true (is_closed (fd));
}

static void
test_rubbish_before_the_hello_is_skipped (Lab *lab, gconstpointer unused)
{
  bs_autofd int fd = -1;

  spawn_fake (lab, "@garbage");
  fd = lab_guest (lab, "web");
  assert_pings (fd, 1);
}

static void
test_guest_that_is_silent_times_out (Lab *lab, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  spawn_fake (lab, "@silent");
  g_assert_false (bs_control_do (lab->control, "guest", json_pack ("{s:s, s:i}", "node", "web", "timeout_ms", 50),
                                 LAB_DEADLINE (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_assert_cmpstr (error->message, ==, "guest of node 'web' did not say hello within 50ms");
  g_assert_cmpstr (bs_error_hint (error), ==, "the node's console shows how far it came");
}

static void
test_guest_is_waited_for (Lab *lab, gconstpointer unused)
{
  bs_autofd int fd = -1;

  spawn_fake (lab, "@late");
  lab_call_fails (lab, "guest", json_pack ("{s:s}", "node", "web"), BS_ERROR_TIMEOUT, "did not say hello");
  g_assert_true (bs_file_write_atomic (lab->dir, "say-hello", "", 0, 0600, NULL));
  fd = lab_guest (lab, "web");
  assert_pings (fd, 1);
}

static gpointer
kill_when_awaited (gpointer user_data)
{
  kill (GPOINTER_TO_INT (user_data), SIGKILL);
  return NULL;
}

static void
test_waiting_ends_with_the_machine (Lab *lab, gconstpointer unused)
{
  const char *const options[] = { "--guest", "@silent", NULL };
  pid_t pid = lab_spawn (lab, "web", 0, options);
  GThread *killer = g_thread_new ("killer", kill_when_awaited, GINT_TO_POINTER (pid));

  lab_call_fails (lab, "guest", json_pack ("{s:s, s:i}", "node", "web", "timeout_ms", 15000), BS_ERROR_DIED, "web");
  g_thread_join (killer);
  lab_call_fails (lab, "guest", json_pack ("{s:s}", "node", "web"), BS_ERROR_DIED, "node 'web' does not run");
}

static void
test_machine_without_a_channel (Lab *lab, gconstpointer unused)
{
  lab_spawn (lab, "web", 0, NULL);
  lab_call_fails (lab, "guest", json_pack ("{s:s}", "node", "web"), BS_ERROR_UNSUPPORTED, "has no guest channel");
}

/* Reopened once, then lost; the machine lives, and other operations work. */
static void
assert_is_lost (Lab *lab, BsControl *subscriber, const char *reason)
{
  g_autoptr (json_t) first = lab_event (subscriber, "guest-lost"), second = lab_event (subscriber, "guest-lost");
  g_autoptr (json_t) node = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (bs_json_string (json_object_get (first, "data"), "reason", ""), ==, reason);
  g_assert_true (bs_json_bool (json_object_get (first, "data"), "reopening", FALSE));
  g_assert_false (bs_json_bool (json_object_get (second, "data"), "reopening", TRUE));
  g_assert_false (bs_control_do (lab->control, "guest", json_pack ("{s:s, s:i}", "node", "web", "timeout_ms", 15000),
                                 LAB_DEADLINE (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, reason));
  g_assert_cmpstr (bs_error_hint (error), ==,
                   "`benchscale logs LAB/NODE` may say why; then `benchscale down` and `benchscale up`");
  node = lab_node (lab, "web");
  g_assert_cmpstr (bs_json_string (node, "state", ""), ==, "running");
}

static void
test_lost_guest_is_tried_again_when_asked_for (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);
  bs_autofd int fd = -1;

  spawn_fake (lab, "@moody");
  json_decref (lab_event (subscriber, "guest-lost"));
  json_decref (lab_event (subscriber, "guest-lost"));
  fd = lab_guest (lab, "web");
  assert_pings (fd, 1);
}

static void
test_guest_that_breaks_rules_is_lost (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);

  spawn_fake (lab, "@unknown");
  assert_is_lost (lab, subscriber, "a frame of a stream that is not open");
}

static void
test_guest_with_a_broken_header_is_lost (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);

  spawn_fake (lab, "@header");
  assert_is_lost (lab, subscriber, "a broken frame header");
}

static void
test_guest_with_a_broken_hello_is_lost (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);

  spawn_fake (lab, "@hello");
  assert_is_lost (lab, subscriber, "its hello is broken");
}

static void
test_guest_that_overdraws_ends_its_session (Lab *lab, gconstpointer unused)
{
  const char *const argv[] = { "x", NULL };
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);
  g_autoptr (json_t) event = NULL;
  bs_autofd int fd = -1, again = -1;

  spawn_fake (lab, "@overdraw");
  fd = lab_guest (lab, "web");
  guest_exec (fd, 1, argv);
  event = lab_event (subscriber, "guest-lost");
  g_assert_cmpstr (bs_json_string (json_object_get (event, "data"), "reason", ""), ==, "data without credit");
  g_assert_true (is_closed (fd));
  again = lab_guest (lab, "web");
  assert_pings (again, 1);
}

#define TEST(name, function) g_test_add ("/supervisor/guest/" name, Lab, NULL, lab_setup, function, lab_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("hello comes with the socket", test_hello_comes_with_the_socket);
  TEST ("exec passes through", test_exec_passes_through);
  TEST ("two clients at once", test_two_clients_at_once);
  TEST ("a client that does not read stalls nobody", test_client_that_does_not_read_stalls_nobody);
  TEST ("a client that goes ends its commands", test_client_that_goes_ends_its_commands);
  TEST ("a client that breaks rules goes alone", test_client_that_breaks_rules_goes_alone);
  TEST ("a client cannot overdraw", test_client_cannot_overdraw);
  TEST ("rubbish before the hello is skipped", test_rubbish_before_the_hello_is_skipped);
  TEST ("a guest that is silent times out", test_guest_that_is_silent_times_out);
  TEST ("a guest is waited for", test_guest_is_waited_for);
  TEST ("waiting ends with the machine", test_waiting_ends_with_the_machine);
  TEST ("a machine without a channel", test_machine_without_a_channel);
  TEST ("a guest that breaks rules is lost", test_guest_that_breaks_rules_is_lost);
  TEST ("a guest with a broken header is lost", test_guest_with_a_broken_header_is_lost);
  TEST ("a guest with a broken hello is lost", test_guest_with_a_broken_hello_is_lost);
  TEST ("a lost guest is tried again when asked for", test_lost_guest_is_tried_again_when_asked_for);
  TEST ("a guest that overdraws ends its session", test_guest_that_overdraws_ends_its_session);
  return g_test_run ();
}
