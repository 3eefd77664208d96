/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-store.h"
#include "bs-cache-hold.h"
#include "bs-disk.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-cache.h"
#include "bs-image-steps.h"
#include "bs-manifest.h"
#include "bs-settings.h"

#include <string.h>
#include <sys/stat.h>

#define DIGITS 12

gboolean
bs_image_work_init (BsImageWork *self, BsImageProgress progress, gpointer user_data, GCancellable *cancellable,
                    GError **error)
{
  const BsSettings *settings = bs_settings_get (error);

  if (settings == NULL)
    return FALSE;
  *self = (BsImageWork){
    .cache_dir = bs_settings_cache_dir (settings),
    .libexec_dir = bs_settings_libexec_dir (settings),
    .catalogue = bs_settings_text (settings, BS_SETTING_IMAGE_CATALOGUE),
    .stall_usec = bs_settings_number (settings, BS_SETTING_IMAGE_STALL),
    .limit_bytes = (guint64) bs_settings_number (settings, BS_SETTING_CACHE_LIMIT),
    .progress = progress,
    .user_data = user_data,
    .cancellable = cancellable,
  };
  return TRUE;
}

void
bs_image_work_tell (const BsImageWork *self, const char *name, const char *what, guint64 done, guint64 total)
{
  if (self->progress != NULL)
    self->progress (name, what, done, total, self->user_data);
}

char *
bs_store_images (const BsImageWork *work)
{
  return g_build_filename (work->cache_dir, "images", NULL);
}

char *
bs_store_work (const BsImageWork *work, const char *name)
{
  return g_build_filename (work->cache_dir, "work", name, NULL);
}

static void
touch (const char *folder)
{
  utimensat (AT_FDCWD, folder, NULL, 0);
}

static BsImage *
use (const BsStoreItem *item, GError **error)
{
  bs_autofd int dirfd = bs_file_open_dir (AT_FDCWD, item->path, error);

  if (dirfd < 0 || !bs_cache_check_mark (dirfd, error) || !bs_manifest_check (item->manifest, dirfd, error))
    return NULL;
  touch (item->path);
  return bs_manifest_image (item->manifest, item->path);
}

static const BsStoreItem *
newest_of (const GPtrArray *items, const char *source)
{
  for (guint i = 0; i < items->len; i++)
    {
      const BsStoreItem *item = g_ptr_array_index (items, i);

      if (source == NULL || strcmp (bs_json_string (item->manifest, "source", ""), source) == 0)
        return item;
    }
  return NULL;
}

/* What a lab's disks are overlays of stays, damaged or not; where the same image is made again, it takes its place. */
static void
discard_damaged (const BsImageWork *work, const BsStoreLock *lock, const char *folder)
{
  g_auto (BsCacheHeld) held = { 0 };

  bs_cache_held_init (&held, work->cache_dir);
  if (!g_hash_table_contains (held.images, folder))
    bs_store_discard (work, lock, folder, NULL);
}

BsImage *
bs_store_find (const BsImageWork *work, const char *name, const char *source, const BsStoreLock *lock, GError **problem)
{
  g_autoptr (GPtrArray) items = bs_store_list (work, name);
  const BsStoreItem *item = newest_of (items, source);
  g_autoptr (GError) local = NULL;
  BsImage *image = NULL;

  if (item == NULL)
    return NULL;
  if (item->manifest != NULL)
    image = use (item, &local);
  else
    bs_set_error (&local, BS_ERROR_INVALID, NULL, "its manifest is missing or damaged");
  if (image != NULL)
    return image;
  if (lock != NULL)
    discard_damaged (work, lock, item->folder);
  g_propagate_error (problem, g_steal_pointer (&local));
  return NULL;
}

gboolean
bs_store_discard (const BsImageWork *work, const BsStoreLock *lock, const char *folder, GError **error)
{
  g_autofree char *images = bs_store_images (work), *from = g_build_filename (images, folder, NULL);
  g_autofree char *gone = g_strdup_printf ("%s/.%08x%08x", lock->folder, g_random_int (), g_random_int ());

  if (rename (from, gone) != 0)
    {
      bs_set_error_errno (error, errno, "cannot remove '%s'", from);
      return FALSE;
    }
  return bs_file_remove_tree (AT_FDCWD, gone, error);
}

static gboolean
check_disk (const BsImageWork *work, const BsStoreLock *lock, const BsCacheEntry *entry, json_t *manifest,
            GError **error)
{
  static const char *const names[] = { "disk.qcow2", "disk.raw" }, *const formats[] = { "qcow2", "raw" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (bs_cache_entry_path (entry), names[i], NULL);
      BsDisk disk;

      if (access (path, F_OK) != 0)
        continue;
      bs_image_work_tell (work, lock->name, "checking the disk", 0, 0);
      if (!bs_disk_probe (path, &disk, error))
        return FALSE;
      if (strcmp (disk.format, formats[i]) != 0)
        {
          bs_set_error (error, BS_ERROR_INVALID, NULL, "it is a %s image, not %s", disk.format, formats[i]);
          return FALSE;
        }
      if (!bs_disk_check (path, &disk, work->cancellable, error))
        return FALSE;
      json_object_set_new (manifest, "disk_bytes", json_integer ((json_int_t) disk.bytes));
    }
  return TRUE;
}

static gboolean
describe (const BsImageWork *work, const BsStoreLock *lock, const BsCacheEntry *entry, json_t *manifest,
          const json_t *known, GError **error)
{
  json_object_set_new (manifest, "name", json_string (lock->name));
  bs_image_work_tell (work, lock->name, "noting its digests", 0, 0);
  return bs_manifest_finish (manifest, bs_cache_entry_fd (entry), known, work->cancellable, error);
}

/* Gives the folder its place; one that is there, of the same digest, goes first. */
static gboolean
place (const BsImageWork *work, const BsStoreLock *lock, BsCacheEntry *entry, const char *folder, GError **error)
{
  g_autofree char *images = bs_store_images (work), *path = g_build_filename (images, folder, NULL);

  if (access (path, F_OK) == 0 && !bs_store_discard (work, lock, folder, error))
    return FALSE;
  return bs_cache_entry_publish_in (entry, images, folder, error);
}

BsImage *
bs_store_publish (const BsImageWork *work, const BsStoreLock *lock, BsCacheEntry *entry, json_t *manifest,
                  const json_t *known, GError **error)
{
  g_autofree char *images = bs_store_images (work), *folder = NULL, *path = NULL;

  if (!bs_image_step_before (BS_STEP_CHECK_IMAGE, error) || !check_disk (work, lock, entry, manifest, error)
      || !bs_image_step_after (BS_STEP_CHECK_IMAGE, error) || !bs_image_step_before (BS_STEP_DESCRIBE_IMAGE, error)
      || !describe (work, lock, entry, manifest, known, error) || !bs_image_step_after (BS_STEP_DESCRIBE_IMAGE, error)
      || !bs_image_step_before (BS_STEP_PUBLISH_IMAGE, error))
    return NULL;
  folder = g_strdup_printf ("%s-%.*s", lock->name, DIGITS, bs_json_string (manifest, "digest", ""));
  path = g_build_filename (images, folder, NULL);
  if (!place (work, lock, entry, folder, error) || !bs_image_step_after (BS_STEP_PUBLISH_IMAGE, error))
    return NULL;
  bs_image_keep_limit (work);
  return bs_manifest_image (manifest, path);
}
