/* SPDX-License-Identifier: Apache-2.0 */
/* bs-store-list.c — what is in images/ */
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-manifest.h"
#include "bs-store.h"

#include <string.h>
#include <sys/stat.h>

#define DIGITS 12
#define DIGITS_OF_TINY 64
#define BLOCK 512

static void
item_free (gpointer data)
{
  BsStoreItem *item = data;

  g_free (item->folder);
  g_free (item->path);
  g_free (item->name);
  g_clear_pointer (&item->manifest, json_decref);
  g_free (item);
}

/* The NAME of "NAME-DIGEST", or NULL. (transfer full) */
static char *
name_of (const char *folder)
{
  const char *dash = strrchr (folder, '-');
  gsize digits = dash != NULL ? strlen (dash + 1) : 0;

  if (folder[0] == '.' || dash == NULL || dash == folder || (digits != DIGITS && digits != DIGITS_OF_TINY)
      || strspn (dash + 1, "0123456789abcdef") != digits)
    return NULL;
  return g_strndup (folder, (gsize) (dash - folder));
}

static guint64
count_bytes (const char *path)
{
  bs_autofd int dirfd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint64 bytes = 0;
  struct stat st;

  while (dirfd >= 0 && dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
      bytes += (guint64) st.st_blocks * BLOCK;
  return bytes;
}

/* A manifest that speaks of another image counts for nothing. */
static json_t *
read_manifest (const char *path, const char *name)
{
  bs_autofd int dirfd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  json_t *manifest = dirfd >= 0 ? bs_manifest_read (dirfd, NULL) : NULL;

  if (manifest != NULL && strcmp (bs_json_string (manifest, "name", ""), name) != 0)
    g_clear_pointer (&manifest, json_decref);
  return manifest;
}

static gboolean
is_marked (const char *path)
{
  bs_autofd int dirfd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return dirfd >= 0 && !bs_cache_check_mark (dirfd, NULL);
}

static BsStoreItem *
read_item (const char *images, const char *folder, char *name)
{
  BsStoreItem *item = g_new0 (BsStoreItem, 1);
  struct stat st;

  item->folder = g_strdup (folder);
  item->path = g_build_filename (images, folder, NULL);
  item->name = name;
  item->manifest = read_manifest (item->path, name);
  item->damaged = item->manifest == NULL || is_marked (item->path);
  item->bytes = count_bytes (item->path);
  if (stat (item->path, &st) == 0)
    item->used_usec = (gint64) st.st_mtim.tv_sec * G_USEC_PER_SEC + st.st_mtim.tv_nsec / 1000;
  return item;
}

/* By name, then the newest first; what has no manifest is oldest. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const BsStoreItem *x = *(const BsStoreItem *const *) a, *y = *(const BsStoreItem *const *) b;
  int order = strcmp (x->name, y->name);

  if (order == 0)
    order = strcmp (bs_json_string (y->manifest, "created", ""), bs_json_string (x->manifest, "created", ""));
  return order != 0 ? order : strcmp (x->folder, y->folder);
}

GPtrArray *
bs_store_list (const BsImageWork *work, const char *name)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (item_free);
  g_autofree char *images = bs_store_images (work);
  g_autoptr (GDir) dir = g_dir_open (images, 0, NULL);
  const char *folder;

  while (dir != NULL && (folder = g_dir_read_name (dir)) != NULL)
    {
      char *found = name_of (folder);

      if (found != NULL && (name == NULL || strcmp (name, found) == 0))
        g_ptr_array_add (items, read_item (images, folder, found));
      else
        g_free (found);
    }
  g_ptr_array_sort (items, compare);
  return items;
}
