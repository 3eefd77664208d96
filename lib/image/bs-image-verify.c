/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-cache.h"
#include "bs-manifest.h"
#include "bs-template-cache.h"

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

/* What was found is remembered: what looks whole by size and time is not used any more, or is again. */
static gboolean
conclude (int dirfd, gboolean sound, GError **error)
{
  if (sound || g_error_matches (*error, BS_ERROR, BS_ERROR_INVALID))
    bs_cache_mark_damaged (dirfd, sound ? NULL : (*error)->message);
  return sound;
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
  return conclude (dirfd, read_files (work, item, dirfd, error), error);
}

static gboolean
verify_template (const BsImageWork *work, const char *key, GError **error)
{
  g_autofree char *path = bs_template_path (work->cache_dir, key, NULL);
  bs_autofd int dirfd = bs_file_open_dir (AT_FDCWD, path, error);

  return dirfd >= 0 && conclude (dirfd, bs_template_verify (work->cache_dir, key, work->cancellable, error), error);
}

/* FALSE: interrupted. */
static gboolean
conclude_verdict (GPtrArray *verdicts, BsImageVerdict *verdict, GError *problem, GError **error)
{
  g_ptr_array_add (verdicts, verdict);
  if (g_error_matches (problem, BS_ERROR, BS_ERROR_CANCELLED))
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  verdict->problem = problem != NULL ? g_strdup (problem->message) : NULL;
  g_clear_error (&problem);
  return TRUE;
}

static gboolean
judge (const BsImageWork *work, const BsStoreItem *item, GPtrArray *verdicts, GError **error)
{
  BsImageVerdict *verdict = g_new0 (BsImageVerdict, 1);
  GError *problem = NULL;

  verdict->name = g_strdup (item->name);
  verdict->folder = g_strdup (item->folder);
  verdict->bytes = item->bytes;
  verify_item (work, item, &problem);
  return conclude_verdict (verdicts, verdict, problem, error);
}

static gboolean
judge_template (const BsImageWork *work, const BsTemplateInfo *info, GPtrArray *verdicts, GError **error)
{
  BsImageVerdict *verdict = g_new0 (BsImageVerdict, 1);
  GError *problem = NULL;

  verdict->name = bs_template_shown_name (info->key);
  verdict->folder = g_strdup (info->key);
  verdict->is_template = TRUE;
  verdict->bytes = info->bytes;
  bs_image_work_tell (work, verdict->name, "reading every byte", 0, 0);
  verify_template (work, info->key, &problem);
  return conclude_verdict (verdicts, verdict, problem, error);
}

static gboolean
has_image (const GPtrArray *items, const char *name)
{
  for (guint i = 0; i < items->len; i++)
    if (strcmp (((BsStoreItem *) g_ptr_array_index (items, i))->name, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_asked_for (const BsTemplateInfo *info, const char *const *names)
{
  if (names[0] == NULL)
    return TRUE;
  for (; *names != NULL; names++)
    if (bs_template_is_called (info->key, *names))
      return TRUE;
  return FALSE;
}

static gboolean
check_names (const GPtrArray *items, const GPtrArray *templates, const char *const *names, GError **error)
{
  for (; *names != NULL; names++)
    {
      const char *const one[] = { *names, NULL };
      gboolean found = has_image (items, *names);

      for (guint i = 0; i < templates->len && !found; i++)
        found = is_asked_for (g_ptr_array_index (templates, i), one);
      if (found)
        continue;
      bs_set_error (error, BS_ERROR_NOT_FOUND, "`benchscale image list` shows what is",
                    "image '%s' is not in the cache", *names);
      return FALSE;
    }
  return TRUE;
}

GPtrArray *
bs_image_verify (const BsImageWork *work, const char *const *names, GError **error)
{
  g_autoptr (GPtrArray) items = bs_store_list (work, NULL), templates = bs_template_list (work->cache_dir);
  g_autoptr (GPtrArray) verdicts = g_ptr_array_new_with_free_func (verdict_free);

  if (!check_names (items, templates, names, error))
    return NULL;
  for (guint i = 0; i < items->len; i++)
    {
      const BsStoreItem *item = g_ptr_array_index (items, i);

      if ((names[0] == NULL || g_strv_contains (names, item->name)) && !judge (work, item, verdicts, error))
        return NULL;
    }
  for (guint i = 0; i < templates->len; i++)
    {
      const BsTemplateInfo *info = g_ptr_array_index (templates, i);

      if (is_asked_for (info, names) && !judge_template (work, info, verdicts, error))
        return NULL;
    }
  return g_steal_pointer (&verdicts);
}
