/* SPDX-License-Identifier: Apache-2.0 */
/* bs-image.c — from what a topology says to an image */
#include "bs-image.h"
#include "bs-disk.h"
#include "bs-error.h"
#include "bs-image-make.h"
#include "bs-suggest.h"

#include <string.h>
#include <sys/stat.h>

#define TINY "tiny"
#define LIST_HINT "`benchscale image list` shows all"

typedef struct
{
  BsImageOrigin origin;
  BsCatalogue *catalogue;
  const BsCatalogueEntry *entry; /* of BS_IMAGE_CATALOGUE */
  char *path;                    /* of BS_IMAGE_FILE */
} Reference;

static void
reference_clear (Reference *self)
{
  g_clear_pointer (&self->catalogue, bs_catalogue_free);
  g_clear_pointer (&self->path, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reference, reference_clear)

static gboolean
is_path (const char *name)
{
  return strchr (name, '/') != NULL || g_str_has_suffix (name, ".qcow2") || g_str_has_suffix (name, ".raw")
         || g_str_has_suffix (name, ".img");
}

static gboolean
is_imported (const BsImageWork *work, const char *name)
{
  g_autoptr (GPtrArray) items = bs_store_list (work, name);

  for (guint i = 0; i < items->len; i++)
    {
      const BsStoreItem *item = g_ptr_array_index (items, i);

      if (strcmp (bs_json_string (item->manifest, "origin", ""), "imported") == 0)
        return TRUE;
    }
  return FALSE;
}

/* Refuses @name, with the nearest of those there are. */
static gboolean
refuse_unknown (const BsImageWork *work, const Reference *reference, const char *name, GError **error)
{
  g_autoptr (GPtrArray) items = bs_store_list (work, NULL);
  g_autofree char *hint = NULL;
  BsSuggest suggest;

  bs_suggest_init (&suggest, name);
  bs_suggest_offer (&suggest, TINY);
  for (const char *const *recipe = bs_image_recipes.names (); *recipe != NULL; recipe++)
    bs_suggest_offer (&suggest, *recipe);
  for (guint i = 0; i < reference->catalogue->entries->len; i++)
    {
      const BsCatalogueEntry *entry = g_ptr_array_index (reference->catalogue->entries, i);

      bs_suggest_offer (&suggest, entry->name);
      for (char **alias = entry->aliases; *alias != NULL; alias++)
        bs_suggest_offer (&suggest, *alias);
    }
  for (guint i = 0; i < items->len; i++)
    bs_suggest_offer (&suggest, ((BsStoreItem *) g_ptr_array_index (items, i))->name);
  if (suggest.nearest != NULL)
    hint = g_strdup_printf ("did you mean '%s'? " LIST_HINT, suggest.nearest);
  bs_set_error (error, BS_ERROR_NOT_FOUND, hint != NULL ? hint : LIST_HINT, "there is no image '%s'", name);
  return FALSE;
}

static gboolean
resolve_path (Reference *self, const char *name, const char *folder, GError **error)
{
  g_autofree char *base = folder != NULL ? g_canonicalize_filename (folder, NULL) : NULL;
  BsDisk disk;

  self->origin = BS_IMAGE_FILE;
  self->path = g_canonicalize_filename (name, base);
  return bs_disk_probe (self->path, &disk, error);
}

static gboolean
resolve (const BsImageWork *work, const char *name, const char *folder, Reference *self, GError **error)
{
  self->origin = BS_IMAGE_TINY;
  if (strcmp (name, TINY) == 0)
    return TRUE;
  if (strchr (name, '/') != NULL)
    return resolve_path (self, name, folder, error);
  self->origin = BS_IMAGE_RECIPE;
  if (g_strv_contains (bs_image_recipes.names (), name))
    return TRUE;
  self->catalogue = bs_catalogue_load (work->catalogue, error);
  if (self->catalogue == NULL)
    return FALSE;
  self->origin = BS_IMAGE_CATALOGUE;
  self->entry = bs_catalogue_find (self->catalogue, name);
  if (self->entry != NULL)
    return TRUE;
  self->origin = BS_IMAGE_IMPORTED;
  if (bs_image_name_is_valid (name) && is_imported (work, name))
    return TRUE;
  return is_path (name) ? resolve_path (self, name, folder, error) : refuse_unknown (work, self, name, error);
}

gboolean
bs_image_check (const char *name, const char *folder, GError **error)
{
  g_auto (Reference) reference = { 0 };
  BsImageWork work;

  return bs_image_work_init (&work, NULL, NULL, NULL, error) && resolve (&work, name, folder, &reference, error);
}

/* A file is told from another at the same place by what the file system says of it: reading all of it would take
 * seconds at each start. */
static char *
file_digest (const char *path, const BsDisk *disk, GError **error)
{
  g_autofree char *text = NULL;
  struct stat st;

  if (stat (path, &st) != 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", path);
      return NULL;
    }
  text = g_strdup_printf ("file 1\n%s\n%s %llx %llx %llx %lld.%09ld\n", path, disk->format,
                          (unsigned long long) st.st_dev, (unsigned long long) st.st_ino,
                          (unsigned long long) st.st_size, (long long) st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static BsImage *
use_file (const char *path, GError **error)
{
  g_autoptr (BsImage) self = g_new0 (BsImage, 1);
  BsDisk disk;

  if (!bs_disk_probe (path, &disk, error))
    return NULL;
  self->digest = file_digest (path, &disk, error);
  if (self->digest == NULL)
    return NULL;
  self->origin = BS_IMAGE_FILE;
  self->name = g_strdup (path);
  self->disk = g_strdup (path);
  self->disk_format = g_strdup (disk.format);
  self->disk_bytes = disk.bytes;
  self->firmware = g_strdup ("bios");
  return g_steal_pointer (&self);
}

static BsImage *
use_imported (const BsImageWork *work, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  BsImage *image = bs_store_find (work, name, NULL, NULL, &problem);

  if (image == NULL)
    bs_set_error (error, BS_ERROR_INVALID, "import it again: benchscale image import FILE --name NAME",
                  "the imported image '%s' cannot be used: %s", name,
                  problem != NULL ? problem->message : "it is gone");
  return image;
}

static void
tell_damaged (const BsImageWork *work, const char *name, const GError *problem)
{
  g_autofree char *what = NULL;

  if (problem == NULL)
    return;
  what = g_strdup_printf ("the cached one cannot be used: %s; it is made anew", problem->message);
  bs_image_work_tell (work, name, what, 0, 0);
}

static BsImage *
use_recipe (const BsImageWork *work, const char *name, GError **error)
{
  g_autofree char *key = bs_image_recipes.key (name, error);
  g_autoptr (GError) problem = NULL;
  BsImage *image = key != NULL ? bs_store_find (work, name, key, NULL, &problem) : NULL;

  if (image != NULL || key == NULL)
    return image;
  tell_damaged (work, name, problem);
  return bs_image_build (work, &bs_image_recipes, name, FALSE, error);
}

/* What is cached is used without asking the publisher. */
static BsImage *
use_catalogue (const BsImageWork *work, const BsCatalogueEntry *entry, GError **error)
{
  g_autofree char *source = bs_image_pull_source (entry);
  g_autoptr (GError) problem = NULL;
  BsImage *image = bs_store_find (work, entry->name, source, NULL, &problem);

  if (image != NULL)
    return image;
  tell_damaged (work, entry->name, problem);
  return bs_image_pull (work, entry, error);
}

BsImage *
bs_image_ensure (const char *name, const char *folder, BsImageProgress progress, gpointer user_data,
                 GCancellable *cancellable, GError **error)
{
  g_auto (Reference) reference = { 0 };
  BsImageWork work;

  if (!bs_image_work_init (&work, progress, user_data, cancellable, error)
      || !resolve (&work, name, folder, &reference, error))
    return NULL;
  switch (reference.origin)
    {
    case BS_IMAGE_TINY:
      return bs_image_tiny (&work, error);
    case BS_IMAGE_RECIPE:
      return use_recipe (&work, name, error);
    case BS_IMAGE_CATALOGUE:
      return use_catalogue (&work, reference.entry, error);
    case BS_IMAGE_IMPORTED:
      return use_imported (&work, name, error);
    case BS_IMAGE_FILE:
      return use_file (reference.path, error);
    }
  g_return_val_if_reached (NULL);
}

static BsImage *
find_in_store (const BsImageWork *work, const Reference *reference, const char *name, char **missing, GError **error)
{
  const BsCatalogueEntry *entry = reference->entry;
  g_autofree char *source = entry != NULL ? bs_image_pull_source (entry) : bs_image_recipes.key (name, error);
  BsImage *image = source != NULL ? bs_store_find (work, entry != NULL ? entry->name : name, source, NULL, NULL) : NULL;

  if (image == NULL && source != NULL)
    *missing = entry != NULL ? g_strdup ("will be downloaded") : g_strdup ("will be built");
  return image;
}

BsImage *
bs_image_find (const char *name, const char *folder, char **missing, GError **error)
{
  g_auto (Reference) reference = { 0 };
  BsImageWork work;
  BsImage *image;

  *missing = NULL;
  if (!bs_image_work_init (&work, NULL, NULL, NULL, error) || !resolve (&work, name, folder, &reference, error))
    return NULL;
  switch (reference.origin)
    {
    case BS_IMAGE_TINY:
      image = bs_image_tiny_find (&work, NULL);
      if (image == NULL)
        *missing = g_strdup ("will be built");
      return image;
    case BS_IMAGE_RECIPE:
    case BS_IMAGE_CATALOGUE:
      return find_in_store (&work, &reference, name, missing, error);
    case BS_IMAGE_IMPORTED:
      return use_imported (&work, name, error);
    case BS_IMAGE_FILE:
      return use_file (reference.path, error);
    }
  g_return_val_if_reached (NULL);
}
