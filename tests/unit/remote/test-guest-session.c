/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-guest-wire.h"
#include "guest-fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

static void
test_ping (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100; i++)
    {
      bs_guest_ping (self->guest, SOON (), NULL, &error);
      g_assert_no_error (error);
    }
}

static void
send_raw (int fd, const void *data, gsize length)
{
  g_assert_cmpint (send (fd, data, length, MSG_NOSIGNAL), ==, length);
}

static void
test_reopening_inside_a_frame (Fixture *self, gconstpointer data)
{
  guint8 header[BS_WIRE_HEADER_SIZE];
  g_autoptr (GError) error = NULL;

  for (guint length = 0; length <= BS_WIRE_PAYLOAD_MAX; length += 16384)
    for (guint cut = 1; cut <= sizeof header; cut += 3)
      {
        bs_wire_put_header (header, BS_WIRE_PING, 0, 77, length);
        send_raw (self->raw, header, cut);
        bs_guest_open (self->guest, SOON (), NULL, &error);
        g_assert_no_error (error);
        bs_guest_ping (self->guest, SOON (), NULL, &error);
        g_assert_no_error (error);
      }
}

/* The old session's command is ended, and its output, still on the way, is not taken for ours. */
static void
test_reopening_ends_commands (Fixture *self, gconstpointer data)
{
  guint8 buffer[4096];
  g_autofree char *file = fixture_path (self, "pid"),
                  *script = g_strdup_printf ("echo $$ > %s.new; mv %s.new %s; exec yes", file, file, file), *pid = NULL;
  const char *const arguments[] = { file, NULL };
  BsWireBuilder builder;
  g_autoptr (GError) error = NULL;
  gint64 until = SOON ();

  bs_wire_builder_init (&builder, buffer, sizeof buffer);
  bs_wire_add_string (&builder, BS_WIRE_TAG_ARGV, "sh");
  bs_wire_add_string (&builder, BS_WIRE_TAG_ARGV, "-c");
  bs_wire_add_string (&builder, BS_WIRE_TAG_ARGV, script);
  send_raw (self->raw, buffer, bs_wire_builder_finish (&builder, BS_WIRE_EXEC, 1));
  while (!g_file_test (file, G_FILE_TEST_EXISTS))
    g_assert_cmpint (bs_time_now_usec (), <, until);
  bs_guest_open (self->guest, SOON (), NULL, &error);
  g_assert_no_error (error);
  bs_guest_wait_for (self->guest, "file", arguments, SOON (), NULL, &error);
  g_assert_no_error (error);
  pid = fixture_read (file);
  while (kill ((pid_t) atoi (pid), 0) == 0)
    g_assert_cmpint (bs_time_now_usec (), <, until);
}

static void
test_rule_breaking_host (Fixture *self, gconstpointer data)
{
  static const struct
  {
    guint8 type, channel;
    guint32 stream, length;
  } frames[]
      = { { BS_WIRE_EXEC, 0, 0, 0 }, { BS_WIRE_EXEC, 1, 1, 0 },  { 99, 0, 1, 0 },
          { BS_WIRE_DATA, 0, 0, 0 }, { BS_WIRE_HELLO, 0, 0, 0 }, { BS_WIRE_PING, 0, 1, BS_WIRE_PAYLOAD_MAX + 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      guint8 header[BS_WIRE_HEADER_SIZE];
      g_autoptr (GError) error = NULL;

      bs_wire_put_header (header, frames[i].type, frames[i].channel, frames[i].stream, frames[i].length);
      send_raw (self->raw, header, sizeof header);
      g_assert_false (bs_guest_ping (self->guest, SOON (), NULL, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, "the host broke the protocol: "));
      g_assert_true (bs_guest_open (self->guest, SOON (), NULL, NULL));
      g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
    }
}

static void
test_malformed_requests (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint8 buffer[4096];
  BsWireBuilder builder;

  /* No fields at all, and a broken one: an error for each, and the session goes on. */
  for (guint8 type = BS_WIRE_EXEC; type <= BS_WIRE_POWER; type++)
    {
      bs_wire_put_header (buffer, type, 0, 1000u + type, 5);
      memset (buffer + BS_WIRE_HEADER_SIZE, 0xff, 5);
      send_raw (self->raw, buffer, BS_WIRE_HEADER_SIZE + 5);
    }
  bs_wire_builder_init (&builder, buffer, sizeof buffer);
  send_raw (self->raw, buffer, bs_wire_builder_finish (&builder, BS_WIRE_WAIT, 2000));
  g_assert_false (bs_guest_ping (self->guest, SOON (), NULL, &error)); /* we, in turn, did not ask for these answers */
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==,
                   "cannot ping the guest: the guest broke the protocol: a stream that nobody opened");
  g_assert_true (bs_guest_open (self->guest, SOON (), NULL, NULL));
  g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
}

static void
test_open_times_out (void)
{
  g_autoptr (BsGuest) guest = NULL;
  g_autoptr (GError) error = NULL;
  bs_autofd int other = -1;
  int ends[2];

  g_assert_true (bs_socket_pair (SOCK_STREAM, ends, NULL));
  other = ends[1];
  guest = bs_guest_new (ends[0]);
  g_assert_false (bs_guest_open (guest, bs_time_now_usec () + 20000, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_clear_error (&error);
  bs_fd_clear (&other);
  g_assert_false (bs_guest_open (guest, SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
}

static gboolean
wait_for (Fixture *self, const char *kind, const char *argument, gint64 usec, GError **error)
{
  const char *const arguments[] = { argument, NULL };

  return bs_guest_wait_for (self->guest, kind, arguments, bs_time_now_usec () + usec, NULL, error);
}

static gpointer
make_later (gpointer path)
{
  g_usleep (60000); /* so that the guest has looked in vain before; nothing depends on how long */
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  return NULL;
}

static void
test_wait_file (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "comes");
  g_autoptr (GError) error = NULL;
  GThread *thread;

  g_assert_false (wait_for (self, "file", path, 30000, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_assert_true (g_str_has_suffix (error->message, "comes': not in time"));
  g_clear_error (&error);
  thread = g_thread_new ("make-later", make_later, path);
  wait_for (self, "file", path, 20 * BS_USEC_PER_SEC, &error);
  g_thread_join (thread);
  g_assert_no_error (error);
}

static void
test_wait_port (Fixture *self, gconstpointer data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_autofree char *text = g_strdup_printf ("%u", port);

  g_assert_no_error (error);
  wait_for (self, "port", text, 20 * BS_USEC_PER_SEC, &error);
  g_assert_no_error (error);
  g_socket_listener_close (listener);
  g_assert_false (wait_for (self, "port", text, 30000, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_assert_false (wait_for (self, "port", "70000", 30000, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "cannot wait for port '70000': not a port number '70000'");
}

static void
test_wait_process (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  wait_for (self, "process", "test-guest-session", 20 * BS_USEC_PER_SEC, &error);
  g_assert_no_error (error);
  g_assert_false (wait_for (self, "process", "no-such-process", 30000, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
}

static void
test_wait_command (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "count"),
                  *script = g_strdup_printf ("echo x >> %s; [ $(wc -l < %s) -ge 3 ]", path, path), *content = NULL;
  const char *const arguments[] = { "sh", "-c", script, NULL };
  g_autoptr (GError) error = NULL;

  bs_guest_wait_for (self->guest, "command", arguments, SOON (), NULL, &error);
  g_assert_no_error (error);
  content = fixture_read (path);
  g_assert_cmpstr (content, ==, "x\nx\nx\n");
  g_assert_false (wait_for (self, "command", "false", 50000, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_assert_false (wait_for (self, "command", "no-such-program", 50000, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
}

static void
wait_late (Fixture *self, const char *script, const char *expected)
{
  const char *const arguments[] = { "sh", "-c", script, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_guest_wait_for (self->guest, "command", arguments, bs_time_now_usec () + 500 * BS_USEC_PER_MSEC,
                                     NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  if (!g_str_has_suffix (error->message, expected))
    g_error ("'%s' does not end with '%s'", error->message, expected);
}

static void
test_wait_command_says_why (Fixture *self, gconstpointer data)
{
  wait_late (self, "echo no such table >&2; printf 'in \\033[31mdb\\n' >&2; exit 3",
             ": not in time: the command last ended with 3, and said: no such table in db");
  wait_late (self, "kill -9 $$", ": not in time: the command last ended with 137");
  wait_late (self, "echo slow >&2; exec sleep 600", ": not in time: the command was still running, and said: slow");
  wait_late (self, "head -c 100000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 1", "xxxthe end");
}

static void
test_wait_unknown_kind (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (wait_for (self, "weather", "fine", 30000, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
}

static void
test_wait_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const char *const arguments[] = { "/no/such/file", NULL };
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (bs_guest_wait_for (self->guest, "file", arguments, -1, cancellable, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
}

/* Not as process 1 the guest asks its init's program; a PATH of ours alone lets us see that and nothing happen. */
static void
test_power_asks_init (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-guest-XXXXXX", NULL),
                  *program = g_build_filename (folder, "poweroff", NULL),
                  *mark = g_build_filename (folder, "mark", NULL), *path = g_strdup_printf ("PATH=%s", folder),
                  *script = g_strdup_printf ("#!/bin/sh\n: > %s\n", mark);
  const char *const env[] = { path, NULL }, *const arguments[] = { mark, NULL };
  g_autoptr (BsGuest) guest = NULL;
  g_autoptr (GError) error = NULL;
  pid_t pid;

  fixture_write (program, script, 0755);
  guest = bs_guest_new (fixture_spawn (env, &pid));
  g_assert_true (bs_guest_open (guest, SOON (), NULL, NULL));
  g_assert_false (bs_guest_power (guest, "explode", SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (bs_guest_power (guest, "reboot", SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_clear_error (&error);
  bs_guest_power (guest, "off", SOON (), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (bs_guest_wait_for (guest, "file", arguments, SOON (), NULL, NULL));
  g_clear_pointer (&guest, bs_guest_free);
  fixture_end (pid);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_TEST ("/guest/session/ping", test_ping);
  FIXTURE_TEST ("/guest/session/reopening-inside-a-frame", test_reopening_inside_a_frame);
  FIXTURE_TEST ("/guest/session/reopening-ends-commands", test_reopening_ends_commands);
  FIXTURE_TEST ("/guest/session/rule-breaking-host", test_rule_breaking_host);
  FIXTURE_TEST ("/guest/session/malformed-requests", test_malformed_requests);
  g_test_add_func ("/guest/session/open-times-out", test_open_times_out);
  FIXTURE_TEST ("/guest/wait/file", test_wait_file);
  FIXTURE_TEST ("/guest/wait/port", test_wait_port);
  FIXTURE_TEST ("/guest/wait/process", test_wait_process);
  FIXTURE_TEST ("/guest/wait/command", test_wait_command);
  FIXTURE_TEST ("/guest/wait/unknown-kind", test_wait_unknown_kind);
  FIXTURE_TEST ("/guest/wait/cancelled", test_wait_cancelled);
  g_test_add_func ("/guest/power/asks-init", test_power_asks_init);
  g_test_add ("/guest/wait/command-says-why", Fixture, NULL, fixture_set_up, test_wait_command_says_why,
              fixture_tear_down);
  return g_test_run ();
}
