/* SPDX-License-Identifier: Apache-2.0 */
/* Templates in the cache: whole ones are found, all others refused; nothing in use is removed. */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-pages.h"
#include "bs-template-cache.h"

#include <string.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"
#define LENGTH (8 * 1024 * 1024)

typedef struct
{
  char *cache;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->cache = g_dir_make_tmp ("benchscale-templates-XXXXXX", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  bs_file_remove_tree (AT_FDCWD, self->cache, NULL);
  g_free (self->cache);
}

static void
write_at (int dirfd, const char *name, const char *text, off_t at, off_t length)
{
  bs_autofd int fd = openat (dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, text, strlen (text), at), ==, (gssize) strlen (text));
  if (length > 0)
    g_assert_cmpint (ftruncate (fd, length), ==, 0);
}

static void
make (Fixture *self, const char *key, const char *backing)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = bs_template_folder (self->cache, &error);
  g_autofree char *path = g_build_filename (folder, ".building", NULL);
  g_autoptr (json_t) about = json_pack ("{s:s, s:s, s:s}", "key", key, "image", "tiny", "text", "tiny, 8 MiB");
  bs_autofd int dirfd = -1;
  struct stat st;

  g_assert_no_error (error);
  g_assert_cmpint (mkdir (path, 0700), ==, 0);
  dirfd = bs_file_open_dir (AT_FDCWD, path, &error);
  write_at (dirfd, BS_TEMPLATE_RAM, "memory", 5 * 4096 + 17, LENGTH);
  write_at (dirfd, BS_TEMPLATE_STATE, "devices", 0, 0);
  if (backing != NULL && stat (backing, &st) == 0)
    json_object_set_new (about, "backing",
                         json_pack ("{s:s, s:I, s:I, s:I}", "path", backing, "size", (json_int_t) st.st_size, "inode",
                                    (json_int_t) st.st_ino, "mtime_ns",
                                    (json_int_t) st.st_mtim.tv_sec * 1000000000 + (json_int_t) st.st_mtim.tv_nsec));
  bs_template_seal (dirfd, about, NULL, NULL, &error);
  g_assert_no_error (error);
  bs_template_publish (self->cache, path, key, &error);
  g_assert_no_error (error);
}

static void
assert_refused (Fixture *self, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_template_find (self->cache, KEY, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, part));
}

static void
whole_one_is_found (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) manifest = NULL;

  g_assert_false (bs_template_find (self->cache, KEY, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_clear_error (&error);
  make (self, KEY, NULL);
  bs_template_find (self->cache, KEY, &manifest, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bs_json_string (manifest, "image", NULL), ==, "tiny");
  bs_template_verify (self->cache, KEY, NULL, &error);
  g_assert_no_error (error);
}

static void
change (Fixture *self, const char *leaf, const char *text, off_t at, gboolean keep_time)
{
  g_autofree char *path = bs_template_path (self->cache, KEY, leaf);
  struct stat st;

  g_assert_cmpint (stat (path, &st), ==, 0);
  write_at (AT_FDCWD, path, text, at, 0);
  if (keep_time)
    {
      struct timespec times[] = { st.st_atim, st.st_mtim };

      g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
    }
}

static void
changed_memory_is_refused (Fixture *self, gconstpointer data)
{
  make (self, KEY, NULL);
  change (self, BS_TEMPLATE_RAM, "M", 5 * 4096 + 17, FALSE);
  assert_refused (self, "its file 'ram' was changed");
}

static void
damage_that_keeps_the_time_is_found_by_verify (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  make (self, KEY, NULL);
  change (self, BS_TEMPLATE_RAM, "M", 5 * 4096 + 17, TRUE);
  g_assert_true (bs_template_find (self->cache, KEY, NULL, NULL));
  g_assert_false (bs_template_verify (self->cache, KEY, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "its file 'ram' is damaged"));
}

static void
damaged_state_is_refused_at_once (Fixture *self, gconstpointer data)
{
  make (self, KEY, NULL);
  change (self, BS_TEMPLATE_STATE, "D", 0, TRUE);
  assert_refused (self, "its file 'state' is damaged");
}

static void
missing_file_is_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;

  make (self, KEY, NULL);
  path = bs_template_path (self->cache, KEY, BS_TEMPLATE_STATE);
  g_assert_cmpint (unlink (path), ==, 0);
  assert_refused (self, "its file 'state' is missing");
}

static void
half_manifest_is_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;

  make (self, KEY, NULL);
  path = bs_template_path (self->cache, KEY, BS_TEMPLATE_MANIFEST);
  g_assert_cmpint (truncate (path, 20), ==, 0);
  assert_refused (self, "its manifest cannot be used");
}

static void
manifest_of_another_is_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *from = NULL, *to = NULL;

  make (self, OTHER, NULL);
  from = bs_template_path (self->cache, OTHER, NULL);
  to = bs_template_path (self->cache, KEY, NULL);
  g_assert_cmpint (rename (from, to), ==, 0);
  assert_refused (self, "its manifest is not its own");
}

static void
deleted_image_is_noticed (Fixture *self, gconstpointer data)
{
  g_autofree char *backing = g_build_filename (self->cache, "image", NULL);

  write_at (AT_FDCWD, backing, "disk", 0, 0);
  make (self, KEY, backing);
  g_assert_true (bs_template_find (self->cache, KEY, NULL, NULL));
  g_assert_cmpint (unlink (backing), ==, 0);
  assert_refused (self, "the image that it is of, '");
}

static void
holes_and_zeros_are_the_same (Fixture *self, gconstpointer data)
{
  g_autofree char *sparse = g_build_filename (self->cache, "a", NULL),
                  *copied = g_build_filename (self->cache, "b", NULL);
  g_autofree char *first = NULL, *second = NULL, *zeros = g_malloc0 (LENGTH);
  g_autoptr (GError) error = NULL;
  bs_autofd int from = -1, to = -1;
  struct stat st;

  memcpy (zeros + 3 * 4096, "abc", 3);
  g_assert_true (g_file_set_contents (sparse, zeros, LENGTH, NULL));
  from = open (sparse, O_RDONLY | O_CLOEXEC);
  to = open (copied, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  bs_pages_copy (from, to, &first, NULL, &error);
  g_assert_no_error (error);
  bs_pages_copy (to, -1, &second, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpint (fstat (to, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, LENGTH);
  g_assert_cmpint (st.st_blocks * 512, <=, 64 * 1024);
}

static void
list_and_prune (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *old = NULL;
  struct timespec times[] = { { 1000000, 0 }, { 1000000, 0 } };

  make (self, OTHER, NULL);
  make (self, KEY, NULL);
  old = bs_template_path (self->cache, OTHER, NULL);
  g_assert_cmpint (utimensat (AT_FDCWD, old, times, 0), ==, 0);
  list = bs_template_list (self->cache);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (((BsTemplateInfo *) g_ptr_array_index (list, 0))->key, ==, KEY);
  g_assert_null (((BsTemplateInfo *) g_ptr_array_index (list, 1))->problem);
  g_assert_false (((BsTemplateInfo *) g_ptr_array_index (list, 1))->in_use);
  /* The young one stays, whatever the limit. */
  g_assert_cmpuint (bs_template_prune (self->cache, 0), >, 0);
  g_assert_false (bs_template_find (self->cache, OTHER, NULL, NULL));
  g_assert_true (bs_template_find (self->cache, KEY, NULL, NULL));
}

static void
prune_removes_damaged_ones (Fixture *self, gconstpointer data)
{
  make (self, KEY, NULL);
  change (self, BS_TEMPLATE_RAM, "M", 0, FALSE);
  bs_template_prune (self->cache, G_MAXUINT64);
  g_assert_false (bs_template_find (self->cache, KEY, NULL, NULL));
}

static void
prune_leaves_what_is_locked_or_used (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL, *ram = NULL;
  char *argv[] = { (char *) "sleep", (char *) "60", NULL, NULL };
  struct timespec times[] = { { 1000000, 0 }, { 1000000, 0 } };
  GPid pid;
  int lock;

  make (self, KEY, NULL);
  path = bs_template_path (self->cache, KEY, NULL);
  ram = bs_template_path (self->cache, KEY, BS_TEMPLATE_RAM);
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  lock = bs_template_try_lock (self->cache, KEY);
  g_assert_cmpint (lock, >=, 0);
  g_assert_cmpint (bs_template_try_lock (self->cache, KEY), ==, -1);
  g_assert_cmpuint (bs_template_prune (self->cache, 0), ==, 0);
  bs_fd_clear (&lock);
  argv[0] = (char *) "tail";
  argv[1] = (char *) "-f";
  argv[2] = ram;
  g_assert_true (g_spawn_async (NULL, argv, NULL,
                                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                NULL, &pid, NULL));
  g_assert_cmpuint (bs_template_prune (self->cache, 0), ==, 0);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_assert_cmpuint (bs_template_prune (self->cache, 0), >, 0);
}

static void
keys_are_told (void)
{
  g_assert_true (bs_template_is_key (KEY));
  g_assert_false (bs_template_is_key ("0123"));
  g_assert_false (bs_template_is_key ("../456789abcdef0123456789abcdef01"));
}

#define ADD(name, function) g_test_add ("/template-cache/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole-one-is-found", whole_one_is_found);
  ADD ("changed-memory-is-refused", changed_memory_is_refused);
  ADD ("damage-that-keeps-the-time-is-found-by-verify", damage_that_keeps_the_time_is_found_by_verify);
  ADD ("damaged-state-is-refused-at-once", damaged_state_is_refused_at_once);
  ADD ("missing-file-is-refused", missing_file_is_refused);
  ADD ("half-manifest-is-refused", half_manifest_is_refused);
  ADD ("manifest-of-another-is-refused", manifest_of_another_is_refused);
  ADD ("deleted-image-is-noticed", deleted_image_is_noticed);
  ADD ("holes-and-zeros-are-the-same", holes_and_zeros_are_the_same);
  ADD ("list-and-prune", list_and_prune);
  ADD ("prune-removes-damaged-ones", prune_removes_damaged_ones);
  ADD ("prune-leaves-what-is-locked-or-used", prune_leaves_what_is_locked_or_used);
  g_test_add_func ("/template-cache/keys-are-told", keys_are_told);
  return g_test_run ();
}
