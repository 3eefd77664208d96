/* SPDX-License-Identifier: Apache-2.0 */
/* Files: whole or not at all, and never waiting for anybody. */
#include "bs-error.h"
#include "namespace.h"
#include "scratch.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

static void
test_write_makes_the_file_with_the_exact_mode (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;
  mode_t old = umask (077);
  struct stat st;

  scratch_init (&scratch);
  bs_file_write_atomic (scratch.fd, "f", "hello", 5, 0644, &error);
  umask (old);
  g_assert_no_error (error);
  g_assert_cmpint (fstatat (scratch.fd, "f", &st, 0), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0644);
  g_assert_cmpint (st.st_size, ==, 5);
}

static void
test_write_replaces_a_link_and_not_its_target (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *target = NULL, *link = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "target", "old");
  g_assert_cmpint (symlinkat ("target", scratch.fd, "link"), ==, 0);
  g_assert_true (bs_file_write_atomic (scratch.fd, "link", "new", 3, 0600, NULL));
  target = bs_file_read (scratch.fd, "target", 10, NULL, NULL);
  link = bs_file_read (scratch.fd, "link", 10, NULL, NULL);
  g_assert_cmpstr (target, ==, "old");
  g_assert_cmpstr (link, ==, "new");
}

static void
test_write_below_a_missing_folder_is_not_found (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  g_assert_false (bs_file_write_atomic (scratch.fd, "no/f", "x", 1, 0600, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "cannot write 'no/f': No such file or directory");
}

static void
fill_small_disk (const char *path)
{
  g_autofree char *big = g_strnfill (1024 * 1024, 'x'), *name = g_build_filename (path, "f", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;

  g_assert_cmpint (mount ("tmpfs", path, "tmpfs", 0, "size=64k"), ==, 0);
  g_assert_true (bs_file_write_atomic (AT_FDCWD, name, "old", 3, 0600, NULL));
  g_assert_false (bs_file_write_atomic (AT_FDCWD, name, big, 1024 * 1024, 0600, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_true (g_str_has_suffix (error->message, "/f': No space left on device"));
  g_assert_nonnull (bs_error_hint (error));
  text = bs_file_read (AT_FDCWD, name, 10, NULL, NULL);
  g_assert_cmpstr (text, ==, "old");
  /* Nothing half-written stays: "f" is the only name. */
  dir = g_dir_open (path, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "f");
  g_assert_null (g_dir_read_name (dir));
}

static void
test_full_disk_leaves_the_old_content (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  namespace_run (fill_small_disk, scratch.path);
}

/* Writes for ever, first all 'a', then all 'b', and so on. */
static void G_GNUC_NORETURN
write_for_ever (Scratch *scratch)
{
  char page[8192];

  for (int i = 0;; i++)
    {
      memset (page, 'a' + i % 26, sizeof page);
      bs_file_write_atomic (scratch->fd, "f", page, sizeof page, 0600, NULL);
    }
}

static void
test_killed_writer_leaves_whole_content (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  for (int round = 0; round < 20; round++)
    {
      pid_t pid = fork ();
      g_autofree char *text = NULL;
      gsize length = 0;

      if (pid == 0)
        write_for_ever (&scratch);
      while (!scratch_has (&scratch, "f"))
        g_thread_yield ();
      g_usleep ((gulong) (100 + 50 * round));
      kill (pid, SIGKILL);
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
      text = bs_file_read (scratch.fd, "f", 10000, &length, NULL);
      g_assert_cmpuint (length, ==, 8192);
      for (gsize i = 1; i < length; i++)
        g_assert_cmpint (text[i], ==, text[0]);
    }
}

static void
test_read_gives_content_and_length (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *text = NULL, *empty = NULL;
  gsize length = 0;

  scratch_init (&scratch);
  scratch_write (&scratch, "f", "hello");
  scratch_write (&scratch, "empty", "");
  text = bs_file_read (scratch.fd, "f", 5, &length, NULL);
  g_assert_cmpstr (text, ==, "hello");
  g_assert_cmpuint (length, ==, 5);
  empty = bs_file_read (scratch.fd, "empty", 0, &length, NULL);
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpuint (length, ==, 0);
}

static void
test_read_of_a_large_file_is_whole (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *big = g_strnfill (300000, 'x'), *text = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "f", big);
  text = bs_file_read (scratch.fd, "f", G_MAXSIZE, NULL, NULL);
  g_assert_cmpstr (text, ==, big);
}

static void
test_read_over_the_limit_is_invalid (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "f", "hello");
  g_assert_null (bs_file_read (scratch.fd, "f", 4, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "'f' is larger than 4 bytes");
}

static void
test_read_of_a_missing_file_is_not_found (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  g_assert_null (bs_file_read (scratch.fd, "no", 4, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "cannot read 'no': No such file or directory");
}

static void
make_socket (Scratch *scratch)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  bs_autofd int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/socket", scratch->path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
}

static void
test_read_of_other_kinds_is_refused_at_once (void)
{
  static const char *const names[] = { "fifo", "folder", "socket", "/dev/zero" };
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  g_assert_cmpint (mkfifoat (scratch.fd, "fifo", 0600), ==, 0);
  g_assert_cmpint (mkdirat (scratch.fd, "folder", 0700), ==, 0);
  make_socket (&scratch);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strdup_printf ("'%s' is not a regular file", names[i]);

      g_assert_null (bs_file_read (scratch.fd, names[i], 100, NULL, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, text);
    }
}

static void
assert_tail (Scratch *scratch, gsize limit, const char *expected)
{
  g_autofree char *text = bs_file_read_tail (scratch->fd, "f", limit);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_tail_begins_with_a_whole_line (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  assert_tail (&scratch, 10, "");
  scratch_write (&scratch, "f", "one\ntwo\nthree\n");
  assert_tail (&scratch, 100, "one\ntwo\nthree\n");
  assert_tail (&scratch, 14, "one\ntwo\nthree\n");
  assert_tail (&scratch, 13, "two\nthree\n");
  assert_tail (&scratch, 10, "two\nthree\n");
  assert_tail (&scratch, 9, "three\n");
  assert_tail (&scratch, 3, "ee\n");
}

static void
test_tail_is_safe_to_show (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  scratch_write (&scratch, "f", "\033[2Jboot\r\npanic \xff\n");
  assert_tail (&scratch, 100, "boot\npanic \xef\xbf\xbd\n");
}

static void
test_make_dirs_makes_parents_and_takes_existing_ones (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *path = NULL;
  struct stat st;

  scratch_init (&scratch);
  path = g_build_filename (scratch.path, "a/b/c", NULL);
  g_assert_true (bs_file_make_dirs (path, 0700, NULL));
  g_assert_true (bs_file_make_dirs (path, 0700, NULL));
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0700);
}

static void
test_make_dirs_below_a_file_fails (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *path = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "f", "");
  path = g_build_filename (scratch.path, "f/b", NULL);
  text = g_strdup_printf ("cannot make folder '%s': Not a directory", path);
  g_assert_false (bs_file_make_dirs (path, 0700, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, text);
}

static void
make_in_removed_folder (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (chdir (path), ==, 0);
  g_assert_cmpint (rmdir (path), ==, 0);
  g_assert_false (bs_file_make_dirs ("a/b", 0700, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
}

static void
test_make_dirs_in_a_removed_folder_ends (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *path = NULL;
  pid_t pid;
  int status;

  scratch_init (&scratch);
  path = g_build_filename (scratch.path, "d", NULL);
  g_assert_true (bs_file_make_dirs (path, 0700, NULL));
  pid = fork ();
  if (pid == 0)
    {
      make_in_removed_folder (path);
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

static void
test_open_dir_refuses_a_file (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "f", "");
  g_assert_cmpint (bs_file_open_dir (scratch.fd, "f", &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "cannot open folder 'f': Not a directory");
}

static void
test_proc_path_reaches_the_file_by_a_short_name (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *path = NULL, *absolute = NULL, *plain = NULL, *text = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "f", "x");
  path = bs_file_proc_path (scratch.fd, "f");
  text = bs_file_read (AT_FDCWD, path, 10, NULL, NULL);
  g_assert_cmpstr (text, ==, "x");
  absolute = bs_file_proc_path (scratch.fd, "/run/x");
  g_assert_cmpstr (absolute, ==, "/run/x");
  plain = bs_file_proc_path (AT_FDCWD, "x");
  g_assert_cmpstr (plain, ==, "x");
}

/* A file of the kernel says that it is empty, and is not: as good as one that grew meanwhile. */
static void
test_read_settled (void)
{
  g_autofree char *folder = g_dir_make_tmp ("settled-XXXXXX", NULL), *path = g_build_filename (folder, "file", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize length = 0;

  g_assert_true (g_file_set_contents (path, "text", -1, NULL));
  data = bs_file_read_settled (AT_FDCWD, path, 100, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (data, ==, "text");
  g_assert_cmpuint (length, ==, 4);
  g_assert_null (bs_file_read_settled (AT_FDCWD, "/proc/self/status", 1024 * 1024, &length, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "'/proc/self/status' changed while it was read");
  g_assert_cmpstr (bs_error_hint (error), ==, "try again when nobody writes it");
  unlink (path);
  rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/file/read-settled", test_read_settled);
  g_test_add_func ("/file/write-gives-the-exact-mode", test_write_makes_the_file_with_the_exact_mode);
  g_test_add_func ("/file/write-replaces-a-link-not-its-target", test_write_replaces_a_link_and_not_its_target);
  g_test_add_func ("/file/write-below-a-missing-folder", test_write_below_a_missing_folder_is_not_found);
  g_test_add_func ("/file/full-disk-leaves-the-old-content", test_full_disk_leaves_the_old_content);
  g_test_add_func ("/file/killed-writer-leaves-whole-content", test_killed_writer_leaves_whole_content);
  g_test_add_func ("/file/read-gives-content-and-length", test_read_gives_content_and_length);
  g_test_add_func ("/file/read-of-a-large-file-is-whole", test_read_of_a_large_file_is_whole);
  g_test_add_func ("/file/read-over-the-limit-is-invalid", test_read_over_the_limit_is_invalid);
  g_test_add_func ("/file/read-of-a-missing-file", test_read_of_a_missing_file_is_not_found);
  g_test_add_func ("/file/read-of-other-kinds-is-refused-at-once", test_read_of_other_kinds_is_refused_at_once);
  g_test_add_func ("/file/tail-begins-with-a-whole-line", test_tail_begins_with_a_whole_line);
  g_test_add_func ("/file/tail-is-safe-to-show", test_tail_is_safe_to_show);
  g_test_add_func ("/file/make-dirs-makes-parents", test_make_dirs_makes_parents_and_takes_existing_ones);
  g_test_add_func ("/file/make-dirs-below-a-file-fails", test_make_dirs_below_a_file_fails);
  g_test_add_func ("/file/make-dirs-in-a-removed-folder-ends", test_make_dirs_in_a_removed_folder_ends);
  g_test_add_func ("/file/open-dir-refuses-a-file", test_open_dir_refuses_a_file);
  g_test_add_func ("/file/proc-path-is-a-short-name", test_proc_path_reaches_the_file_by_a_short_name);
  return g_test_run ();
}
