/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and files through a BsRemote, over the real guest program. */
#include "bs-remote.h"
#include "guest-fixture.h"

#include <string.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

static BsRemote
remote_of (Fixture *self, gint64 usec)
{
  BsRemote remote;

  bs_remote_over_guest (&remote, self->guest, NULL, bs_time_now_usec () + usec);
  return remote;
}

static gboolean
run_sh (Fixture *self, gint64 usec, const char *script, GBytes *input, char **output, GError **error)
{
  BsRemote remote = remote_of (self, usec);
  const char *const argv[] = { "sh", "-c", script, NULL };

  return bs_remote_run (&remote, argv, NULL, input, output, error);
}

static void
test_both_streams_are_kept (Fixture *self, gconstpointer data)
{
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (run_sh (self, 20 * BS_USEC_PER_SEC, "echo a; echo b >&2", NULL, &output, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (output, "a\n"));
  g_assert_nonnull (strstr (output, "b\n"));
}

static void
test_input_and_environment (Fixture *self, gconstpointer data)
{
  BsRemote remote = remote_of (self, 20 * BS_USEC_PER_SEC);
  const char *const argv[] = { "sh", "-c", "cat; echo $WORD", NULL }, *const env[] = { "WORD=of mouth", NULL };
  g_autoptr (GBytes) input = g_bytes_new_static ("one\ntwo\n", 8);
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (bs_remote_run (&remote, argv, env, input, &output, &error));
  g_assert_cmpstr (output, ==, "one\ntwo\nof mouth\n");
}

static void
test_only_the_end_is_kept (Fixture *self, gconstpointer data)
{
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (run_sh (self, 20 * BS_USEC_PER_SEC, "i=0; while [ $i -lt 40000 ]; do echo line $i; i=$((i+1)); done",
                         NULL, &output, &error));
  g_assert_cmpuint (strlen (output), ==, 65536);
  g_assert_true (g_str_has_suffix (output, "line 39998\nline 39999\n"));
}

static void
assert_fails (Fixture *self, gint64 usec, const char *script, BsErrorCode code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (run_sh (self, usec, script, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_failures_tell_what_was_printed (Fixture *self, gconstpointer data)
{
  gint64 usec = 20 * BS_USEC_PER_SEC;

  assert_fails (self, usec, "exit 3", BS_ERROR_FAILED, "'sh -c exit 3' exited with 3");
  assert_fails (self, usec, "echo no such thing >&2; exit 3", BS_ERROR_FAILED,
                "'sh -c echo no such thing >&2; exit 3' exited with 3: no such thing");
  assert_fails (self, usec, "echo a; echo; echo b; exit 9", BS_ERROR_FAILED,
                "'sh -c echo a; echo; echo b; exit 9' exited with 9:\n  a\n  b");
  assert_fails (self, usec, "kill -9 $$", BS_ERROR_FAILED, "'sh -c kill -9 $$' was killed by signal 9");
  assert_fails (
      self, usec,
      "printf '\\033[31mred\\007'; exit 1 # aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      BS_ERROR_FAILED,
      "'sh -c printf '\\033[31mred\\007'; exit 1 # aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'"
      " exited with 1: red?");
}

static void
test_a_command_that_hangs_is_ended (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (run_sh (self, 300 * BS_USEC_PER_MSEC, "echo begun; sleep 1000", NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_assert_true (g_regex_match_simple ("^'sh -c echo begun; sleep 1000' did not end within (300|29.)ms: begun$",
                                       error->message, 0, 0));
}

static void
test_no_time_is_left (Fixture *self, gconstpointer data)
{
  assert_fails (self, -1, "true", BS_ERROR_TIMEOUT, "no time is left to run 'sh -c true'");
}

static void
test_a_missing_program (Fixture *self, gconstpointer data)
{
  BsRemote remote = remote_of (self, 20 * BS_USEC_PER_SEC);
  const char *const argv[] = { "no-such-program", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_remote_run (&remote, argv, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
}

static gboolean
write_text (Fixture *self, const char *path, const char *text, guint mode, const char *owner, gboolean append,
            GError **error)
{
  BsRemote remote = remote_of (self, 20 * BS_USEC_PER_SEC);

  return bs_remote_write (&remote, path, text, strlen (text), mode, owner, append, error);
}

static void
assert_file (const char *path, const char *content, guint mode)
{
  g_autofree char *found = fixture_read (path);
  struct stat st;

  g_assert_cmpstr (found, ==, content);
  g_assert_true (lstat (path, &st) == 0 && S_ISREG (st.st_mode));
  g_assert_cmpuint (st.st_mode & 07777, ==, mode);
}

static void
test_files_are_written_whole (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "new folder/it's $HOME; `x`"),
                  *folder = fixture_path (self, "new folder");
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;

  write_text (self, path, "first\n", 0640, NULL, FALSE, &error);
  g_assert_no_error (error);
  assert_file (path, "first\n", 0640);
  write_text (self, path, "second\n", 04755, NULL, FALSE, &error);
  g_assert_no_error (error);
  assert_file (path, "second\n", 04755);
  write_text (self, path, "third\n", 0600, NULL, TRUE, &error);
  g_assert_no_error (error);
  assert_file (path, "second\nthird\n", 0600);
  dir = g_dir_open (folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "it's $HOME; `x`");
  g_assert_null (g_dir_read_name (dir));
}

static void
test_a_link_is_followed (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "link"), *target = fixture_path (self, "target");
  g_autofree char *read = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("target", path), ==, 0);
  write_text (self, path, "text", 0644, NULL, FALSE, &error);
  g_assert_no_error (error);
  assert_file (target, "text", 0644);
  read = g_file_read_link (path, NULL);
  g_assert_cmpstr (read, ==, "target");
}

static void
test_the_owner_is_set (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "file");
  g_autoptr (GError) error = NULL;
  struct stat st;

  if (getuid () != 0)
    {
      g_test_skip ("only root gives files away");
      return;
    }
  write_text (self, path, "text", 02755, "daemon:bin", FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_uid, ==, 1);
  g_assert_cmpuint (st.st_gid, ==, 2);
  g_assert_cmpuint (st.st_mode & 07777, ==, 02755);
}

static void
test_what_cannot_be_written (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "file"), *folder = fixture_path (self, "folder");
  g_autofree char *message = g_strdup_printf ("cannot write '%s': '%s' is a folder", folder, folder);
  g_autoptr (GError) owner = NULL, is_folder = NULL, relative = NULL, control = NULL;

  g_assert_false (write_text (self, path, "text", 0644, "nobody-of-that-name", FALSE, &owner));
  g_assert_error (owner, BS_ERROR, BS_ERROR_FAILED);
  g_assert_nonnull (strstr (owner->message, "nobody-of-that-name"));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_false (write_text (self, folder, "text", 0644, NULL, FALSE, &is_folder));
  g_assert_error (is_folder, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (is_folder->message, ==, message);
  g_assert_false (write_text (self, "etc/x", "text", 0644, NULL, FALSE, &relative));
  g_assert_error (relative, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (relative->message, ==, "'etc/x' cannot be the path of a file in a node: it is not absolute");
  g_assert_false (write_text (self, "/etc/x\ny", "text", 0644, NULL, FALSE, &control));
  g_assert_error (control, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (control->message, ==,
                   "'/etc/x\\ny' cannot be the path of a file in a node: it contains a control character");
}

static void
test_copies_respect_the_deadline (Fixture *self, gconstpointer data)
{
  g_autofree char *source = fixture_path (self, "source"), *destination = fixture_path (self, "destination");
  BsRemote remote = remote_of (self, 20 * BS_USEC_PER_SEC);
  g_autoptr (GError) error = NULL;

  fixture_write (source, "content", 0640);
  remote.copy_in (&remote, source, destination, &error);
  g_assert_no_error (error);
  assert_file (destination, "content", 0640);
  remote.deadline_usec = bs_time_now_usec () - 1;
  g_assert_false (remote.copy_in (&remote, source, destination, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_TEST ("/remote/run/streams", test_both_streams_are_kept);
  FIXTURE_TEST ("/remote/run/input", test_input_and_environment);
  FIXTURE_TEST ("/remote/run/tail", test_only_the_end_is_kept);
  FIXTURE_TEST ("/remote/run/failures", test_failures_tell_what_was_printed);
  FIXTURE_TEST ("/remote/run/hangs", test_a_command_that_hangs_is_ended);
  FIXTURE_TEST ("/remote/run/no-time", test_no_time_is_left);
  FIXTURE_TEST ("/remote/run/missing-program", test_a_missing_program);
  FIXTURE_TEST ("/remote/write/whole", test_files_are_written_whole);
  FIXTURE_TEST ("/remote/write/link", test_a_link_is_followed);
  FIXTURE_TEST ("/remote/write/owner", test_the_owner_is_set);
  FIXTURE_TEST ("/remote/write/refusals", test_what_cannot_be_written);
  FIXTURE_TEST ("/remote/copy/deadline", test_copies_respect_the_deadline);
  return g_test_run ();
}
