/* SPDX-License-Identifier: Apache-2.0 */
/* The client against the real agent, which acts on this host: so only harmless commands, and files below /tmp. */
#include "bs-qga.h"
#include "bs-process.h"
#include "guest-fixture.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

typedef struct
{
  char *folder;
  pid_t pid;
  BsQga *qga;
} Agent;

static int
connect_agent (Agent *self)
{
  g_autofree char *path = g_build_filename (self->folder, "qga.sock", NULL);
  gint64 deadline_usec = SOON ();
  int fd = -1;

  while (fd < 0 && bs_time_now_usec () < deadline_usec)
    {
      fd = bs_socket_connect (AT_FDCWD, path, SOCK_STREAM, NULL);
      g_usleep (fd < 0 ? 2000 : 0);
    }
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
set_up (Agent *self, gconstpointer data)
{
  /* As a boot would start it, whatever this test's caller has. */
  g_auto (GStrv) env = g_environ_setenv (g_get_environ (), "PATH",
                                         "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
  g_autofree char *path = NULL, *pid_file = NULL, *log = NULL;

  self->folder = g_dir_make_tmp ("bs-qga-XXXXXX", NULL);
  path = g_build_filename (self->folder, "qga.sock", NULL);
  pid_file = g_build_filename (self->folder, "pid", NULL);
  log = g_build_filename (self->folder, "log", NULL);
  const char *const argv[]
      = { "qemu-ga", "-m", "unix-listen", "-p", path, "-t", self->folder, "-f", pid_file, "-l", log, NULL };
  /* Between fork and exec nothing may be called that takes a lock: other tests have left threads. */
  self->pid = fork ();
  if (self->pid == 0)
    {
      execvpe (argv[0], (char *const *) argv, env);
      _exit (127);
    }
  g_assert_cmpint (self->pid, >, 0);
  self->qga = bs_qga_new (connect_agent (self));
}

static void
tear_down (Agent *self, gconstpointer data)
{
  int status;

  bs_qga_free (self->qga);
  /* At SIGTERM it calls GLib from its handler, and may wait for itself for ever. */
  g_assert_cmpint (kill (self->pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (self->pid, &status, 0), ==, self->pid);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->folder, NULL));
  g_free (self->folder);
}

static BsExecResult
run (Agent *self, BsExecSpec *spec, BsExecIO *io, GError **error)
{
  BsExecResult result = { 0 };

  bs_qga_exec (self->qga, spec, io, &result, SOON (), NULL, error);
  return result;
}

static BsExecResult
run_sh (Agent *self, const char *script, Output *output)
{
  const char *const argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = output_take, .user_data = output };
  g_autoptr (GError) error = NULL;
  BsExecResult result = run (self, &spec, &io, &error);

  g_assert_no_error (error);
  return result;
}

static void
test_it_answers (Agent *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *version = NULL;
  g_auto (GStrv) commands = NULL;

  g_assert_true (bs_qga_sync (self->qga, SOON (), NULL, &error));
  g_assert_true (bs_qga_ping (self->qga, SOON (), NULL, &error));
  g_assert_true (bs_qga_info (self->qga, &version, &commands, SOON (), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_ascii_isdigit (version[0]));
  g_assert_true (g_strv_contains ((const char *const *) commands, "guest-exec"));
}

static void
test_what_was_left_over_is_discarded (Agent *self, gconstpointer data)
{
  static const char left[] = "{\"execute\": \"guest-info\"}\n{\"execute\": \"gue";
  g_autoptr (GError) error = NULL;
  int fd;

  /* Somebody asked and went, and left half a request. The agent serves the next one when it noticed. */
  g_clear_pointer (&self->qga, bs_qga_free);
  fd = connect_agent (self);
  g_assert_true (bs_fd_write_all (fd, left, strlen (left)));
  self->qga = bs_qga_new (fd);
  g_assert_true (bs_qga_ping (self->qga, SOON (), NULL, &error));
  g_assert_no_error (error);
}

static void
test_errors_are_the_agents (Agent *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL, unknown = NULL;

  g_assert_null (bs_qga_call (self->qga, "guest-nonsense", NULL, SOON (), NULL, &unknown));
  g_assert_error (unknown, BS_ERROR, BS_ERROR_UNSUPPORTED);
  g_assert_cmpstr (unknown->message, ==,
                   "the guest's agent does not do 'guest-nonsense': The command guest-nonsense has not been found");
  g_assert_null (
      bs_qga_call (self->qga, "guest-file-open", json_pack ("{s:s}", "path", "/tmp/no/such"), SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "refused 'guest-file-open': failed to open file '/tmp/no/such'"));
}

static void
test_streams_and_exit_codes (Agent *self, gconstpointer data)
{
  g_auto (Output) output = { 0 };
  BsExecResult result = run_sh (self, "echo out; echo err >&2; exit 7", &output);

  g_assert_cmpint (result.exit_code, ==, 7);
  g_assert_cmpint (result.exit_signal, ==, 0);
  g_assert_cmpstr (output.out->str, ==, "out\n");
  g_assert_cmpstr (output.err->str, ==, "err\n");
  result = run_sh (self, "kill -9 $$", &output);
  g_assert_cmpint (result.exit_code, ==, 137);
  g_assert_cmpint (result.exit_signal, ==, 9);
}

static void
test_big_output (Agent *self, gconstpointer data)
{
  g_auto (Output) output = { 0 };

  run_sh (self, "head -c 3000000 /dev/zero | tr '\\0' x", &output);
  g_assert_cmpuint (output.out->len, ==, 3000000);
}

static void
test_environment_folder_input (Agent *self, gconstpointer data)
{
  const char *const argv[] = { "sh", "-c", "cat; pwd; echo \"$WORD\"; id -u", NULL };
  const char *const env[] = { "WORD=it's $HOME", "OTHER=x", NULL };
  BsExecSpec spec = { .argv = argv, .env = env, .cwd = self->folder };
  int ends[2];
  g_auto (Output) output = { 0 };
  BsExecIO io = { .control_fd = -1, .output = output_take, .user_data = &output };
  g_autofree char *expected = g_strdup_printf ("input\n%s\nit's $HOME\n%u\n", self->folder, getuid ());
  g_autoptr (GError) error = NULL;

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  g_assert_true (bs_fd_write_all (ends[1], "input\n", 6));
  close (ends[1]);
  io.stdin_fd = ends[0];
  run (self, &spec, &io, &error);
  close (ends[0]);
  g_assert_no_error (error);
  g_assert_cmpstr (output.out->str, ==, expected);
}

static void
test_another_user (Agent *self, gconstpointer data)
{
  const char *const argv[] = { "id", "-un", NULL };
  BsExecSpec spec = { .argv = argv, .user = "nobody" };
  g_auto (Output) output = { 0 };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = output_take, .user_data = &output };
  g_autoptr (GError) error = NULL;

  if (getuid () != 0)
    {
      g_test_skip ("needs root to become somebody else");
      return;
    }
  run (self, &spec, &io, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output.out->str, ==, "nobody\n");
}

static void
assert_not_found (Agent *self, BsExecSpec *spec, const char *message)
{
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;

  run (self, spec, &io, &error);
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_what_cannot_start (Agent *self, gconstpointer data)
{
  const char *const missing[] = { "no-such-program", NULL }, *const there[] = { "true", NULL };

  assert_not_found (self, &(BsExecSpec){ .argv = missing }, "cannot run 'no-such-program': there is no such program");
  assert_not_found (self, &(BsExecSpec){ .argv = there, .cwd = "/tmp/no/such" },
                    "cannot run 'true': there is no folder '/tmp/no/such'");
  assert_not_found (self, &(BsExecSpec){ .argv = there, .user = "no-such-user" },
                    "cannot run 'true': there is no user 'no-such-user'");
}

static gboolean
is_gone (pid_t pid)
{
  char state = 'Z';

  return bs_process_stat (pid, &state) == 0 || state == 'Z';
}

/* The process whose id @path holds is gone, or a zombie. */
static void
assert_gone (const char *path)
{
  g_autofree char *text = fixture_read (path);
  gint64 deadline_usec = SOON ();
  pid_t pid = text != NULL ? atoi (text) : 0;

  g_assert_cmpint (pid, >, 1);
  while (!is_gone (pid) && bs_time_now_usec () < deadline_usec)
    g_usleep (2000);
  g_assert_true (is_gone (pid));
}

static void
test_time_runs_out (Agent *self, gconstpointer data)
{
  g_autofree char *pid = g_build_filename (self->folder, "sleeper", NULL);
  g_autofree char *script = g_strdup_printf ("echo begun; sleep 1000 & echo $! > %s; wait", pid);
  const char *const argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv, .timeout_usec = 500 * BS_USEC_PER_MSEC };
  g_auto (Output) output = { 0 };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = output_take, .user_data = &output };
  g_autoptr (GError) error = NULL;
  BsExecResult result = run (self, &spec, &io, &error);

  g_assert_no_error (error);
  g_assert_true (result.timed_out);
  g_assert_cmpint (result.exit_code, ==, 124);
  g_assert_cmpint (result.exit_signal, ==, SIGTERM);
  g_assert_cmpstr (output.out->str, ==, "begun\n");
  assert_gone (pid);
}

static gpointer
cancel_when_there (gpointer data)
{
  const char *const *names = data;

  while (!g_file_test (names[0], G_FILE_TEST_EXISTS))
    g_usleep (2000);
  g_cancellable_cancel ((GCancellable *) (void *) names[1]);
  return NULL;
}

static void
test_cancelling_kills (Agent *self, gconstpointer data)
{
  g_autofree char *pid = g_build_filename (self->folder, "sleeper", NULL);
  g_autofree char *script = g_strdup_printf ("trap '' TERM; echo $$ > %s.new; mv %s.new %s; sleep 1000", pid, pid, pid);
  const char *const argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer names[2] = { pid, cancellable };
  g_autoptr (GError) error = NULL, later = NULL;
  BsExecResult result = { 0 };
  GThread *thread = g_thread_new ("cancel", cancel_when_there, names);

  g_assert_false (bs_qga_exec (self->qga, &spec, &io, &result, SOON (), cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  assert_gone (pid);
  g_assert_true (bs_qga_ping (self->qga, SOON (), NULL, &later)); /* and it can be used on */
  g_assert_no_error (later);
}

static void
test_signals_are_passed_on (Agent *self, gconstpointer data)
{
  const char *const argv[]
      = { "sh", "-c", "trap 'echo hup; exit 3' HUP; echo ready; while :; do sleep 0.05; done", NULL };
  BsExecSpec spec = { .argv = argv };
  g_auto (Output) output = { 0 };
  int ends[2];
  BsExecIO io = { .stdin_fd = -1, .output = output_take, .user_data = &output };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  io.control_fd = ends[0];
  /* Until its trap is set, it dies of the signal: then we learn only that it was passed on. */
  g_assert_true (bs_exec_control_signal (ends[1], SIGHUP));
  result = run (self, &spec, &io, &error);
  g_assert_no_error (error);
  g_assert_true (result.exit_code == 3 || result.exit_signal == SIGHUP);
  close (ends[0]);
  close (ends[1]);
}

static void
test_no_terminals (Agent *self, gconstpointer data)
{
  const char *const argv[] = { "true", NULL };
  BsExecSpec spec = { .argv = argv, .tty = TRUE };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;

  run (self, &spec, &io, &error);
  g_assert_error (error, BS_ERROR, BS_ERROR_UNSUPPORTED);
  g_assert_cmpstr (bs_error_hint (error), ==, "use SSH");
}

static void
test_files (Agent *self, gconstpointer data)
{
  g_autofree char *from = g_build_filename (self->folder, "from", NULL),
                  *to = g_build_filename (self->folder, "to", NULL);
  g_autofree char *big = g_strnfill (1000000, 'x');
  g_autoptr (GError) error = NULL, large = NULL, missing = NULL;
  g_autoptr (GBytes) content = NULL;
  bs_autofd int fd = -1;

  fixture_write (from, big, 0644);
  fd = open (from, O_RDONLY | O_CLOEXEC);
  bs_qga_write_file (self->qga, to, fd, SOON (), NULL, &error);
  g_assert_no_error (error);
  content = bs_qga_read_file (self->qga, to, 1000000, SOON (), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), big, 1000000);
  g_assert_null (bs_qga_read_file (self->qga, to, 999999, SOON (), NULL, &large));
  g_assert_error (large, BS_ERROR, BS_ERROR_INVALID);
  g_assert_null (bs_qga_read_file (self->qga, "/tmp/no/such", 10, SOON (), NULL, &missing));
  g_assert_error (missing, BS_ERROR, BS_ERROR_FAILED);
}

static BsRemote
remote_of (Agent *self)
{
  BsRemote remote;

  bs_remote_over_qga (&remote, self->qga, NULL, SOON ());
  return remote;
}

static void
copy (Agent *self, const char *source, const char *destination)
{
  g_autofree char *from = g_build_filename (self->folder, source, NULL);
  g_autofree char *to = g_strconcat (self->folder, "/", destination, NULL);
  BsRemote remote = remote_of (self);
  g_autoptr (GError) error = NULL;

  remote.copy_in (&remote, from, to, &error);
  g_assert_no_error (error);
}

static void
test_copies (Agent *self, gconstpointer data)
{
  g_autofree char *script = g_strdup_printf (
      "cd %s; mkdir -p tree/sub there; echo one > 'tree/sub/-a b'; chmod 640 'tree/sub/-a b'; ln -s sub tree/link",
      self->folder);
  g_autofree char *list
      = g_strdup_printf ("cd %s; find new there single linked -printf '%%p %%m %%l\\n' | sort; ls -A | grep bs-copy; "
                         "ls -d /var/tmp/bs-copy-* 2>/dev/null; true",
                         self->folder);
  g_auto (Output) output = { 0 };

  g_assert_cmpint (run_sh (self, script, &output).exit_code, ==, 0);
  copy (self, "tree", "new");
  copy (self, "tree", "there");
  copy (self, "tree/.", "there/");
  copy (self, "tree/sub/-a b", "single");
  copy (self, "tree/sub/-a b", "there");
  copy (self, "tree/link", "linked");
  copy (self, "tree/sub/-a b", "single"); /* replaced */
  run_sh (self, list, &output);
  g_assert_cmpstr (output.out->str, ==,
                   "linked 777 sub\nnew 755 \nnew/link 777 sub\nnew/sub 755 \nnew/sub/-a b 640 \nsingle 640 \n"
                   "there 755 \nthere/-a b 640 \nthere/link 777 sub\nthere/sub 755 \nthere/sub/-a b 640 \n"
                   "there/tree 755 \nthere/tree/link 777 sub\nthere/tree/sub 755 \nthere/tree/sub/-a b 640 \n");
}

static void
test_copies_that_fail (Agent *self, gconstpointer data)
{
  g_autofree char *source = g_build_filename (self->folder, "source", NULL);
  BsRemote remote = remote_of (self);
  g_autoptr (GError) missing = NULL, nowhere = NULL;

  g_assert_false (remote.copy_in (&remote, source, "/tmp", &missing));
  g_assert_error (missing, BS_ERROR, BS_ERROR_NOT_FOUND);
  fixture_write (source, "x", 0644);
  g_assert_false (remote.copy_in (&remote, source, "/tmp/no/such/place", &nowhere));
  g_assert_error (nowhere, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (nowhere->message, "cannot copy '"));
}

static void
copy_out (Agent *self, const char *source, const char *destination)
{
  g_autofree char *from = g_strconcat (self->folder, "/", source, NULL);
  g_autofree char *to = g_strconcat (self->folder, "/", destination, NULL);
  g_autoptr (GError) error = NULL;

  bs_qga_copy_out (self->qga, from, to, SOON (), NULL, &error);
  g_assert_no_error (error);
}

static void
test_copies_out (Agent *self, gconstpointer data)
{
  g_autofree char *script = g_strdup_printf (
      "cd %s; mkdir -p tree/sub there; echo one > 'tree/sub/-a b'; chmod 4640 'tree/sub/-a b'; ln -s /etc tree/link; "
      "seq 100000 > tree/large",
      self->folder);
  g_autofree char *list = g_strdup_printf (
      "cd %s; find new there single linked -printf '%%p %%m %%l\n' | sort; cmp tree/large new/large; "
      "ls -d /var/tmp/bs-copy-* /tmp/bs-copy-* 2>/dev/null; true",
      self->folder);
  g_auto (Output) output = { 0 };

  g_assert_cmpint (run_sh (self, script, &output).exit_code, ==, 0);
  copy_out (self, "tree", "new");
  copy_out (self, "tree/sub", "there");
  copy_out (self, "tree/sub/.", "there/");
  copy_out (self, "tree/sub/-a b", "single");
  copy_out (self, "tree/link", "linked");
  run_sh (self, list, &output);
  g_assert_cmpstr (output.out->str, ==,
                   "linked 777 /etc\nnew 755 \nnew/large 644 \nnew/link 777 /etc\nnew/sub 755 \nnew/sub/-a b 640 \n"
                   "single 640 \nthere 755 \nthere/-a b 640 \nthere/sub 755 \nthere/sub/-a b 640 \n");
}

static void
test_copies_out_that_fail (Agent *self, gconstpointer data)
{
  g_autofree char *source = g_build_filename (self->folder, "nothing", NULL);
  g_autoptr (GError) missing = NULL, nowhere = NULL, cancelled = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_assert_false (bs_qga_copy_out (self->qga, source, "/tmp", SOON (), NULL, &missing));
  g_assert_error (missing, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_true (g_str_has_suffix (missing->message, "/nothing' out of the guest: there is no such file or folder"));
  fixture_write (source, "x", 0644);
  g_assert_false (bs_qga_copy_out (self->qga, source, "/tmp/no/such/place", SOON (), NULL, &nowhere));
  g_assert_error (nowhere, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_cancellable_cancel (cancellable);
  g_assert_false (bs_qga_copy_out (self->qga, source, "/tmp", SOON (), cancellable, &cancelled));
  g_assert_error (cancelled, BS_ERROR, BS_ERROR_CANCELLED);
}

static void
test_a_remote_over_it (Agent *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "sub/file", NULL), *found = NULL;
  const char *const argv[] = { "sh", "-c", "echo reason; exit 4", NULL };
  BsRemote remote = remote_of (self);
  g_autoptr (GError) error = NULL;

  bs_remote_write (&remote, path, "text", 4, 0600, NULL, FALSE, &error);
  g_assert_no_error (error);
  found = fixture_read (path);
  g_assert_cmpstr (found, ==, "text");
  g_assert_false (bs_remote_run (&remote, argv, NULL, NULL, NULL, &error));
  g_assert_cmpstr (error->message, ==, "'sh -c echo reason; exit 4' exited with 4: reason");
}

static void
test_interfaces (Agent *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = bs_qga_interfaces (self->qga, SOON (), NULL, &error);
  gboolean loopback = FALSE;

  g_assert_no_error (error);
  for (guint i = 0; i < list->len; i++)
    {
      const BsQgaInterface *interface = g_ptr_array_index (list, i);

      loopback = loopback
                 || (strcmp (interface->name, "lo") == 0
                     && g_strv_contains ((const char *const *) interface->addresses, "127.0.0.1/8"));
    }
  g_assert_true (loopback);
}

static void
test_an_agent_that_dies (Agent *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  BsRemote remote = remote_of (self);
  g_autofree char *script = g_strdup_printf ("kill -9 %d; sleep 1000", self->pid);
  const char *const argv[] = { "sh", "-c", script, NULL };

  g_assert_false (bs_remote_run (&remote, argv, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_cmpstr (error->message, ==, "the channel of the guest's agent is closed");
}

#define AGENT_TEST(path, function) g_test_add (path, Agent, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *program = g_find_program_in_path ("qemu-ga");

  g_test_init (&argc, &argv, NULL);
  if (program == NULL)
    {
      printf ("1..0 # SKIP needs qemu-ga\n");
      return 0;
    }
  AGENT_TEST ("/qga/answers", test_it_answers);
  AGENT_TEST ("/qga/left-over", test_what_was_left_over_is_discarded);
  AGENT_TEST ("/qga/errors", test_errors_are_the_agents);
  AGENT_TEST ("/qga/exec/streams", test_streams_and_exit_codes);
  AGENT_TEST ("/qga/exec/big", test_big_output);
  AGENT_TEST ("/qga/exec/environment", test_environment_folder_input);
  AGENT_TEST ("/qga/exec/user", test_another_user);
  AGENT_TEST ("/qga/exec/not-found", test_what_cannot_start);
  AGENT_TEST ("/qga/exec/timeout", test_time_runs_out);
  AGENT_TEST ("/qga/exec/cancel", test_cancelling_kills);
  AGENT_TEST ("/qga/exec/signals", test_signals_are_passed_on);
  AGENT_TEST ("/qga/exec/terminal", test_no_terminals);
  AGENT_TEST ("/qga/files", test_files);
  AGENT_TEST ("/qga/copy/good", test_copies);
  AGENT_TEST ("/qga/copy/fails", test_copies_that_fail);
  AGENT_TEST ("/qga/copy/out", test_copies_out);
  AGENT_TEST ("/qga/copy/out-fails", test_copies_out_that_fail);
  AGENT_TEST ("/qga/remote", test_a_remote_over_it);
  AGENT_TEST ("/qga/interfaces", test_interfaces);
  AGENT_TEST ("/qga/dies", test_an_agent_that_dies);
  return g_test_run ();
}
