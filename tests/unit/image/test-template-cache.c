/* SPDX-License-Identifier: Apache-2.0 */
/* Templates in the cache: whole ones are found, all others refused; nothing in use is removed. */
#include "bs-cache-hold.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-cache.h"
#include "bs-pages.h"
#include "bs-template-cache.h"

#include <glib/gstdio.h>
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
make_of (Fixture *self, const char *key, const char *backing, gboolean kept)
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
  if (kept)
    json_object_set_new (about, "kept", json_true ());
  bs_template_seal (dirfd, about, NULL, NULL, &error);
  g_assert_no_error (error);
  bs_template_publish (self->cache, path, key, &error);
  g_assert_no_error (error);
}

static void
make (Fixture *self, const char *key, const char *backing)
{
  make_of (self, key, backing, FALSE);
}

static void
make_kept (Fixture *self, const char *key)
{
  make_of (self, key, NULL, TRUE);
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
make_old (Fixture *self, const char *key, gint64 seconds)
{
  g_autofree char *path = bs_template_path (self->cache, key, NULL);
  const struct timespec times[] = { { time (NULL) - seconds, 0 }, { time (NULL) - seconds, 0 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static gboolean
is_there (Fixture *self, const char *key)
{
  g_autofree char *path = bs_template_path (self->cache, key, NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

/* What was removed, and what could not be, one a line: "template-01234567: why" or "… stays: problem". */
static char *
prune (Fixture *self, BsImagePrune options)
{
  BsImageWork work = { .cache_dir = self->cache };
  g_autoptr (GPtrArray) pruned = bs_image_prune (&work, &options, NULL);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < pruned->len; i++)
    {
      const BsImagePruned *item = g_ptr_array_index (pruned, i);

      g_string_append_printf (text, "%s%s%s: %s\n", item->what, item->problem != NULL ? " stays: " : "",
                              item->problem != NULL ? item->problem : "", item->why);
    }
  return g_string_free (text, FALSE);
}

static void
keep (Fixture *self, guint64 limit)
{
  BsImageWork work = { .cache_dir = self->cache, .limit_bytes = limit };

  bs_image_keep_limit (&work);
}

/* A lab that was recorded in the cache's own folder; its witness can be deleted. */
static void
hold (Fixture *self, const char *id, const char *file, const char *key)
{
  g_autofree char *witness = g_build_filename (self->cache, id, NULL);
  const char *const files[] = { file, NULL }, *const templates[] = { key, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (witness, id, -1, NULL));
  bs_cache_hold (self->cache, id, witness, files, templates, &error);
  g_assert_no_error (error);
}

static void
forget_lab (Fixture *self, const char *id)
{
  g_autofree char *witness = g_build_filename (self->cache, id, NULL);

  g_assert_cmpint (unlink (witness), ==, 0);
}

static void
list_is_by_use (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  make (self, OTHER, NULL);
  make (self, KEY, NULL);
  make_old (self, OTHER, 1000);
  list = bs_template_list (self->cache);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (((BsTemplateInfo *) g_ptr_array_index (list, 0))->key, ==, KEY);
  g_assert_null (((BsTemplateInfo *) g_ptr_array_index (list, 1))->problem);
  g_assert_false (((BsTemplateInfo *) g_ptr_array_index (list, 1))->in_use);
}

static void
limit_takes_the_least_recently_used (Fixture *self, gconstpointer data)
{
  make (self, OTHER, NULL);
  make (self, KEY, NULL);
  make_old (self, OTHER, 3000);
  make_old (self, KEY, 2000);
  keep (self, 0);
  g_assert_true (is_there (self, OTHER));
  keep (self, G_MAXUINT64);
  g_assert_true (is_there (self, OTHER));
  /* Each takes some 12 KiB. */
  keep (self, 20 * 1024);
  g_assert_false (is_there (self, OTHER));
  g_assert_true (is_there (self, KEY));
  keep (self, 1);
  g_assert_false (is_there (self, KEY));
}

static void
limit_spares_what_was_used_a_moment_ago (Fixture *self, gconstpointer data)
{
  make (self, KEY, NULL);
  make_old (self, KEY, 60);
  keep (self, 1);
  g_assert_true (is_there (self, KEY));
}

static void
prune_removes_damaged_ones (Fixture *self, gconstpointer data)
{
  g_autofree char *pruned = NULL;

  make (self, KEY, NULL);
  change (self, BS_TEMPLATE_RAM, "M", 0, FALSE);
  pruned = prune (self, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, -1 });
  g_assert_cmpstr (pruned, ==, "template-01234567: it is damaged\n");
  g_assert_false (is_there (self, KEY));
}

static void
what_verify_found_is_refused (Fixture *self, gconstpointer data)
{
  static const char *const all[] = { NULL }, *const shown[] = { "template-01234567", NULL };
  BsImageWork work = { .cache_dir = self->cache };
  g_autoptr (GPtrArray) verdicts = NULL;
  const BsImageVerdict *verdict;

  make (self, KEY, NULL);
  change (self, BS_TEMPLATE_RAM, "M", 5 * 4096 + 17, TRUE);
  g_assert_true (bs_template_find (self->cache, KEY, NULL, NULL));
  verdicts = bs_image_verify (&work, all, NULL);
  g_assert_cmpuint (verdicts->len, ==, 1);
  verdict = g_ptr_array_index (verdicts, 0);
  g_assert_cmpstr (verdict->name, ==, "template-01234567");
  g_assert_nonnull (strstr (verdict->problem, "its file 'ram' is damaged"));
  assert_refused (self, "its file 'ram' is damaged");
  /* Mended, it is used again. */
  change (self, BS_TEMPLATE_RAM, "m", 5 * 4096 + 17, TRUE);
  g_clear_pointer (&verdicts, g_ptr_array_unref);
  verdicts = bs_image_verify (&work, shown, NULL);
  g_assert_null (((BsImageVerdict *) g_ptr_array_index (verdicts, 0))->problem);
  g_assert_true (bs_template_find (self->cache, KEY, NULL, NULL));
}

static void
prune_leaves_what_is_locked_or_used (Fixture *self, gconstpointer data)
{
  g_autofree char *ram = NULL, *first = NULL, *second = NULL;
  char *argv[] = { (char *) "tail", (char *) "-f", NULL, NULL };
  const BsImagePrune all = { TRUE, FALSE, G_MAXUINT64, -1 };
  GPid pid;
  int lock;

  make (self, KEY, NULL);
  argv[2] = ram = bs_template_path (self->cache, KEY, BS_TEMPLATE_RAM);
  lock = bs_template_try_lock (self->cache, KEY);
  g_assert_cmpint (lock, >=, 0);
  g_assert_cmpint (bs_template_try_lock (self->cache, KEY), ==, -1);
  first = prune (self, all);
  g_assert_cmpstr (first, ==, "template-01234567 stays: it is being made: all are to go\n");
  bs_fd_clear (&lock);
  g_assert_true (g_spawn_async (NULL, argv, NULL,
                                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                NULL, &pid, NULL));
  second = prune (self, all);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_assert_cmpstr (second, ==, "template-01234567 stays: a process uses it: all are to go\n");
  g_free (prune (self, all));
  g_assert_false (is_there (self, KEY));
}

#define LAB "5a3e1f4e-7d0b-4f43-8a5c-0c5a2d1b9e77"

static void
what_a_lab_was_forked_from_stays (Fixture *self, gconstpointer data)
{
  const BsImagePrune all = { TRUE, FALSE, G_MAXUINT64, -1 };
  g_autofree char *pruned = NULL, *path = NULL;

  make (self, KEY, NULL);
  make_old (self, KEY, 100000);
  hold (self, LAB, NULL, KEY);
  keep (self, 1);
  pruned = prune (self, all);
  g_assert_cmpstr (pruned, ==, "template-01234567 stays: a lab was forked from it: all are to go\n");
  g_assert_true (is_there (self, KEY));
  /* The lab is gone without a word: so is what it held. */
  forget_lab (self, LAB);
  keep (self, 1);
  g_assert_false (is_there (self, KEY));
  path = g_build_filename (self->cache, "holds", LAB, NULL);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
another_lab_of_that_name_holds_nothing (Fixture *self, gconstpointer data)
{
  g_autofree char *witness = g_build_filename (self->cache, LAB, NULL);

  make (self, KEY, NULL);
  make_old (self, KEY, 100000);
  hold (self, LAB, NULL, KEY);
  g_assert_true (g_file_set_contents (witness, "another", -1, NULL));
  keep (self, 1);
  g_assert_false (is_there (self, KEY));
}

static void
holds_that_are_damaged_go_and_strangers_stay (Fixture *self, gconstpointer data)
{
  static const char *const texts[]
      = { "",
          "{",
          "[]",
          "{\"format\":2,\"witness\":\"/\"}",
          "{\"format\":1}",
          "{\"format\":1,\"witness\":\"/nowhere\",\"templates\":[7,\"../x\"],\"images\":{}}" };
  g_autofree char *folder = g_build_filename (self->cache, "holds", NULL);
  g_autofree char *hold_file = g_build_filename (folder, LAB, NULL), *other = g_build_filename (folder, "mine", NULL);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (other, "x", 1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (BsCacheHeld) held = { 0 };

      g_assert_true (g_file_set_contents (hold_file, texts[i], -1, NULL));
      bs_cache_held_init (&held, self->cache);
      g_assert_cmpuint (g_hash_table_size (held.templates), ==, 0);
      g_assert_false (g_file_test (hold_file, G_FILE_TEST_EXISTS));
    }
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
}

static void
who_brings_a_lab_up_holds (Fixture *self, gconstpointer data)
{
  const char *const none[] = { NULL }, *const templates[] = { KEY, NULL };
  g_autofree char *witness = g_build_filename (self->cache, "to-come", NULL), *text = NULL, *other = NULL;
  g_autofree char *hold_file = g_build_filename (self->cache, "holds", LAB, NULL);
  g_auto (BsCacheHeld) held = { 0 }, later = { 0 };
  g_auto (GStrv) parts = NULL;

  g_assert_true (bs_cache_hold (self->cache, LAB, witness, none, templates, NULL));
  bs_cache_held_init (&held, self->cache);
  g_assert_true (g_hash_table_contains (held.templates, KEY));
  /* another process of the same number */
  g_assert_true (g_file_get_contents (hold_file, &text, NULL, NULL));
  parts = g_strsplit (text, "\"start_time\":", 2);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  other = g_strdup_printf ("%s\"start_time\":1%s", parts[0], parts[1] + strspn (parts[1], " "));
  g_assert_true (g_file_set_contents (hold_file, other, -1, NULL));
  bs_cache_held_init (&later, self->cache);
  g_assert_false (g_hash_table_contains (later.templates, KEY));
  g_assert_false (g_file_test (hold_file, G_FILE_TEST_EXISTS));
}

static void
held_disk_is_not_replaced (Fixture *self, gconstpointer data)
{
  g_autofree char *disk = NULL;
  g_autoptr (GError) error = NULL;

  make (self, KEY, NULL);
  hold (self, LAB, NULL, KEY);
  disk = bs_template_path (self->cache, KEY, BS_TEMPLATE_DISK);
  g_assert_true (g_file_set_contents (disk, "disk", -1, NULL));
  g_assert_false (bs_template_discard (self->cache, KEY, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "cannot be made again as long as disks of a lab stand on it"));
  bs_cache_release (self->cache, LAB);
  g_assert_true (bs_template_discard (self->cache, KEY, NULL));
  g_assert_false (is_there (self, KEY));
}

static void *
lock_in_thread (void *data)
{
  Fixture *self = data;
  bs_autofd int lock = bs_template_lock (self->cache, KEY, NULL, NULL, NULL, NULL);

  g_assert_cmpint (bs_template_try_lock (self->cache, KEY), ==, -1);
  return GINT_TO_POINTER (lock >= 0);
}

static void
who_waits_for_a_forgotten_lock_takes_the_new_one (Fixture *self, gconstpointer data)
{
  int lock = bs_template_try_lock (self->cache, KEY);
  g_autofree char *path = bs_template_path (self->cache, "lock-" KEY, NULL);
  GThread *thread = g_thread_new ("waits", lock_in_thread, self);

  g_usleep (100000);
  bs_template_forget_lock (self->cache, KEY);
  bs_fd_clear (&lock);
  g_assert_nonnull (g_thread_join (thread));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
locks_of_nothing_are_pruned (Fixture *self, gconstpointer data)
{
  g_autofree char *lone = NULL, *used = NULL;
  int lock = bs_template_try_lock (self->cache, OTHER), own;

  make (self, KEY, NULL);
  own = bs_template_try_lock (self->cache, KEY);
  bs_fd_clear (&own);
  lone = bs_template_path (self->cache, "lock-" OTHER, NULL);
  used = bs_template_path (self->cache, "lock-" KEY, NULL);
  /* Somebody is about to make it. */
  g_free (prune (self, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, -1 }));
  g_assert_true (g_file_test (lone, G_FILE_TEST_EXISTS));
  bs_fd_clear (&lock);
  g_free (prune (self, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, -1 }));
  g_assert_false (g_file_test (lone, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (used, G_FILE_TEST_EXISTS));
}

static void
kept_one_goes_with_its_lab (Fixture *self, gconstpointer data)
{
  make (self, KEY, NULL);
  make_kept (self, OTHER);
  hold (self, LAB, NULL, OTHER);
  bs_template_remove_kept (self->cache, KEY);
  g_assert_true (is_there (self, KEY));
  bs_cache_release (self->cache, LAB);
  g_assert_false (is_there (self, OTHER));
}

static void
kept_one_of_nobody_is_pruned (Fixture *self, gconstpointer data)
{
  g_autofree char *pruned = NULL;

  make_kept (self, KEY);
  pruned = prune (self, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, -1 });
  g_assert_cmpstr (pruned, ==, "template-01234567: it was kept for a lab that is gone\n");
}

static void
names_are_told (void)
{
  g_autofree char *shown = bs_template_shown_name (KEY);

  g_assert_cmpstr (shown, ==, "template-01234567");
  g_assert_true (bs_template_is_called (KEY, shown));
  g_assert_true (bs_template_is_called (KEY, KEY));
  g_assert_true (bs_template_is_called (KEY, "template-" KEY));
  g_assert_false (bs_template_is_called (KEY, "template-0123"));
  g_assert_false (bs_template_is_called (KEY, "template-01234568"));
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
  ADD ("list-is-by-use", list_is_by_use);
  ADD ("limit-takes-the-least-recently-used", limit_takes_the_least_recently_used);
  ADD ("limit-spares-what-was-used-a-moment-ago", limit_spares_what_was_used_a_moment_ago);
  ADD ("what-verify-found-is-refused", what_verify_found_is_refused);
  ADD ("what-a-lab-was-forked-from-stays", what_a_lab_was_forked_from_stays);
  ADD ("another-lab-of-that-name-holds-nothing", another_lab_of_that_name_holds_nothing);
  ADD ("holds-that-are-damaged-go-and-strangers-stay", holds_that_are_damaged_go_and_strangers_stay);
  ADD ("held-disk-is-not-replaced", held_disk_is_not_replaced);
  ADD ("who-brings-a-lab-up-holds", who_brings_a_lab_up_holds);
  ADD ("who-waits-for-a-forgotten-lock-takes-the-new-one", who_waits_for_a_forgotten_lock_takes_the_new_one);
  ADD ("locks-of-nothing-are-pruned", locks_of_nothing_are_pruned);
  ADD ("kept-one-goes-with-its-lab", kept_one_goes_with_its_lab);
  ADD ("kept-one-of-nobody-is-pruned", kept_one_of_nobody_is_pruned);
  g_test_add_func ("/template-cache/names-are-told", names_are_told);
  ADD ("prune-removes-damaged-ones", prune_removes_damaged_ones);
  ADD ("prune-leaves-what-is-locked-or-used", prune_leaves_what_is_locked_or_used);
  g_test_add_func ("/template-cache/keys-are-told", keys_are_told);
  return g_test_run ();
}
