/* SPDX-License-Identifier: Apache-2.0 */
/* test-exec.c — commands and conditions inside a node */
#include "fixture.h"
#include "bs-fd.h"

#include <signal.h>
#include <string.h>

static void
run_script (const char *script, Output *output)
{
  const char *argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv, .timeout_usec = 30 * BS_USEC_PER_SEC };

  fixture_run (SHARED, &spec, NULL, output);
}

static gboolean
lacks_exec (void)
{
  if (fixture_lacks (BS_CAP_EXEC))
    return TRUE;
  fixture_need_shared ();
  return FALSE;
}

static void
streams_are_apart (void)
{
  g_auto (Output) output = { 0 };

  if (lacks_exec ())
    return;
  run_script ("echo to-out; echo to-err >&2", &output);
  g_assert_cmpint (output.result.exit_code, ==, 0);
  g_assert_cmpstr (output.out->str, ==, "to-out\n");
  g_assert_cmpstr (output.err->str, ==, "to-err\n");
}

static void
exit_code_is_the_commands (void)
{
  g_auto (Output) output = { 0 };

  if (lacks_exec ())
    return;
  run_script ("exit 42", &output);
  g_assert_cmpint (output.result.exit_code, ==, 42);
  g_assert_cmpint (output.result.exit_signal, ==, 0);
  g_assert_false (output.result.timed_out);
}

static void
death_by_signal_is_told (void)
{
  g_auto (Output) output = { 0 };

  if (lacks_exec ())
    return;
  run_script ("kill -TERM $$; sleep 5", &output);
  g_assert_cmpint (output.result.exit_signal, ==, SIGTERM);
  g_assert_cmpint (output.result.exit_code, ==, 128 + SIGTERM);
}

static void
timeout_ends_the_command (void)
{
  const char *argv[] = { "sleep", "60", NULL };
  BsExecSpec spec = { .argv = argv, .timeout_usec = BS_USEC_PER_SEC / 2 };
  g_auto (Output) output = { 0 };
  gint64 begun;

  if (lacks_exec ())
    return;
  begun = bs_time_now_usec ();
  fixture_run (SHARED, &spec, NULL, &output);
  g_assert_true (output.result.timed_out);
  g_assert_cmpint (output.result.exit_code, ==, 124);
  g_assert_cmpint (bs_time_now_usec () - begun, <, 20 * BS_USEC_PER_SEC);
}

static void
missing_program_is_not_found (void)
{
  const char *argv[] = { "no-such-program", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  if (lacks_exec ())
    return;
  g_assert_false (fixture->backend->exec (&fixture->lab, SHARED, &spec, &io, &result, &error));
  assert_code (error, BS_ERROR_NOT_FOUND, "no-such-program");
}

static void
stdin_is_given (void)
{
  const char *argv[] = { "sort", NULL };
  BsExecSpec spec = { .argv = argv };
  g_auto (Output) output = { 0 };

  if (lacks_exec ())
    return;
  fixture_run (SHARED, &spec, "b\na\n", &output);
  g_assert_cmpstr (output.out->str, ==, "a\nb\n");
}

static void
no_stdin_is_its_end (void)
{
  const char *argv[] = { "cat", NULL };
  BsExecSpec spec = { .argv = argv };
  g_auto (Output) output = { 0 };

  if (lacks_exec ())
    return;
  fixture_run (SHARED, &spec, NULL, &output);
  g_assert_cmpint (output.result.exit_code, ==, 0);
  g_assert_cmpstr (output.out->str, ==, "");
}

static void
surroundings_are_set (void)
{
  const char *argv[] = { "sh", "-c", "echo $COLOUR; pwd; id -un", NULL };
  const char *env[] = { "COLOUR=deep red", NULL };
  BsExecSpec spec = { .argv = argv, .env = env, .cwd = "/tmp", .user = "nobody" };
  g_auto (Output) output = { 0 };

  if (lacks_exec ())
    return;
  fixture_run (SHARED, &spec, NULL, &output);
  g_assert_cmpstr (output.out->str, ==, "deep red\n/tmp\nnobody\n");
}

static void
terminal_has_a_size (void)
{
  const char *argv[] = { "sh", "-c", "test -t 0 && test -t 1 && stty size && echo $TERM", NULL };
  BsExecSpec spec = { .argv = argv, .tty = TRUE, .rows = 33, .columns = 101, .term = "vt100" };
  g_auto (Output) output = { 0 };

  if (lacks_exec ())
    return;
  fixture_run (SHARED, &spec, NULL, &output);
  g_assert_cmpint (output.result.exit_code, ==, 0);
  g_assert_nonnull (strstr (output.out->str, "33 101"));
  g_assert_nonnull (strstr (output.out->str, "vt100"));
}

static void
much_output_comes_whole (void)
{
  g_auto (Output) output = { 0 };

  if (lacks_exec ())
    return;
  run_script ("dd if=/dev/zero bs=64k count=64 2>/dev/null | tr '\\0' x", &output);
  g_assert_cmpuint (output.out->len, ==, 4 * 1024 * 1024);
  g_assert_cmpuint (strspn (output.out->str, "x"), ==, output.out->len);
}

typedef struct
{
  GCancellable *cancellable;
  gboolean seen;
} Interrupt;

static gboolean
interrupt (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  Interrupt *self = user_data;

  self->seen = TRUE;
  g_cancellable_cancel (self->cancellable);
  return TRUE;
}

static void
cancelling_ends_the_command (void)
{
  const char *argv[] = { "sh", "-c", "echo begun; exec sleep 4321", NULL };
  BsExecSpec spec = { .argv = argv };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Interrupt self = { cancellable, FALSE };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = interrupt, .user_data = &self };
  BsBackendLab lab = fixture->lab;
  g_autoptr (GError) error = NULL;
  g_autofree char *left = NULL;
  BsExecResult result;

  if (lacks_exec ())
    return;
  lab.cancellable = cancellable;
  g_assert_false (fixture->backend->exec (&lab, SHARED, &spec, &io, &result, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_true (self.seen);
  left = fixture_shell (SHARED,
                        "for i in $(seq 50); do ps | grep -q 'sleep 432[1]' || { echo gone; break; }; sleep 0.1; done");
  g_assert_cmpstr (left, ==, "gone\n");
}

static void
commands_run_side_by_side (void)
{
  g_autofree char *first = NULL, *second = NULL;

  if (lacks_exec ())
    return;
  /* The second writes what the first, still running in the background of its own session, waits for. */
  first = fixture_shell (SHARED,
                         "rm -f /tmp/signal; (while [ ! -e /tmp/signal ]; do sleep 0.1; done; echo heard > /tmp/heard) "
                         "> /dev/null 2>&1 & echo waiting");
  g_assert_cmpstr (first, ==, "waiting\n");
  second = fixture_shell (SHARED, "touch /tmp/signal; while [ ! -s /tmp/heard ]; do sleep 0.1; done; cat /tmp/heard");
  g_assert_cmpstr (second, ==, "heard\n");
}

static gboolean
wait_for (const char *kind, const char *argument, gint64 deadline_usec, GError **error)
{
  const char *arguments[] = { argument, NULL };

  return fixture->backend->wait_for (&fixture->lab, SHARED, kind, arguments, deadline_usec, error);
}

static void
conditions_are_waited_for (void)
{
  g_autoptr (GError) error = NULL;

  if (lacks_exec ())
    return;
  g_free (fixture_shell (SHARED, "(sleep 1; touch /tmp/there; nc -l -p 7777 > /dev/null) > /dev/null 2>&1 &"));
  g_assert_true (wait_for ("file", "/tmp/there", fixture_in (20), &error));
  g_assert_true (wait_for ("port", "7777", fixture_in (20), &error));
  g_assert_true (wait_for ("process", "nc", fixture_in (20), &error));
  g_assert_true (wait_for ("command", "true", fixture_in (20), &error));
  g_assert_no_error (error);
}

static void
condition_that_never_comes_times_out (void)
{
  g_autoptr (GError) error = NULL;

  if (lacks_exec ())
    return;
  g_assert_false (wait_for ("file", "/never", fixture_in (1), &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
}

void
add_exec_tests (void)
{
  g_test_add_func ("/conformance/exec/streams-are-apart", streams_are_apart);
  g_test_add_func ("/conformance/exec/exit-code-is-the-commands", exit_code_is_the_commands);
  g_test_add_func ("/conformance/exec/death-by-signal-is-told", death_by_signal_is_told);
  g_test_add_func ("/conformance/exec/timeout-ends-the-command", timeout_ends_the_command);
  g_test_add_func ("/conformance/exec/missing-program-is-not-found", missing_program_is_not_found);
  g_test_add_func ("/conformance/exec/stdin-is-given", stdin_is_given);
  g_test_add_func ("/conformance/exec/no-stdin-is-its-end", no_stdin_is_its_end);
  g_test_add_func ("/conformance/exec/surroundings-are-set", surroundings_are_set);
  g_test_add_func ("/conformance/exec/terminal-has-a-size", terminal_has_a_size);
  g_test_add_func ("/conformance/exec/much-output-comes-whole", much_output_comes_whole);
  g_test_add_func ("/conformance/exec/cancelling-ends-the-command", cancelling_ends_the_command);
  g_test_add_func ("/conformance/exec/commands-run-side-by-side", commands_run_side_by_side);
  g_test_add_func ("/conformance/exec/conditions-are-waited-for", conditions_are_waited_for);
  g_test_add_func ("/conformance/exec/condition-that-never-comes-times-out", condition_that_never_comes_times_out);
}
