/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-cache.h"
#include "bs-open-files.h"

#include <string.h>
#include <sys/stat.h>

typedef struct
{
  const BsImageWork *work;
  const BsImagePrune *options;
  GPtrArray *items, *pruned;
  GHashTable *open; /* folders that processes have files of */
  const char **why; /* for each item; NULL: it stays */
} Prune;

static void
pruned_free (gpointer data)
{
  BsImagePruned *pruned = data;

  g_free (pruned->what);
  g_free (pruned->problem);
  g_free (pruned);
}

static BsImagePruned *
report (Prune *self, const char *what, guint64 bytes, const char *why)
{
  BsImagePruned *pruned = g_new0 (BsImagePruned, 1);

  pruned->what = g_strdup (what);
  pruned->bytes = bytes;
  pruned->why = why;
  g_ptr_array_add (self->pruned, pruned);
  return pruned;
}

static const BsStoreItem *
item_at (const Prune *self, guint index)
{
  return g_ptr_array_index (self->items, index);
}

static gboolean
is_imported (const BsStoreItem *item)
{
  return strcmp (bs_json_string (item->manifest, "origin", ""), "imported") == 0;
}

/* Items of a name follow each other, the newest first. */
static const char *
reason (const Prune *self, guint index)
{
  const BsStoreItem *item = item_at (self, index);
  gint64 age = g_get_real_time () - item->used_usec;

  if (self->options->all)
    return "all are to go";
  if (item->manifest == NULL)
    return "it is damaged";
  if (index > 0 && strcmp (item_at (self, index - 1)->name, item->name) == 0)
    return "a newer one is used";
  if (self->options->older_than_usec >= 0 && age > self->options->older_than_usec && !is_imported (item))
    return "it was not used for that long";
  return NULL;
}

/* Index of the least recently used one that stays and may go; -1: none. */
static int
find_oldest (const Prune *self)
{
  int oldest = -1;

  for (guint i = 0; i < self->items->len; i++)
    if (self->why[i] == NULL && !is_imported (item_at (self, i))
        && (oldest < 0 || item_at (self, i)->used_usec < item_at (self, (guint) oldest)->used_usec))
      oldest = (int) i;
  return oldest;
}

static void
choose (Prune *self)
{
  guint64 left = 0;
  int oldest;

  for (guint i = 0; i < self->items->len; i++)
    {
      self->why[i] = reason (self, i);
      if (self->why[i] == NULL)
        left += item_at (self, i)->bytes;
    }
  while (left > self->options->keep_bytes && (oldest = find_oldest (self)) >= 0)
    {
      self->why[oldest] = "the cache is larger than it may be";
      left -= item_at (self, (guint) oldest)->bytes;
    }
}

/* `tiny` is made under the lock of all images. */
static gboolean
discard (const Prune *self, const BsStoreItem *item, GError **error)
{
  g_autofree char *images = bs_store_images (self->work);
  g_autoptr (BsStoreLock) lock = bs_store_lock (self->work, item->name, FALSE, error);
  bs_autofd int all = -1;

  if (lock == NULL)
    return FALSE;
  if (strcmp (item->name, "tiny") == 0)
    {
      all = bs_cache_lock (images, self->work->cancellable, error);
      if (all < 0)
        return FALSE;
    }
  return bs_store_discard (self->work, lock, item->folder, error);
}

static void
remove_item (Prune *self, const BsStoreItem *item, const char *why)
{
  BsImagePruned *pruned = report (self, item->folder, item->bytes, why);
  g_autoptr (GError) error = NULL;

  if (g_hash_table_contains (self->open, item->folder))
    pruned->problem = g_strdup ("a process uses it");
  else if (!self->options->dry_run && !discard (self, item, &error))
    pruned->problem = g_strdup (error->message);
}

static guint64
count_below (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint64 bytes = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      struct stat st;

      if (lstat (child, &st) != 0 || strcmp (name, "lock") == 0)
        continue;
      bytes += S_ISDIR (st.st_mode) ? count_below (child) : (guint64) st.st_blocks * 512;
    }
  return bytes;
}

/* What one image's makers left: partial downloads, folders that were being filled. */
static void
remove_unfinished (Prune *self, const char *name)
{
  g_autofree char *folder = bs_store_work (self->work, name), *what = g_strdup_printf ("unfinished %s", name);
  guint64 bytes = count_below (folder);
  BsImagePruned *pruned = bytes > 0 ? report (self, what, bytes, "nobody makes it") : NULL;
  g_autoptr (BsStoreLock) lock = NULL;
  g_autoptr (GError) error = NULL;

  if (self->options->dry_run)
    return;
  lock = bs_store_lock (self->work, name, FALSE, &error);
  if (lock != NULL)
    bs_file_remove_tree (AT_FDCWD, folder, &error);
  if (error != NULL && pruned != NULL)
    pruned->problem = g_strdup (error->message);
}

static void
remove_all_unfinished (Prune *self)
{
  g_autofree char *folder = g_build_filename (self->work->cache_dir, "work", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  for (guint i = 0; i < names->len; i++)
    remove_unfinished (self, g_ptr_array_index (names, i));
}

GPtrArray *
bs_image_prune (const BsImageWork *work, const BsImagePrune *options, GError **error)
{
  g_autofree char *images = bs_store_images (work);
  g_autoptr (GPtrArray) items = bs_store_list (work, NULL);
  g_autoptr (GHashTable) open = bs_open_files_below (images);
  g_autofree const char **why = g_new0 (const char *, items->len + 1);
  Prune prune = { work, options, items, g_ptr_array_new_with_free_func (pruned_free), open, why };

  choose (&prune);
  for (guint i = 0; i < items->len && !g_cancellable_is_cancelled (work->cancellable); i++)
    if (why[i] != NULL)
      remove_item (&prune, item_at (&prune, i), why[i]);
  if (!g_cancellable_is_cancelled (work->cancellable))
    {
      remove_all_unfinished (&prune);
      return prune.pruned;
    }
  g_ptr_array_unref (prune.pruned);
  bs_set_error (error, BS_ERROR_CANCELLED, NULL, "pruning was interrupted");
  return NULL;
}
