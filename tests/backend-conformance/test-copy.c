/* SPDX-License-Identifier: Apache-2.0 */
/* test-copy.c — files in and out */
#include "fixture.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define SPARSE_SIZE (64 * 1024 * 1024)

static char *scratch; /* a folder on the host, one per test */

static gboolean
begin (void)
{
  g_autoptr (GError) error = NULL;

  if (fixture_lacks (BS_CAP_COPY | BS_CAP_EXEC))
    return FALSE;
  fixture_need_shared ();
  scratch = g_build_filename (fixture->folder, "copy", NULL);
  bs_file_make_dirs (scratch, 0755, &error);
  g_assert_no_error (error);
  return TRUE;
}

static void
end (void)
{
  bs_file_remove_tree (AT_FDCWD, scratch, NULL);
  g_clear_pointer (&scratch, g_free);
  g_free (fixture_shell (SHARED, "rm -rf /tmp/copied /tmp/back"));
}

static char *
host_file (const char *name, const char *content, mode_t mode)
{
  char *path = g_build_filename (scratch, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  g_assert_cmpint (chmod (path, mode), ==, 0);
  return path;
}

static void
copy_in (const char *source, const char *destination)
{
  g_autoptr (GError) error = NULL;

  fixture->backend->copy_in (&fixture->lab, SHARED, source, destination, &error);
  g_assert_no_error (error);
}

static void
copy_out (const char *source, const char *destination)
{
  g_autoptr (GError) error = NULL;

  fixture->backend->copy_out (&fixture->lab, SHARED, source, destination, &error);
  g_assert_no_error (error);
}

static void
file_keeps_content_and_mode (void)
{
  g_autofree char *source = NULL, *back = NULL, *seen = NULL, *content = NULL;
  struct stat st;

  if (!begin ())
    return;
  source = host_file ("file", "some text\n", 0640);
  copy_in (source, "/tmp/copied");
  seen = fixture_shell (SHARED, "cat /tmp/copied; stat -c %a /tmp/copied");
  g_assert_cmpstr (seen, ==, "some text\n640\n");
  back = g_build_filename (scratch, "back", NULL);
  copy_out ("/tmp/copied", back);
  g_assert_true (g_file_get_contents (back, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "some text\n");
  g_assert_cmpint (stat (back, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0640);
  end ();
}

static void
existing_folder_is_copied_into (void)
{
  g_autofree char *source = NULL, *seen = NULL;

  if (!begin ())
    return;
  source = host_file ("name", "x", 0644);
  g_free (fixture_shell (SHARED, "mkdir /tmp/copied"));
  copy_in (source, "/tmp/copied");
  seen = fixture_shell (SHARED, "ls /tmp/copied");
  g_assert_cmpstr (seen, ==, "name\n");
  end ();
}

static void
folder_goes_there_and_back (void)
{
  g_autofree char *tree = NULL, *deep = NULL, *link = NULL, *back = NULL, *seen = NULL, *target = NULL, *content = NULL;

  if (!begin ())
    return;
  tree = g_build_filename (scratch, "tree", NULL);
  deep = g_build_filename (tree, "sub", NULL);
  bs_file_make_dirs (deep, 0750, NULL);
  g_free (host_file ("tree/sub/run", "#!/bin/sh\necho ran\n", 0755));
  link = g_build_filename (tree, "link", NULL);
  g_assert_cmpint (symlink ("sub/run", link), ==, 0);
  copy_in (tree, "/tmp/copied");
  seen = fixture_shell (SHARED, "/tmp/copied/link; readlink /tmp/copied/link; stat -c %a /tmp/copied/sub");
  g_assert_cmpstr (seen, ==, "ran\nsub/run\n750\n");
  back = g_build_filename (scratch, "back", NULL);
  copy_out ("/tmp/copied", back);
  target = g_build_filename (back, "link", NULL);
  g_assert_true (g_file_get_contents (target, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "#!/bin/sh\necho ran\n");
  end ();
}

static void
sparse_file_stays_sparse (void)
{
  g_autofree char *source = NULL, *back = NULL, *size = NULL;
  bs_autofd int fd = -1;
  struct stat st;

  if (!begin ())
    return;
  source = host_file ("sparse", "", 0644);
  fd = open (source, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (pwrite (fd, "end", 3, SPARSE_SIZE - 3), ==, 3);
  copy_in (source, "/tmp/copied");
  size = fixture_shell (SHARED,
                        "stat -c %s /tmp/copied; test $(du -k /tmp/copied | cut -f1) -lt 1024; tail -c3 /tmp/copied");
  g_assert_cmpstr (size, ==, "67108864\nend");
  back = g_build_filename (scratch, "back", NULL);
  copy_out ("/tmp/copied", back);
  g_assert_cmpint (stat (back, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, SPARSE_SIZE);
  g_assert_cmpint (st.st_blocks * 512, <, 1024 * 1024);
  end ();
}

static void
missing_source_is_not_found (void)
{
  g_autoptr (GError) in = NULL, out = NULL;
  g_autofree char *back = NULL;

  if (!begin ())
    return;
  g_assert_false (fixture->backend->copy_in (&fixture->lab, SHARED, "/no/such/file", "/tmp/copied", &in));
  assert_code (in, BS_ERROR_NOT_FOUND, "/no/such/file");
  back = g_build_filename (scratch, "back", NULL);
  g_assert_false (fixture->backend->copy_out (&fixture->lab, SHARED, "/no/such/file", back, &out));
  assert_code (out, BS_ERROR_NOT_FOUND, "/no/such/file");
  g_assert_false (g_file_test (back, G_FILE_TEST_EXISTS));
  end ();
}

void
add_copy_tests (void)
{
  g_test_add_func ("/conformance/copy/file-keeps-content-and-mode", file_keeps_content_and_mode);
  g_test_add_func ("/conformance/copy/existing-folder-is-copied-into", existing_folder_is_copied_into);
  g_test_add_func ("/conformance/copy/folder-goes-there-and-back", folder_goes_there_and_back);
  g_test_add_func ("/conformance/copy/sparse-file-stays-sparse", sparse_file_stays_sparse);
  g_test_add_func ("/conformance/copy/missing-source-is-not-found", missing_source_is_not_found);
}
