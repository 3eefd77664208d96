/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-cache.h"
#include "bs-open-files.h"
#include "bs-prune-choose.h"

#include <string.h>
#include <sys/stat.h>

typedef struct
{
  const BsImageWork *work;
  gboolean dry_run;
  GPtrArray *pruned;
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

/* `tiny` is made under the lock of all images. */
static gboolean
discard_image (const Prune *self, const BsStoreItem *item, GError **error)
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

static gboolean
discard_template (const Prune *self, const char *key, GError **error)
{
  const char *cache_dir = self->work->cache_dir;
  bs_autofd int lock = bs_template_try_lock (cache_dir, key);

  if (lock >= 0 && !bs_template_remove (cache_dir, key, error))
    return FALSE;
  if (lock >= 0)
    {
      bs_template_forget_lock (cache_dir, key);
      return TRUE;
    }
  bs_set_error (error, BS_ERROR_BUSY, NULL, "it is being made");
  return FALSE;
}

/* Whether somebody took it into use after it was chosen. */
static gboolean
was_used_since (const Prune *self, const BsPruneItem *item)
{
  g_autofree char *path
      = item->image != NULL ? g_strdup (item->image->path) : bs_template_path (self->work->cache_dir, item->name, NULL);
  struct stat st;

  return stat (path, &st) == 0
         && (gint64) st.st_mtim.tv_sec * G_USEC_PER_SEC + st.st_mtim.tv_nsec / 1000 != item->used_usec;
}

static void
remove_item (Prune *self, const BsPruneItem *item)
{
  g_autofree char *name = item->image != NULL ? g_strdup (item->name) : bs_template_shown_name (item->template->key);
  BsImagePruned *pruned = report (self, name, item->bytes, item->why);
  g_autoptr (GError) error = NULL;

  if (item->spared != NULL)
    pruned->problem = g_strdup (item->spared);
  else if (!self->dry_run
           && !(item->image != NULL ? discard_image (self, item->image, &error)
                                    : discard_template (self, item->template->key, &error)))
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

  if (self->dry_run)
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

/* FALSE: interrupted. */
static gboolean
remove_chosen (Prune *self, const BsImagePrune *options, gboolean automatic)
{
  g_autofree char *folder = bs_store_images (self->work);
  g_autoptr (GPtrArray) images = bs_store_list (self->work, NULL), templates = bs_template_list (self->work->cache_dir);
  g_autoptr (GHashTable) open = bs_open_files_below (folder);
  g_auto (BsCacheHeld) held = { 0 };
  BsPruneCache cache = { images, templates, &held, open };
  g_autoptr (GArray) items = NULL;

  bs_cache_held_init (&held, self->work->cache_dir);
  items = bs_prune_choose (&cache, options, automatic);
  for (guint i = 0; i < items->len && !g_cancellable_is_cancelled (self->work->cancellable); i++)
    if (g_array_index (items, BsPruneItem, i).why != NULL
        && !(automatic && was_used_since (self, &g_array_index (items, BsPruneItem, i))))
      remove_item (self, &g_array_index (items, BsPruneItem, i));
  return !g_cancellable_is_cancelled (self->work->cancellable);
}

GPtrArray *
bs_image_prune (const BsImageWork *work, const BsImagePrune *options, GError **error)
{
  Prune prune = { work, options->dry_run, g_ptr_array_new_with_free_func (pruned_free) };

  if (remove_chosen (&prune, options, FALSE))
    {
      remove_all_unfinished (&prune);
      if (!options->dry_run)
        bs_template_forget_locks (work->cache_dir);
      return prune.pruned;
    }
  g_ptr_array_unref (prune.pruned);
  bs_set_error (error, BS_ERROR_CANCELLED, NULL, "pruning was interrupted");
  return NULL;
}

void
bs_image_keep_limit (const BsImageWork *work)
{
  g_autoptr (GPtrArray) pruned = g_ptr_array_new_with_free_func (pruned_free);
  BsImagePrune options = { .keep_bytes = work->limit_bytes, .older_than_usec = -1 };
  Prune prune = { work, FALSE, pruned };

  if (work->limit_bytes == 0)
    return;
  remove_chosen (&prune, &options, TRUE);
  for (guint i = 0; i < pruned->len; i++)
    {
      const BsImagePruned *item = g_ptr_array_index (pruned, i);

      if (item->problem == NULL)
        bs_image_work_tell (work, item->what, "removed: the cache is larger than cache.limit", 0, 0);
    }
}
