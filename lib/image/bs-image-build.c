/* SPDX-License-Identifier: Apache-2.0 */
/* bs-image-build.c — images that are made here: by a recipe, and `tiny` */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-make.h"
#include "bs-image-steps.h"
#include "bs-manifest.h"
#include "bs-recipe.h"
#include "bs-tiny.h"

#include <string.h>

#define TINY "tiny"

const BsImageRecipes bs_image_recipes = { bs_recipe_names, bs_recipe_key, bs_recipe_build };

static gboolean
run_recipe (const BsImageWork *work, const BsImageRecipes *recipes, const char *name, const BsCacheEntry *entry,
            json_t **manifest, GError **error)
{
  return bs_image_step_before (BS_STEP_BUILD_IMAGE, error)
         && recipes->build (name, bs_cache_entry_fd (entry), bs_cache_entry_path (entry), work->progress,
                            work->user_data, work->cancellable, manifest, error)
         && bs_image_step_after (BS_STEP_BUILD_IMAGE, error);
}

static BsImage *
build_locked (const BsImageWork *work, const BsStoreLock *lock, const BsImageRecipes *recipes, const char *key,
              GError **error)
{
  g_autoptr (BsCacheEntry) entry = bs_cache_entry_begin (lock->folder, error);
  g_autoptr (json_t) manifest = NULL;

  if (entry == NULL || !run_recipe (work, recipes, lock->name, entry, &manifest, error))
    return NULL;
  if (manifest == NULL)
    manifest = json_object ();
  json_object_set_new (manifest, "origin", json_string (bs_image_origin_name (BS_IMAGE_RECIPE)));
  json_object_set_new (manifest, "source", json_string (key));
  return bs_store_publish (work, lock, entry, manifest, NULL, error);
}

BsImage *
bs_image_build (const BsImageWork *work, const BsImageRecipes *recipes, const char *name, gboolean anew, GError **error)
{
  g_autofree char *key = recipes->key (name, error);
  g_autoptr (BsStoreLock) lock = NULL;
  GError *local = NULL;
  BsImage *image = NULL;

  if (key == NULL)
    return NULL;
  lock = bs_store_lock (work, name, TRUE, error);
  if (lock == NULL)
    return NULL;
  if (!anew)
    image = bs_store_find (work, name, key, lock, NULL);
  if (image != NULL)
    return image;
  image = build_locked (work, lock, recipes, key, &local);
  /* The recipe says so itself. */
  if (image == NULL && g_str_has_prefix (local->message, "cannot build image "))
    g_propagate_error (error, local);
  else if (image == NULL)
    g_propagate_prefixed_error (error, local, "cannot build image '%s': ", name);
  return image;
}

static void
tell_tiny (const char *what, gpointer user_data)
{
  bs_image_work_tell (user_data, TINY, what, 0, 0);
}

static BsImage *
read_tiny (const char *folder, GError **error)
{
  bs_autofd int dirfd = bs_file_open_dir (AT_FDCWD, folder, error);
  g_autoptr (json_t) manifest = dirfd >= 0 ? bs_manifest_read (dirfd, error) : NULL;

  if (manifest == NULL || !bs_cache_check_mark (dirfd, error) || !bs_manifest_check (manifest, dirfd, error))
    return NULL;
  return bs_manifest_image (manifest, folder);
}

/* Takes away what is not as it was made; the kernel's own folder too, for the image's is a second name of it. Whoever
 * waited for the lock looks again: another may have made it anew meanwhile. */
static gboolean
forget_tiny (const BsImageWork *work, const char *folder, GError **error)
{
  g_autofree char *images = bs_store_images (work), *kernels = g_build_filename (work->cache_dir, "kernels", NULL);
  bs_autofd int lock = bs_cache_lock (images, work->cancellable, error);
  g_autoptr (BsImage) made = lock >= 0 ? read_tiny (folder, NULL) : NULL;

  if (lock < 0 || made != NULL)
    return lock >= 0;
  return bs_file_remove_tree (AT_FDCWD, folder, error) && bs_file_remove_tree (AT_FDCWD, kernels, error);
}

BsImage *
bs_image_tiny_find (const BsImageWork *work, GError **error)
{
  g_autofree char *guest = g_build_filename (work->libexec_dir, "benchscale-guest", NULL);
  g_autoptr (BsTinyImage) tiny = bs_tiny_find (work->cache_dir, guest, error);
  g_autofree char *folder = tiny != NULL ? g_path_get_dirname (tiny->kernel) : NULL;

  return folder != NULL ? read_tiny (folder, error) : NULL;
}

BsImage *
bs_image_tiny (const BsImageWork *work, GError **error)
{
  g_autofree char *guest = g_build_filename (work->libexec_dir, "benchscale-guest", NULL);

  for (gboolean again = FALSE;; again = TRUE)
    {
      g_autoptr (BsTinyImage) tiny
          = bs_tiny_ensure (work->cache_dir, guest, tell_tiny, (gpointer) work, work->cancellable, error);
      g_autofree char *folder = tiny != NULL ? g_path_get_dirname (tiny->kernel) : NULL;
      g_autoptr (GError) local = NULL;
      BsImage *image = tiny != NULL ? read_tiny (folder, &local) : NULL;

      if (image != NULL || tiny == NULL)
        return image;
      if (again)
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&local), "image 'tiny' is damaged: ");
          return NULL;
        }
      bs_image_work_tell (work, TINY, "the cached one is damaged: making it anew", 0, 0);
      if (!forget_tiny (work, folder, error))
        return NULL;
    }
}
