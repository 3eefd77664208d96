/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-cache.h"
#include "bs-manifest.h"

#include <string.h>

static void
verdict_free (gpointer data)
{
  BsImageVerdict *verdict = data;

  g_free (verdict->name);
  g_free (verdict->folder);
  g_free (verdict->problem);
  g_free (verdict);
}

/* Reads every file. FALSE: something is wrong with it, or we were interrupted. */
static gboolean
read_files (const BsImageWork *work, const BsStoreItem *item, int dirfd, GError **error)
{
  json_t *files = json_object_get (item->manifest, "files"), *file;
  guint64 done = 0;
  const char *name;

  json_object_foreach (files, name, file)
  {
    bs_image_work_tell (work, item->name, "reading every byte", done, item->bytes);
    if (!bs_manifest_verify_file (item->manifest, dirfd, name, work->cancellable, error))
      return FALSE;
    done += (guint64) bs_json_int (file, "size", 0);
  }
  return TRUE;
}

static gboolean
verify_item (const BsImageWork *work, const BsStoreItem *item, GError **error)
{
  bs_autofd int dirfd = bs_file_open_dir (AT_FDCWD, item->path, error);

  if (dirfd < 0)
    return FALSE;
  if (item->manifest == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "its manifest is missing or damaged");
      return FALSE;
    }
  return read_files (work, item, dirfd, error);
}

/* FALSE: interrupted. */
static gboolean
judge (const BsImageWork *work, const BsStoreItem *item, GPtrArray *verdicts, GError **error)
{
  BsImageVerdict *verdict = g_new0 (BsImageVerdict, 1);
  g_autoptr (GError) local = NULL;

  g_ptr_array_add (verdicts, verdict);
  verdict->name = g_strdup (item->name);
  verdict->folder = g_strdup (item->folder);
  verdict->bytes = item->bytes;
  if (verify_item (work, item, &local))
    return TRUE;
  if (g_error_matches (local, BS_ERROR, BS_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  verdict->problem = g_strdup (local->message);
  return TRUE;
}

static gboolean
check_names (const GPtrArray *items, const char *const *names, GError **error)
{
  for (; *names != NULL; names++)
    {
      gboolean found = FALSE;

      for (guint i = 0; i < items->len && !found; i++)
        found = strcmp (((BsStoreItem *) g_ptr_array_index (items, i))->name, *names) == 0;
      if (!found)
        {
          bs_set_error (error, BS_ERROR_NOT_FOUND, "`benchscale image list` shows what is",
                        "image '%s' is not in the cache", *names);
          return FALSE;
        }
    }
  return TRUE;
}

GPtrArray *
bs_image_verify (const BsImageWork *work, const char *const *names, GError **error)
{
  g_autoptr (GPtrArray) items = bs_store_list (work, NULL);
  g_autoptr (GPtrArray) verdicts = g_ptr_array_new_with_free_func (verdict_free);

  if (!check_names (items, names, error))
    return NULL;
  for (guint i = 0; i < items->len; i++)
    {
      const BsStoreItem *item = g_ptr_array_index (items, i);

      if ((names[0] == NULL || g_strv_contains (names, item->name)) && !judge (work, item, verdicts, error))
        return NULL;
    }
  return g_steal_pointer (&verdicts);
}
