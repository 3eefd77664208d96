/* SPDX-License-Identifier: Apache-2.0 */
/* test-ssh-exec.c — commands over a real sshd */
#include "bs-time.h"
#include "ssh-fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

static SshServer server;

static BsExecSpec
spec_of (const char *const *argv)
{
  return (BsExecSpec){ .argv = argv, .user = g_get_user_name () };
}

static BsExecIO
io_to (SshOutput *output)
{
  return (BsExecIO){ .stdin_fd = -1, .output = ssh_output_take, .user_data = output, .control_fd = -1 };
}

static int
memory (const void *data, gsize length)
{
  int fd = memfd_create ("input", MFD_CLOEXEC);

  g_assert_true (bs_fd_write_all (fd, data, length));
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

static void
test_streams_are_apart (void)
{
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  g_autoptr (GError) error = NULL;

  ssh_output_init (&output);
  g_assert_true (ssh_script (ssh, "echo out; echo err >&2; exit 7", &output, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (output.out->str, ==, "out\n");
  g_assert_cmpstr (output.err->str, ==, "err\n");
  g_assert_cmpint (output.result.exit_code, ==, 7);
  g_assert_cmpint (output.result.exit_signal, ==, 0);
}

static void
test_arguments_arrive_as_given (void)
{
  const char *argv[] = { "printf",          "[%s]",      "",  "a b", "it's",     "\\back\\",
                         "$HOME `x` \"q\"", "new\nline", "*", "-n",  "\xff\x01", NULL };
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  g_autoptr (GError) error = NULL;

  ssh_output_init (&output);
  g_assert_true (ssh_run (ssh, argv, &output, &error));
  g_assert_cmpstr (output.out->str, ==, "[][a b][it's][\\back\\][$HOME `x` \"q\"][new\nline][*][-n][\xff\x01]");
}

static void
test_signal_that_ends_it (void)
{
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;

  ssh_output_init (&output);
  g_assert_true (ssh_script (ssh, "kill -TERM $$", &output, NULL));
  g_assert_cmpint (output.result.exit_code, ==, 128 + SIGTERM);
  g_assert_cmpint (output.result.exit_signal, ==, SIGTERM);
}

static void
test_env_and_folder (void)
{
  const char *argv[] = { "sh", "-c", "echo \"$A|$B\"; pwd", NULL }, *env[] = { "A=it's \"x\"", "B=two\nlines", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);

  ssh_output_init (&output);
  spec.env = env;
  spec.cwd = "/usr/share";
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, NULL));
  g_assert_cmpstr (output.out->str, ==, "it's \"x\"|two\nlines\n/usr/share\n");
}

static void
test_no_such_things (void)
{
  const char *argv[] = { "no-such-program", NULL }, *fine[] = { "true", NULL }, *bad[] = { "1A=x", NULL };
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);
  BsExecSpec spec = spec_of (argv);
  g_autoptr (GError) program = NULL, folder = NULL, variable = NULL, user = NULL, nobody = NULL;

  ssh_output_init (&output);
  g_assert_false (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &program));
  assert_error (program, BS_ERROR_NOT_FOUND, "no program 'no-such-program' there");
  spec = spec_of (fine);
  spec.cwd = "/no/such";
  g_assert_false (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &folder));
  assert_error (folder, BS_ERROR_FAILED, "no folder '/no/such' there");
  spec = spec_of (fine);
  spec.env = bad;
  g_assert_false (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &variable));
  assert_error (variable, BS_ERROR_INVALID, "not a variable: '1A=x'");
  spec.env = NULL;
  spec.user = "x; reboot";
  g_assert_false (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &user));
  assert_error (user, BS_ERROR_INVALID, "not a user's name: 'x; reboot'");
  spec.user = "no-such-user";
  if (geteuid () == 0)
    {
      g_assert_false (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &nobody));
      assert_error (nobody, BS_ERROR_FAILED, "no user 'no-such-user' there");
    }
  g_assert_cmpstr (output.out->str, ==, "");
  g_assert_cmpstr (output.err->str, ==, "");
  g_assert_true (bs_ssh_usable (ssh));
}

static void
test_other_user (void)
{
  const char *argv[] = { "sh", "-c", "id -un; id -gn; echo $HOME $USER", NULL };
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);
  BsExecSpec spec = { .argv = argv, .user = "nobody" };

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become another user");
      return;
    }
  ssh_output_init (&output);
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, NULL));
  g_assert_cmpstr (output.out->str, ==, "nobody\nnogroup\n/nonexistent nobody\n");
}

/* A process with exactly this command line must be gone soon. */
static void
assert_gone (const char *line)
{
  const char *argv[] = { "pgrep", "-fx", line, NULL };
  int status = 0;

  for (gint64 until = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;;)
    {
      g_autofree char *out = NULL;

      g_assert_true (
          g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status, NULL));
      if (!g_spawn_check_wait_status (status, NULL))
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (10000);
    }
}

/* Who is not root becomes root, or another, by sudo; and what root runs then gets its signals. */
static void
test_through_sudo (void)
{
  const char *argv[] = { "sh", "-c", "id -un; echo $HOME; echo \"$A\"; exec sleep 4715.25", NULL };
  const char *env[] = { "A=it's", NULL };
  g_auto (SshServer) own;
  g_autoptr (BsSsh) ssh = NULL;
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);
  BsExecSpec spec = { .argv = argv, .env = env, .timeout_usec = 1000 * BS_USEC_PER_MSEC };
  g_autoptr (GError) error = NULL;

  ssh_output_init (&output);
  if (!ssh_server_init_with_user (&own, NULL))
    {
      ssh_server_init (&own, NULL);
      g_test_skip ("only root can make a user, in a namespace");
      return;
    }
  ssh = ssh_server_open (&own);
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (output.err->str, ==, "");
  g_assert_cmpstr (output.out->str, ==, "root\n/root\nit's\n");
  g_assert_true (output.result.timed_out);
  assert_gone ("sleep 4715.25");
  g_string_truncate (output.out, 0);
  spec.user = "nobody";
  spec.cwd = "/";
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &error));
  g_assert_true (g_str_has_prefix (output.out->str, "nobody\n"));
  assert_gone ("sleep 4715.25");
  g_assert_true (bs_ssh_usable (ssh));
}

static void
test_binary_input_both_ways (void)
{
  const char *argv[] = { "cat", NULL };
  gsize length = 5 * 1024 * 1024 + 3;
  g_autofree guint8 *data = g_malloc (length);
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);
  g_autoptr (GError) error = NULL;
  bs_autofd int fd = -1;

  for (gsize i = 0; i < length; i++)
    data[i] = (guint8) (i * 2654435761u >> 11);
  ssh_output_init (&output);
  io.stdin_fd = fd = memory (data, length);
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (output.out->str, output.out->len, data, length);
}

/* A command that reads nothing must not hold up what feeds it. */
static void
test_input_that_nobody_reads (void)
{
  const char *argv[] = { "true", NULL };
  g_autofree guint8 *data = g_malloc0 (8 * 1024 * 1024);
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);
  bs_autofd int fd = -1;

  ssh_output_init (&output);
  io.stdin_fd = fd = memory (data, 8 * 1024 * 1024);
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, NULL));
  g_assert_cmpint (output.result.exit_code, ==, 0);
}

static gboolean
count_bytes (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  *(gsize *) user_data += length;
  return TRUE;
}

static void
test_huge_output (void)
{
  const char *argv[] = { "head", "-c", "100000000", "/dev/zero", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  gsize bytes = 0;
  BsExecIO io = { .stdin_fd = -1, .output = count_bytes, .user_data = &bytes, .control_fd = -1 };
  BsExecResult result;

  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &result, NULL, NULL));
  g_assert_cmpuint (bytes, ==, 100000000);
}

static gboolean
refuse_output (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  bs_set_error (error, BS_ERROR_FAILED, NULL, "enough");
  return FALSE;
}

static void
test_refused_output_ends_it (void)
{
  const char *argv[] = { "yes", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  BsExecIO io = { .stdin_fd = -1, .output = refuse_output, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_false (bs_ssh_exec (ssh, &spec, &io, &result, NULL, &error));
  assert_error (error, BS_ERROR_FAILED, "enough");
  g_assert_false (bs_ssh_usable (ssh));
}

static void
test_timeout_ends_the_group (void)
{
  const char *argv[] = { "sh", "-c", "sleep 4711.25; true", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);
  g_autoptr (GError) error = NULL;

  ssh_output_init (&output);
  spec.timeout_usec = 200 * BS_USEC_PER_MSEC;
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (output.result.timed_out);
  g_assert_cmpint (output.result.exit_code, ==, 124);
  assert_gone ("sleep 4711.25");
  g_assert_true (bs_ssh_usable (ssh));
}

static void
test_timeout_of_what_ignores_it (void)
{
  const char *argv[] = { "sh", "-c", "trap '' TERM; sleep 4712.25; sleep 4712.25", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);

  ssh_output_init (&output);
  spec.timeout_usec = 100 * BS_USEC_PER_MSEC;
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, NULL));
  g_assert_true (output.result.timed_out);
  g_assert_cmpint (output.result.exit_signal, ==, SIGKILL);
  assert_gone ("sleep 4712.25");
}

static gboolean
cancel_it (BsExecChannel channel, const void *data, gsize length, gpointer cancellable, GError **error)
{
  g_cancellable_cancel (cancellable);
  return TRUE;
}

static void
test_cancel_kills_it (void)
{
  const char *argv[] = { "sh", "-c", "echo begun; trap '' TERM; sleep 4713.25; true", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  BsExecIO io = { .stdin_fd = -1, .output = cancel_it, .user_data = cancellable, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_false (bs_ssh_exec (ssh, &spec, &io, &result, cancellable, &error));
  assert_error (error, BS_ERROR_CANCELLED, "cancelled");
  g_assert_false (bs_ssh_usable (ssh));
  assert_gone ("sleep 4713.25");
}

/* What a child in the background keeps open does not keep us. */
static void
test_background_child (void)
{
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  gint64 begin = g_get_monotonic_time ();

  ssh_output_init (&output);
  g_assert_true (ssh_script (ssh, "sleep 4714.25 & echo $!", &output, NULL));
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
  g_assert_cmpint (output.result.exit_code, ==, 0);
  kill ((pid_t) atoi (output.out->str), SIGKILL);
}

typedef struct
{
  SshOutput output;
  int control;
  const char *await;
  void (*act) (int control);
} Reaction;

static gboolean
react (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  Reaction *self = user_data;

  g_string_append_len (self->output.out, data, (gssize) length);
  if (self->act != NULL && strstr (self->output.out->str, self->await) != NULL)
    {
      self->act (self->control);
      self->act = NULL;
    }
  return TRUE;
}

static void
send_usr1 (int control)
{
  g_assert_true (bs_exec_control_signal (control, SIGUSR1));
}

static void
send_size (int control)
{
  g_assert_true (bs_exec_control_winsize (control, 50, 132));
}

static void
test_signals_are_handed_on (void)
{
  const char *argv[]
      = { "sh", "-c", "trap 'echo got usr1; exit 3' USR1; echo ready; while :; do sleep 0.05; done", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  Reaction reaction = { .await = "ready", .act = send_usr1 };
  BsExecIO io = { .stdin_fd = -1, .output = react, .user_data = &reaction };
  BsExecResult result;
  int fds[2];

  ssh_output_init (&reaction.output);
  g_assert_no_errno (pipe (fds));
  io.control_fd = fds[0];
  reaction.control = fds[1];
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &result, NULL, NULL));
  g_assert_cmpint (result.exit_code, ==, 3);
  g_assert_nonnull (strstr (reaction.output.out->str, "got usr1"));
  ssh_output_clear (&reaction.output);
  close (fds[0]);
  close (fds[1]);
}

static void
test_terminal_and_its_size (void)
{
  const char *argv[]
      = { "sh", "-c",
          "trap 'stty size; exit 0' WINCH; test -t 0 && echo $TERM; stty size; while :; do sleep 0.05; done", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  Reaction reaction = { .await = "33 101", .act = send_size };
  BsExecIO io = { .stdin_fd = -1, .output = react, .user_data = &reaction };
  BsExecResult result;
  int fds[2];

  ssh_output_init (&reaction.output);
  g_assert_no_errno (pipe (fds));
  io.control_fd = fds[0];
  reaction.control = fds[1];
  spec.tty = TRUE;
  spec.rows = 33;
  spec.columns = 101;
  spec.term = "vt220";
  g_assert_true (bs_ssh_exec (ssh, &spec, &io, &result, NULL, NULL));
  g_assert_cmpstr (reaction.output.out->str, ==, "vt220\r\n33 101\r\n50 132\r\n");
  ssh_output_clear (&reaction.output);
  close (fds[0]);
  close (fds[1]);
}

static void
test_terminal_reports_too (void)
{
  const char *argv[] = { "no-such-program", NULL };
  BsExecSpec spec = spec_of (argv);
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);
  g_autoptr (GError) error = NULL;

  ssh_output_init (&output);
  spec.tty = TRUE;
  g_assert_false (bs_ssh_exec (ssh, &spec, &io, &output.result, NULL, &error));
  assert_error (error, BS_ERROR_NOT_FOUND, "no program 'no-such-program'");
  g_assert_cmpstr (output.out->str, ==, "");
}

static void
test_shell (void)
{
  static const char lines[] = "echo from-$((40+2))\nexit 9\n";
  BsExecSpec spec = { 0 };
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_auto (SshOutput) output;
  BsExecIO io = io_to (&output);
  bs_autofd int fd = memory (lines, strlen (lines));

  ssh_output_init (&output);
  io.stdin_fd = fd;
  g_assert_true (bs_ssh_shell (ssh, &spec, &io, &output.result, NULL, NULL));
  g_assert_nonnull (strstr (output.out->str, "from-42\n"));
  g_assert_cmpint (output.result.exit_code, ==, 9);
}

static void
test_session_serves_many (void)
{
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *script = g_strdup_printf ("echo %u; exit %u", i, i % 5);
      g_autofree char *expected = g_strdup_printf ("%u\n", i);
      g_auto (SshOutput) output;

      ssh_output_init (&output);
      g_assert_true (ssh_script (ssh, script, &output, NULL));
      g_assert_cmpstr (output.out->str, ==, expected);
      g_assert_cmpint (output.result.exit_code, ==, (int) (i % 5));
    }
}

static void
test_remote (void)
{
  const char *argv[] = { "sh", "-c", "exit 4", NULL };
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  BsExecSpec spec = spec_of (argv);
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  BsExecResult result;
  BsRemote remote;
  g_autofree char *to = g_build_filename (server.scratch.path, "copied", NULL);
  g_autofree char *from = g_build_filename (server.scratch.path, "id", NULL);
  g_autoptr (GError) error = NULL;

  bs_ssh_remote (ssh, &remote);
  g_assert_true (remote.exec (&remote, &spec, &io, &result, NULL));
  g_assert_cmpint (result.exit_code, ==, 4);
  g_assert_true (remote.copy_in (&remote, from, to, &error));
  g_assert_true (scratch_has (&server.scratch, "copied"));
  remote.deadline_usec = g_get_monotonic_time () - 1;
  g_assert_false (remote.exec (&remote, &spec, &io, &result, &error));
  assert_error (error, BS_ERROR_TIMEOUT, "took too long");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  ssh_server_init (&server, NULL);
  g_test_add_func ("/ssh/exec/streams-are-apart", test_streams_are_apart);
  g_test_add_func ("/ssh/exec/arguments-arrive-as-given", test_arguments_arrive_as_given);
  g_test_add_func ("/ssh/exec/signal-that-ends-it", test_signal_that_ends_it);
  g_test_add_func ("/ssh/exec/env-and-folder", test_env_and_folder);
  g_test_add_func ("/ssh/exec/no-such-things", test_no_such_things);
  g_test_add_func ("/ssh/exec/other-user", test_other_user);
  g_test_add_func ("/ssh/exec/through-sudo", test_through_sudo);
  g_test_add_func ("/ssh/exec/binary-input-both-ways", test_binary_input_both_ways);
  g_test_add_func ("/ssh/exec/input-that-nobody-reads", test_input_that_nobody_reads);
  g_test_add_func ("/ssh/exec/huge-output", test_huge_output);
  g_test_add_func ("/ssh/exec/refused-output-ends-it", test_refused_output_ends_it);
  g_test_add_func ("/ssh/exec/timeout-ends-the-group", test_timeout_ends_the_group);
  g_test_add_func ("/ssh/exec/timeout-of-what-ignores-it", test_timeout_of_what_ignores_it);
  g_test_add_func ("/ssh/exec/cancel-kills-it", test_cancel_kills_it);
  g_test_add_func ("/ssh/exec/background-child", test_background_child);
  g_test_add_func ("/ssh/exec/signals-are-handed-on", test_signals_are_handed_on);
  g_test_add_func ("/ssh/exec/terminal-and-its-size", test_terminal_and_its_size);
  g_test_add_func ("/ssh/exec/terminal-reports-too", test_terminal_reports_too);
  g_test_add_func ("/ssh/exec/shell", test_shell);
  g_test_add_func ("/ssh/exec/session-serves-many", test_session_serves_many);
  g_test_add_func ("/ssh/exec/remote", test_remote);
  status = g_test_run ();
  ssh_server_clear (&server);
  return status;
}
