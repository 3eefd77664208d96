/* SPDX-License-Identifier: Apache-2.0 */
#include "guest-fixture.h"

#include "bs-archive.h"
#include "bs-guest-wire.h"

#include <string.h>
#include <sys/stat.h>

/* Both directions must do the same: a test is run once with each. */
typedef gboolean (*Copy) (BsGuest *, const char *, const char *, BsGuestProgress, gpointer, GCancellable *, GError **);

#define IN GINT_TO_POINTER (1)
#define OUT GINT_TO_POINTER (2)

static Copy
function_of (gconstpointer direction)
{
  return direction == IN ? bs_guest_copy_in : bs_guest_copy_out;
}

static void
copy_ok (Fixture *self, gconstpointer direction, const char *source, const char *destination)
{
  Copy copy = function_of (direction);
  g_autoptr (GError) error = NULL;

  copy (self->guest, source, destination, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
copy_fails (Fixture *self, gconstpointer direction, const char *source, const char *destination, BsErrorCode code,
            const char *text)
{
  Copy copy = function_of (direction);
  g_autoptr (GError) error = NULL;

  g_assert_false (copy (self->guest, source, destination, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' does not contain '%s'", error->message, text);
  g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_file (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "a"), *destination = fixture_path (self, "b"), *content = NULL;
  struct timespec times[2] = { { 1000, 5 }, { 1234567890, 123456789 } };
  struct stat st;

  fixture_write (source, "hello", 0640);
  g_assert_cmpint (utimensat (AT_FDCWD, source, times, 0), ==, 0);
  copy_ok (self, direction, source, destination);
  content = fixture_read (destination);
  g_assert_cmpstr (content, ==, "hello");
  g_assert_cmpint (stat (destination, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0640);
  g_assert_cmpint (st.st_mtim.tv_sec, ==, 1234567890);
  g_assert_cmpint (st.st_mtim.tv_nsec, ==, 123456789);
  g_assert_cmpuint (count_entries (self->folder), ==, 2);
}

static void
test_empty_file (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "a"), *destination = fixture_path (self, "b"), *content = NULL;

  fixture_write (source, "", 0600);
  copy_ok (self, direction, source, destination);
  content = fixture_read (destination);
  g_assert_cmpstr (content, ==, "");
}

static void
test_into_folder (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "a"), *folder = fixture_path (self, "d"),
                  *there = fixture_path (self, "d/a"), *missing = fixture_path (self, "nope/"), *content = NULL;

  fixture_write (source, "hello", 0600);
  g_assert_cmpint (mkdir (folder, 0755), ==, 0);
  copy_ok (self, direction, source, folder);
  content = fixture_read (there);
  g_assert_cmpstr (content, ==, "hello");
  copy_fails (self, direction, source, missing, BS_ERROR_NOT_FOUND, "nope/': No such file or directory");
}

static void
make_tree (Fixture *self)
{
  g_autofree char *tree = fixture_path (self, "tree"), *sub = fixture_path (self, "tree/sub"),
                  *deep = fixture_path (self, "tree/sub/deep"), *file = fixture_path (self, "tree/sub/file"),
                  *script = fixture_path (self, "tree/script"), *link = fixture_path (self, "tree/link");

  g_assert_cmpint (mkdir (tree, 0755), ==, 0);
  g_assert_cmpint (mkdir (sub, 0755), ==, 0);
  g_assert_cmpint (mkdir (deep, 0700), ==, 0);
  fixture_write (file, "in sub", 0444);
  fixture_write (script, "#!/bin/sh\n", 0755);
  g_assert_cmpint (symlink ("sub/../nowhere", link), ==, 0);
  g_assert_cmpint (chmod (sub, 0550), ==, 0);
}

static void
assert_tree (const char *root)
{
  g_autofree char *sub = g_build_filename (root, "sub", NULL), *file = g_build_filename (root, "sub/file", NULL),
                  *deep = g_build_filename (root, "sub/deep", NULL), *script = g_build_filename (root, "script", NULL),
                  *link = g_build_filename (root, "link", NULL), *content = fixture_read (file),
                  *target = g_file_read_link (link, NULL);
  struct stat st;

  g_assert_cmpstr (content, ==, "in sub");
  g_assert_cmpstr (target, ==, "sub/../nowhere");
  g_assert_cmpint (stat (sub, &st) == 0 ? st.st_mode & 07777 : 0, ==, 0550);
  g_assert_cmpint (stat (deep, &st) == 0 ? st.st_mode & 07777 : 0, ==, 0700);
  g_assert_cmpint (stat (file, &st) == 0 ? st.st_mode & 07777 : 0, ==, 0444);
  g_assert_cmpint (stat (script, &st) == 0 ? st.st_mode & 07777 : 0, ==, 0755);
  g_assert_cmpint (chmod (sub, 0755), ==, 0); /* so that it can be removed */
}

static void
test_tree (Fixture *self, gconstpointer direction)
{
  g_autofree char *tree = fixture_path (self, "tree"), *copy = fixture_path (self, "copy"),
                  *into = fixture_path (self, "copy/tree"), *dot = fixture_path (self, "tree/."),
                  *merged = fixture_path (self, "merged"), *source_sub = fixture_path (self, "tree/sub");

  make_tree (self);
  copy_ok (self, direction, tree, copy);
  assert_tree (copy);
  copy_ok (self, direction, tree, copy); /* exists now: into it */
  assert_tree (into);
  copy_ok (self, direction, tree, copy); /* and over that */
  assert_tree (into);
  g_assert_cmpint (mkdir (merged, 0755), ==, 0);
  copy_ok (self, direction, dot, merged);
  assert_tree (merged);
  g_assert_cmpint (chmod (source_sub, 0755), ==, 0);
}

static void
test_many_small_files (Fixture *self, gconstpointer direction)
{
  g_autofree char *tree = fixture_path (self, "many"), *copy = fixture_path (self, "copy");

  g_assert_cmpint (mkdir (tree, 0755), ==, 0);
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u", tree, i);

      fixture_write (path, path, 0644);
    }
  copy_ok (self, direction, tree, copy);
  g_assert_cmpuint (count_entries (copy), ==, 300);
  for (guint i = 0; i < 300; i += 99)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u", copy, i), *original = g_strdup_printf ("%s/%u", tree, i),
                      *content = fixture_read (path);

      g_assert_cmpstr (content, ==, original);
    }
}

static void
test_sparse (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "a"), *destination = fixture_path (self, "b");
  bs_autofd int fd = open (source, O_RDWR | O_CREAT | O_CLOEXEC, 0600), copy = -1;
  char block[4096] = "data", back[4];
  struct stat st;

  g_assert_cmpint (pwrite (fd, block, sizeof block, 300 << 20), ==, sizeof block);
  g_assert_cmpint (ftruncate (fd, 500 << 20), ==, 0);
  g_assert_cmpint (fstat (fd, &st), ==, 0);
  if (st.st_blocks > 1024)
    {
      g_test_skip ("this file system has no holes");
      return;
    }
  copy_ok (self, direction, source, destination);
  copy = open (destination, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fstat (copy, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 500 << 20);
  g_assert_cmpint (st.st_blocks, <, 1024);
  g_assert_cmpint (pread (copy, back, 4, 300 << 20), ==, 4);
  g_assert_cmpmem (back, 4, "data", 4);
}

static void
add_up (guint64 bytes, gpointer user_data)
{
  g_assert_cmpuint (bytes, >=, *(guint64 *) user_data);
  *(guint64 *) user_data = bytes;
}

static void
test_big_with_progress (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "a"), *destination = fixture_path (self, "b"), *back = NULL;
  g_autofree char *content = g_malloc (24 << 20);
  g_autoptr (GError) error = NULL;
  guint64 progress = 0;
  gsize length;

  for (gsize i = 0; i < 24 << 20; i++)
    content[i] = (char) (i * 2654435761u >> 11);
  g_assert_true (g_file_set_contents (source, content, 24 << 20, NULL));
  function_of (direction) (self->guest, source, destination, add_up, &progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (progress, ==, 24 << 20);
  g_assert_true (g_file_get_contents (destination, &back, &length, NULL));
  g_assert_cmpmem (content, 24 << 20, back, length);
}

static void
test_errors (Fixture *self, gconstpointer direction)
{
  g_autofree char *missing = fixture_path (self, "missing"), *file = fixture_path (self, "file"),
                  *nowhere = fixture_path (self, "no/where"), *folder = fixture_path (self, "d"),
                  *in_the_way = fixture_path (self, "d/file"), *fifo = fixture_path (self, "fifo");

  fixture_write (file, "x", 0600);
  g_assert_cmpint (mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (mkdir (in_the_way, 0755), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  copy_fails (self, direction, missing, folder, BS_ERROR_NOT_FOUND, "missing': No such file or directory");
  copy_fails (self, direction, file, nowhere, BS_ERROR_NOT_FOUND, "no': No such file or directory");
  copy_fails (self, direction, file, folder, BS_ERROR_FAILED, "d/file': Is a directory");
  copy_fails (self, direction, fifo, folder, BS_ERROR_FAILED, "is neither file, folder nor link:");
  copy_fails (self, direction, folder, file, BS_ERROR_FAILED, "Not a directory");
  copy_fails (self, direction, file, fifo, BS_ERROR_FAILED, "fifo'");
  g_assert_cmpuint (count_entries (folder), ==, 1);
  g_assert_cmpuint (count_entries (self->folder), ==, 3);
}

static void
cancel_soon (guint64 bytes, gpointer user_data)
{
  if (bytes > 100000)
    g_cancellable_cancel (user_data);
}

static void
test_cancelled_leaves_nothing (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "a"), *folder = fixture_path (self, "d"),
                  *destination = fixture_path (self, "d/b");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *content = g_malloc0 (4 << 20);
  g_autoptr (GError) error = NULL;

  memset (content, 7, 4 << 20);
  g_assert_true (g_file_set_contents (source, content, 4 << 20, NULL));
  g_assert_cmpint (mkdir (folder, 0755), ==, 0);
  g_assert_false (
      function_of (direction) (self->guest, source, destination, cancel_soon, cancellable, cancellable, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpuint (count_entries (folder), ==, 0);
  g_assert_true (bs_guest_ping (self->guest, SOON (), NULL, NULL));
}

static void
test_own_link_to_a_file (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "a"), *real = fixture_path (self, "real"),
                  *link = fixture_path (self, "link"), *content = NULL;

  fixture_write (source, "new", 0600);
  fixture_write (real, "old", 0600);
  g_assert_cmpint (symlink ("real", link), ==, 0);
  copy_ok (self, direction, source, link);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  content = fixture_read (real);
  g_assert_cmpstr (content, ==, "new");
}

/* The guest sends a link, then a file by the same name: the link's target is not ours to write. */
static void
test_link_of_the_guest_to_a_file (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "rep"), *out = fixture_path (self, "out"),
                  *victim = fixture_path (self, "victim"), *copy = fixture_path (self, "out/rep"), *kept = NULL,
                  *content = NULL;

  fixture_write (victim, "precious", 0600);
  g_assert_cmpint (mkdir (out, 0755), ==, 0);
  g_assert_cmpint (symlink (victim, source), ==, 0);
  copy_ok (self, direction, source, copy);
  g_assert_true (g_file_test (copy, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (unlink (source), ==, 0);
  fixture_write (source, "evil", 0600);
  copy_ok (self, direction, source, copy);
  kept = fixture_read (victim);
  g_assert_cmpstr (kept, ==, "precious");
  g_assert_false (g_file_test (copy, G_FILE_TEST_IS_SYMLINK));
  content = fixture_read (copy);
  g_assert_cmpstr (content, ==, "evil");
}

static void
copy_folder_over_link (Fixture *self, gconstpointer direction, const char *source, const char *destination)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (function_of (direction) (self->guest, source, destination, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "out/rep': it is a symbolic link"));
  g_assert_nonnull (strstr (bs_error_hint (error), "remove the symbolic link"));
}

static void
test_link_of_the_guest_to_a_folder (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "rep"), *out = fixture_path (self, "out"),
                  *victim = fixture_path (self, "victim"), *copy = fixture_path (self, "out/rep"),
                  *file = fixture_path (self, "rep/file"), *slash = fixture_path (self, "out/rep/");

  g_assert_cmpint (mkdir (victim, 0755), ==, 0);
  g_assert_cmpint (mkdir (out, 0755), ==, 0);
  g_assert_cmpint (symlink (victim, copy), ==, 0);
  g_assert_cmpint (mkdir (source, 0755), ==, 0);
  fixture_write (file, "evil", 0600);
  copy_folder_over_link (self, direction, source, copy);
  copy_folder_over_link (self, direction, source, out);
  g_assert_cmpuint (count_entries (victim), ==, 0);
  copy_ok (self, direction, file, slash); /* the user says so */
  g_assert_cmpuint (count_entries (victim), ==, 1);
  copy_ok (self, direction, file, copy); /* without the slash it is only a name */
  g_assert_false (g_file_test (copy, G_FILE_TEST_IS_SYMLINK));
}

static void
test_device_in_folder (Fixture *self, gconstpointer direction)
{
  g_autofree char *folder = fixture_path (self, "d"), *fifo = fixture_path (self, "d/fifo"),
                  *copy = fixture_path (self, "copy");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_false (function_of (direction) (self->guest, folder, copy, NULL, NULL, NULL, &error));
  g_assert_cmpint (bs_error_exit_code (error), ==, 4);
  g_assert_nonnull (strstr (error->message, "d/fifo'"));
  g_assert_nonnull (strstr (bs_error_hint (error), "leave devices, sockets and FIFOs out"));
}

static void
test_owner_and_setuid (Fixture *self, gconstpointer direction)
{
  g_autofree char *source = fixture_path (self, "a"), *destination = fixture_path (self, "b");
  gboolean out = direction == OUT;
  struct stat st;

  if (getuid () != 0)
    {
      g_test_skip ("needs root");
      return;
    }
  fixture_write (source, "x", 0644);
  g_assert_cmpint (chown (source, 1234, 4321), ==, 0);
  g_assert_cmpint (chmod (source, 04755), ==, 0);
  copy_ok (self, direction, source, destination);
  g_assert_cmpint (stat (destination, &st), ==, 0);
  g_assert_cmpuint (st.st_uid, ==, out ? 0 : 1234); /* and what comes out of it is the caller's */
  g_assert_cmpuint (st.st_gid, ==, out ? 0 : 4321);
  g_assert_cmpuint (st.st_mode & 07777, ==, out ? 0755 : 04755); /* never a set-user-id file from a guest */
}

static void
test_proc_file (Fixture *self, gconstpointer direction)
{
  g_autofree char *destination = fixture_path (self, "b"), *content = NULL, *expected = fixture_read ("/proc/version");

  copy_ok (self, direction, "/proc/version", destination);
  content = fixture_read (destination);
  g_assert_cmpstr (content, ==, expected);
}

/* Extents but the last end at whole pages, whatever room there is. */
static void
test_extents_are_aligned (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "bs-extents-XXXXXX", NULL);
  bs_autofd int fd = g_mkstemp (path);
  g_autofree guint8 *data = g_malloc0 (200001), *buffer = g_malloc (65536);
  BsArchiveError error;
  BsPack *pack = bs_pack_new (path, &error);
  gsize at = BS_ARCHIVE_HEADER;
  guint64 end = 0;
  gssize n;

  memset (data, 1, 200001);
  g_assert_true (bs_fd_write_all (fd, data, 200001));
  for (; (n = bs_pack_read (pack, buffer, 65536, &error)) > 0; at = 0)
    for (; end < 200001 && at < (gsize) n; at += BS_ARCHIVE_EXTENT + bs_wire_get32 (buffer + at + 8))
      {
        g_assert_cmpuint (bs_wire_get64 (buffer + at), ==, end);
        end += bs_wire_get32 (buffer + at + 8);
        g_assert_true (end % 4096 == 0 || end > 200001 - 4096);
      }
  g_assert_cmpint (n, ==, 0);
  g_assert_cmpuint (end, ==, 200001);
  bs_pack_free (pack);
  g_assert_cmpint (unlink (path), ==, 0);
}

static void
add_both (const char *name, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *in = g_strdup_printf ("/guest/copy-in/%s", name),
                  *out = g_strdup_printf ("/guest/copy-out/%s", name);

  g_test_add (in, Fixture, IN, fixture_set_up, test, fixture_tear_down);
  g_test_add (out, Fixture, OUT, fixture_set_up, test, fixture_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_both ("file", test_file);
  add_both ("empty-file", test_empty_file);
  add_both ("into-folder", test_into_folder);
  add_both ("tree", test_tree);
  add_both ("many-small-files", test_many_small_files);
  add_both ("sparse", test_sparse);
  add_both ("big-with-progress", test_big_with_progress);
  add_both ("errors", test_errors);
  add_both ("cancelled-leaves-nothing", test_cancelled_leaves_nothing);
  g_test_add ("/guest/copy-in/own-link-to-a-file", Fixture, IN, fixture_set_up, test_own_link_to_a_file,
              fixture_tear_down);
  g_test_add ("/guest/copy-out/link-of-the-guest-to-a-file", Fixture, OUT, fixture_set_up,
              test_link_of_the_guest_to_a_file, fixture_tear_down);
  g_test_add ("/guest/copy-out/link-of-the-guest-to-a-folder", Fixture, OUT, fixture_set_up,
              test_link_of_the_guest_to_a_folder, fixture_tear_down);
  add_both ("device-in-folder", test_device_in_folder);
  add_both ("owner-and-setuid", test_owner_and_setuid);
  add_both ("proc-file", test_proc_file);
  g_test_add_func ("/pack/extents-are-aligned", test_extents_are_aligned);
  return g_test_run ();
}
