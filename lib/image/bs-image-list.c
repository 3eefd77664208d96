/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-image-cache.h"
#include "bs-image-make.h"
#include "bs-manifest.h"

#include <string.h>

typedef struct
{
  GPtrArray *infos;
  GPtrArray *items;  /* of the cache */
  GHashTable *known; /* names that can be used */
} Lister;

static void
info_free (gpointer data)
{
  BsImageInfo *info = data;

  g_free (info->name);
  g_strfreev (info->aliases);
  g_free (info->description);
  g_free (info->user);
  g_free (info->firmware);
  g_free (info->digest);
  g_free (info->folder);
  g_free (info);
}

static BsImageInfo *
add (Lister *lister, const char *name, BsImageOrigin origin, const char *state)
{
  BsImageInfo *info = g_new0 (BsImageInfo, 1);

  info->name = g_strdup (name);
  info->aliases = g_new0 (char *, 1);
  info->origin = origin;
  info->state = state;
  g_ptr_array_add (lister->infos, info);
  return info;
}

static void
fill (BsImageInfo *info, const BsStoreItem *item)
{
  info->folder = g_strdup (item->folder);
  info->bytes = item->bytes;
  info->used_usec = item->used_usec;
  if (item->manifest == NULL)
    return;
  g_free (info->user);
  g_free (info->firmware);
  info->user = g_strdup (bs_json_string (item->manifest, "user", NULL));
  info->firmware = g_strdup (bs_json_string (item->manifest, "firmware", "bios"));
  info->digest = g_strdup (bs_json_string (item->manifest, "digest", NULL));
}

static BsImageOrigin
origin_of (const BsStoreItem *item)
{
  g_autoptr (BsImage) image = item->manifest != NULL ? bs_manifest_image (item->manifest, item->path) : NULL;

  if (image != NULL)
    return image->origin;
  /* Its manifest cannot be read. */
  if (strcmp (item->name, "tiny") == 0)
    return BS_IMAGE_TINY;
  return g_strv_contains (bs_image_recipes.names (), item->name) ? BS_IMAGE_RECIPE : BS_IMAGE_CATALOGUE;
}

/* The row of an image that there can be: the newest in the cache, if it has one. */
static BsImageInfo *
add_known (Lister *lister, const char *name, BsImageOrigin origin)
{
  BsImageInfo *info = add (lister, name, origin, "available");

  g_hash_table_add (lister->known, info->name);
  for (guint i = 0; i < lister->items->len; i++)
    {
      const BsStoreItem *item = g_ptr_array_index (lister->items, i);

      if (strcmp (item->name, name) != 0 || item->manifest == NULL)
        continue;
      fill (info, item);
      info->state = item->damaged ? "damaged" : "ready";
      break;
    }
  return info;
}

static void
add_catalogue (Lister *lister, const BsCatalogue *catalogue)
{
  for (guint i = 0; i < catalogue->entries->len; i++)
    {
      const BsCatalogueEntry *entry = g_ptr_array_index (catalogue->entries, i);
      BsImageInfo *info;

      if (g_hash_table_contains (lister->known, entry->name))
        continue;
      info = add_known (lister, entry->name, BS_IMAGE_CATALOGUE);
      g_strfreev (info->aliases);
      info->aliases = g_strdupv (entry->aliases);
      info->description = g_strdup (entry->description);
      if (info->user == NULL)
        info->user = g_strdup (entry->user);
      if (info->firmware == NULL)
        info->firmware = g_strdup (entry->firmware);
    }
}

static gboolean
is_listed (const Lister *lister, const BsStoreItem *item)
{
  for (guint i = 0; i < lister->infos->len; i++)
    if (g_strcmp0 (((BsImageInfo *) g_ptr_array_index (lister->infos, i))->folder, item->folder) == 0)
      return TRUE;
  return FALSE;
}

/* What else lies in the cache: imported ones, and what is not used any more. */
static void
add_rest (Lister *lister)
{
  for (guint i = 0; i < lister->items->len; i++)
    {
      const BsStoreItem *item = g_ptr_array_index (lister->items, i);
      BsImageOrigin origin = origin_of (item);

      if (is_listed (lister, item))
        continue;
      if (origin == BS_IMAGE_IMPORTED && !g_hash_table_contains (lister->known, item->name))
        add_known (lister, item->name, origin);
      else
        fill (add (lister, item->name, origin, item->damaged ? "damaged" : "old"), item);
    }
}

GPtrArray *
bs_image_list (const BsImageWork *work, GError **error)
{
  g_autoptr (BsCatalogue) catalogue = bs_catalogue_load (work->catalogue, error);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) items = NULL;
  Lister lister;

  if (catalogue == NULL)
    return NULL;
  items = bs_store_list (work, NULL);
  lister = (Lister){ g_ptr_array_new_with_free_func (info_free), items, known };
  add_known (&lister, "tiny", BS_IMAGE_TINY)->description = g_strdup ("built in: kernel and busybox in memory");
  for (const char *const *name = bs_image_recipes.names (); *name != NULL; name++)
    add_known (&lister, *name, BS_IMAGE_RECIPE)->description = g_strdup ("built here by a recipe");
  add_catalogue (&lister, catalogue);
  add_rest (&lister);
  return lister.infos;
}
