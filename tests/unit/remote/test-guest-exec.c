/* SPDX-License-Identifier: Apache-2.0 */
#include "guest-fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void
test_exit_code_and_streams (Fixture *self, gconstpointer data)
{
  g_auto (Output) output = { 0 };
  BsExecResult result = fixture_sh (self, "echo out; echo err >&2; exit 7", -1, &output);

  g_assert_cmpint (result.exit_code, ==, 7);
  g_assert_cmpint (result.exit_signal, ==, 0);
  g_assert_false (result.timed_out);
  g_assert_cmpstr (output.out->str, ==, "out\n");
  g_assert_cmpstr (output.err->str, ==, "err\n");
}

static void
test_killed_by_signal (Fixture *self, gconstpointer data)
{
  BsExecResult result = fixture_sh (self, "kill -9 $$", -1, NULL);

  g_assert_cmpint (result.exit_code, ==, 137);
  g_assert_cmpint (result.exit_signal, ==, 9);
}

static void
test_not_found (Fixture *self, gconstpointer data)
{
  const char *const argv[] = { "no-such-program-here", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "cannot run 'no-such-program-here': No such file or directory");
  g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
}

static void
assert_failure (Fixture *self, BsExecSpec *spec, const char *message)
{
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_false (bs_guest_exec (self->guest, spec, &io, &result, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_cannot_start (Fixture *self, gconstpointer data)
{
  const char *const folder[] = { "/etc", NULL }, *const fine[] = { "true", NULL };
  BsExecSpec is_folder = { .argv = folder };
  BsExecSpec bad_cwd = { .argv = fine, .cwd = "/no/where" };
  BsExecSpec bad_user = { .argv = fine, .user = "nobody-such" };

  assert_failure (self, &is_folder, "cannot run '/etc': Permission denied");
  assert_failure (self, &bad_cwd, "cannot run 'true': cannot enter folder '/no/where': No such file or directory");
  assert_failure (self, &bad_user, "cannot run 'true': there is no user 'nobody-such'");
}

static void
test_environment_folder_user (Fixture *self, gconstpointer data)
{
  const char *const argv[] = { "sh", "-c", "echo $X-$PWD-$(id -un)-$HOME", NULL };
  const char *const env[] = { "X=1 2", "HOME=/h", NULL };
  BsExecSpec spec = { .argv = argv, .env = env, .cwd = "/usr", .user = getuid () == 0 ? "nobody" : NULL };
  g_auto (Output) output = { 0 };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = output_take, .user_data = &output };
  g_autoptr (GError) error = NULL;
  BsExecResult result;
  g_autofree char *expected = g_strdup_printf ("1 2-/usr-%s-/h\n", getuid () == 0 ? "nobody" : g_get_user_name ());

  bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output.out->str, ==, expected);
}

static void
test_no_stdin_is_at_its_end (Fixture *self, gconstpointer data)
{
  g_auto (Output) output = { 0 };

  fixture_sh (self, "cat; echo done", -1, &output);
  g_assert_cmpstr (output.out->str, ==, "done\n");
}

static gboolean
slow_take (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  GChecksum *sum = user_data;

  g_usleep (100);
  g_checksum_update (sum, data, (gssize) length);
  return TRUE;
}

/* 8 MiB through cat: more than all buffers and credit together, so both directions must wait for each other. */
static void
test_big_both_ways (Fixture *self, gconstpointer data)
{
  g_autoptr (GChecksum) sent = g_checksum_new (G_CHECKSUM_SHA256), received = g_checksum_new (G_CHECKSUM_SHA256);
  const char *const argv[] = { "cat", NULL };
  BsExecSpec spec = { .argv = argv };
  g_autofree char *path = fixture_path (self, "big");
  g_autofree guint8 *content = g_malloc (8 << 20);
  BsExecIO io = { .control_fd = -1, .output = slow_take, .user_data = received };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  for (gsize i = 0; i < 8 << 20; i++)
    content[i] = (guint8) (i * 2654435761u >> 13);
  g_assert_true (g_file_set_contents (path, (char *) content, 8 << 20, NULL));
  g_checksum_update (sent, content, 8 << 20);
  io.stdin_fd = open (path, O_RDONLY | O_CLOEXEC);
  bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error);
  close (io.stdin_fd);
  g_assert_no_error (error);
  g_assert_cmpstr (g_checksum_get_string (received), ==, g_checksum_get_string (sent));
}

static void
test_input_that_nobody_reads (Fixture *self, gconstpointer data)
{
  bs_autofd int zero = open ("/dev/zero", O_RDONLY | O_CLOEXEC);
  g_auto (Output) output = { 0 };
  BsExecResult result = fixture_sh (self, "head -c 3 | wc -c; exit 3", zero, &output);

  g_assert_cmpint (result.exit_code, ==, 3);
  g_assert_cmpstr (g_strchug (output.out->str), ==, "3\n");
}

static void
test_background_child_does_not_hold (Fixture *self, gconstpointer data)
{
  g_auto (Output) output = { 0 };
  gint64 before = bs_time_now_usec ();

  fixture_sh (self, "sleep 1000 & echo $!", -1, &output);
  g_assert_cmpint (bs_time_now_usec () - before, <, 10 * BS_USEC_PER_SEC);
  g_assert_cmpint (kill ((pid_t) atoi (output.out->str), SIGKILL), ==, 0);
}

static void
test_terminal (Fixture *self, gconstpointer data)
{
  const char *const argv[]
      = { "sh", "-c", "tty >/dev/null && stty size && echo $TERM; read x; echo got $x >&2; exit 5", NULL };
  BsExecSpec spec = { .argv = argv, .tty = TRUE, .rows = 33, .columns = 99, .term = "dumb" };
  g_auto (Output) output = { 0 };
  int pipes[2];
  BsExecIO io = { .control_fd = -1, .output = output_take, .user_data = &output };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_cmpint (pipe (pipes), ==, 0);
  g_assert_cmpint (write (pipes[1], "word\n", 5), ==, 5);
  io.stdin_fd = pipes[0];
  bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error);
  close (pipes[0]);
  close (pipes[1]);
  g_assert_no_error (error);
  g_assert_cmpint (result.exit_code, ==, 5);
  g_assert_null (output.err);
  g_assert_nonnull (strstr (output.out->str, "33 99\r\ndumb\r\n"));
  g_assert_nonnull (strstr (output.out->str, "got word\r\n"));
}

typedef struct
{
  Output output;
  int control;
  const char *until; /* then do what @act does */
  void (*act) (int control);
} Reaction;

static gboolean
react (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  Reaction *self = user_data;

  output_take (channel, data, length, &self->output, error);
  if (self->until != NULL && strstr (self->output.out->str, self->until) != NULL)
    {
      self->until = NULL;
      self->act (self->control);
    }
  return TRUE;
}

static BsExecResult
run_with_control (Fixture *self, BsExecSpec *spec, Reaction *reaction)
{
  g_autoptr (GError) error = NULL;
  BsExecResult result;
  int pipes[2];
  BsExecIO io = { .stdin_fd = -1, .output = react, .user_data = reaction };

  g_assert_cmpint (pipe (pipes), ==, 0);
  io.control_fd = pipes[0];
  reaction->control = pipes[1];
  bs_guest_exec (self->guest, spec, &io, &result, NULL, &error);
  g_assert_no_error (error);
  close (pipes[0]);
  close (pipes[1]);
  return result;
}

static void
send_usr1 (int control)
{
  g_assert_true (bs_exec_control_signal (control, SIGUSR1));
}

static void
test_signal_reaches_the_group (Fixture *self, gconstpointer data)
{
  const char *const argv[]
      = { "sh", "-c", "trap 'echo caught; exit 4' USR1; echo ready; while :; do sleep 0.01; done", NULL };
  BsExecSpec spec = { .argv = argv };
  Reaction reaction = { .until = "ready", .act = send_usr1 };
  BsExecResult result = run_with_control (self, &spec, &reaction);

  g_assert_cmpint (result.exit_code, ==, 4);
  g_assert_cmpstr (reaction.output.out->str, ==, "ready\ncaught\n");
  output_clear (&reaction.output);
}

static void
change_size (int control)
{
  g_assert_true (bs_exec_control_winsize (control, 11, 22));
}

static void
test_window_size_changes (Fixture *self, gconstpointer data)
{
  const char *const argv[]
      = { "sh", "-c", "trap 'stty size; exit 6' WINCH; echo ready; while :; do sleep 0.01; done", NULL };
  BsExecSpec spec = { .argv = argv, .tty = TRUE };
  Reaction reaction = { .until = "ready", .act = change_size };
  BsExecResult result = run_with_control (self, &spec, &reaction);

  g_assert_cmpint (result.exit_code, ==, 6);
  g_assert_nonnull (strstr (reaction.output.out->str, "11 22"));
  output_clear (&reaction.output);
}

static void
test_timeout (Fixture *self, gconstpointer data)
{
  const char *const argv[] = { "sleep", "1000", NULL };
  BsExecSpec spec = { .argv = argv, .timeout_usec = 50 * BS_USEC_PER_MSEC };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (result.timed_out);
  g_assert_cmpint (result.exit_code, ==, 124);
  g_assert_cmpint (result.exit_signal, ==, SIGTERM);
}

static void
test_timeout_of_the_stubborn (Fixture *self, gconstpointer data)
{
  const char *const argv[] = { "sh", "-c", "trap '' TERM; while :; do sleep 0.05; done", NULL };
  BsExecSpec spec = { .argv = argv, .timeout_usec = 100 * BS_USEC_PER_MSEC };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  gint64 before = bs_time_now_usec ();
  BsExecResult result;

  g_assert_true (bs_guest_exec (self->guest, &spec, &io, &result, NULL, NULL));
  g_assert_true (result.timed_out);
  g_assert_cmpint (result.exit_signal, ==, SIGKILL);
  g_assert_cmpint (bs_time_now_usec () - before, >=, 2 * BS_USEC_PER_SEC);
}

static gboolean
refuse (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  *(pid_t *) user_data = (pid_t) atoi (data);
  return FALSE;
}

/* Waits until @pid is no more (or a zombie that its parent has not reaped yet). */
static void
assert_gone (pid_t pid)
{
  gint64 until = SOON ();

  while (kill (pid, 0) == 0)
    {
      g_assert_cmpint (bs_time_now_usec (), <, until);
      g_usleep (1000);
    }
}

static void
test_unwanted_output_stops_it (Fixture *self, gconstpointer data)
{
  const char *const argv[] = { "sh", "-c", "echo $$; sleep 1000", NULL };
  BsExecSpec spec = { .argv = argv };
  pid_t pid = 0;
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = refuse, .user_data = &pid };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  assert_gone (pid);
  g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
}

static gboolean
cancel_at_output (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  g_cancellable_cancel (user_data);
  return TRUE;
}

static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const char *const argv[] = { "sh", "-c", "echo x; exec sleep 1000", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = cancel_at_output, .user_data = cancellable };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, cancellable, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "cannot run 'sh': cancelled");
  g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
}

static gboolean
kill_guest (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  kill (*(pid_t *) user_data, SIGKILL);
  return TRUE;
}

static void
test_guest_dies (Fixture *self, gconstpointer data)
{
  const char *const argv[] = { "sh", "-c", "echo x; exec sleep 2", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = kill_guest, .user_data = &self->pid };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_cmpstr (error->message, ==, "cannot run 'sh': the guest's channel is closed");
  g_clear_error (&error);
  g_assert_false (bs_guest_ping (self->guest, SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
}

static void
test_too_long_request (Fixture *self, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (70000, 'x');
  const char *const argv[] = { "echo", longest, NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
}

static void
test_session_end_kills_commands (Fixture *self, gconstpointer data)
{
  int raw;
  pid_t guest_pid, child = 0;
  const char *const argv[] = { "sh", "-c", "echo $$; exec sleep 1000", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = refuse, .user_data = &child };
  g_autoptr (BsGuest) other = NULL;
  BsExecResult result;

  raw = fixture_spawn (NULL, &guest_pid);
  other = bs_guest_new (raw);
  g_assert_true (bs_guest_open (other, SOON (), NULL, NULL));
  g_assert_false (bs_guest_exec (other, &spec, &io, &result, NULL, NULL));
  g_clear_pointer (&other, bs_guest_free);
  fixture_end (guest_pid);
  assert_gone (child);
}

static void
note_started (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
test_tells_when_it_runs (Fixture *self, gconstpointer data)
{
  const char *const argv[] = { "true", NULL }, *const missing[] = { "/no/such/program", NULL };
  gboolean started = FALSE;
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .started = note_started, .user_data = &started };
  BsExecSpec spec = { .argv = missing };
  BsExecResult result;

  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, NULL, NULL));
  g_assert_false (started);
  spec.argv = argv;
  g_assert_true (bs_guest_exec (self->guest, &spec, &io, &result, NULL, NULL));
  g_assert_true (started);
}

/* Runs with a guest that does not answer. Returns: how long it took. */
static gint64
exec_on_stopped (Fixture *self, gint64 timeout_usec, GCancellable *cancellable, BsErrorCode code)
{
  const char *const argv[] = { "true", NULL };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  BsExecSpec spec = { .argv = argv, .timeout_usec = timeout_usec };
  gint64 began_usec = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_cmpint (kill (self->pid, SIGSTOP), ==, 0);
  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, cancellable, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  g_assert_cmpint (kill (self->pid, SIGCONT), ==, 0);
  return g_get_monotonic_time () - began_usec;
}

static void
test_timeout_of_a_stopped_guest (Fixture *self, gconstpointer data)
{
  gint64 usec = exec_on_stopped (self, 100 * G_TIME_SPAN_MILLISECOND, NULL, BS_ERROR_TIMEOUT);

  g_assert_cmpint (usec, >=, 2600 * G_TIME_SPAN_MILLISECOND); /* a guest that is slow has its 2 s */
  g_assert_cmpint (usec, <, 5 * G_TIME_SPAN_SECOND);
}

static gpointer
cancel_later (gpointer cancellable)
{
  g_usleep (100 * G_TIME_SPAN_MILLISECOND);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel_of_a_stopped_guest (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_later, cancellable);
  gint64 usec = exec_on_stopped (self, 0, cancellable, BS_ERROR_CANCELLED);

  g_thread_join (thread);
  g_assert_cmpint (usec, <, 1500 * G_TIME_SPAN_MILLISECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_TEST ("/guest/exec/exit-code-and-streams", test_exit_code_and_streams);
  FIXTURE_TEST ("/guest/exec/killed-by-signal", test_killed_by_signal);
  FIXTURE_TEST ("/guest/exec/not-found", test_not_found);
  FIXTURE_TEST ("/guest/exec/cannot-start", test_cannot_start);
  FIXTURE_TEST ("/guest/exec/environment-folder-user", test_environment_folder_user);
  FIXTURE_TEST ("/guest/exec/no-stdin", test_no_stdin_is_at_its_end);
  FIXTURE_TEST ("/guest/exec/big-both-ways", test_big_both_ways);
  FIXTURE_TEST ("/guest/exec/input-that-nobody-reads", test_input_that_nobody_reads);
  FIXTURE_TEST ("/guest/exec/background-child", test_background_child_does_not_hold);
  FIXTURE_TEST ("/guest/exec/terminal", test_terminal);
  FIXTURE_TEST ("/guest/exec/signal", test_signal_reaches_the_group);
  FIXTURE_TEST ("/guest/exec/window-size", test_window_size_changes);
  FIXTURE_TEST ("/guest/exec/timeout", test_timeout);
  FIXTURE_TEST ("/guest/exec/timeout-stubborn", test_timeout_of_the_stubborn);
  FIXTURE_TEST ("/guest/exec/unwanted-output", test_unwanted_output_stops_it);
  FIXTURE_TEST ("/guest/exec/cancel", test_cancel);
  FIXTURE_TEST ("/guest/exec/guest-dies", test_guest_dies);
  FIXTURE_TEST ("/guest/exec/too-long", test_too_long_request);
  FIXTURE_TEST ("/guest/exec/session-end-kills", test_session_end_kills_commands);
  g_test_add ("/guest/exec/tells-when-it-runs", Fixture, NULL, fixture_set_up, test_tells_when_it_runs,
              fixture_tear_down);
  g_test_add ("/guest/exec/timeout-of-a-stopped-guest", Fixture, NULL, fixture_set_up, test_timeout_of_a_stopped_guest,
              fixture_tear_down);
  g_test_add ("/guest/exec/cancel-of-a-stopped-guest", Fixture, NULL, fixture_set_up, test_cancel_of_a_stopped_guest,
              fixture_tear_down);
  return g_test_run ();
}
