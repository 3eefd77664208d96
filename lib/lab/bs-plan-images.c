/* SPDX-License-Identifier: Apache-2.0 */
/* bs-plan-images.c — what the nodes of a plan start from */
#include "bs-error.h"
#include "bs-image.h"
#include "bs-plan-private.h"
#include "bs-provision.h"
#include "bs-recipe.h"
#include "bs-settings.h"
#include "bs-time.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024 * 1024)
#define STEP_PERCENT 5

gboolean
bs_plan_check_image (const BsPlan *self, const BsTopologyNode *model, GError **error)
{
  const char *file = self->topology->file;
  g_autofree char *folder = g_path_get_dirname (file);

  if (!bs_image_check (model->image, folder, error))
    {
      g_prefix_error (error, "node '%s': ", model->name);
      bs_plan_prefix_position (error, self->topology, model, &model->image_at);
      return FALSE;
    }
  if (strcmp (model->image, "tiny") == 0 && bs_provision_bakes (model))
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "use 'image: debian-12'",
                    "node '%s': image 'tiny' has no package manager and no users, so nothing can be installed in it",
                    model->name);
      bs_plan_prefix_position (error, self->topology, model, &model->image_at);
      return FALSE;
    }
  return bs_provision_check (model, file, folder, error);
}

gboolean
bs_plan_image_has_guest (const BsTopologyNode *model)
{
  return model->image != NULL
         && (strcmp (model->image, "tiny") == 0 || g_strv_contains (bs_recipe_names (), model->image));
}

/* The companions, before anything is begun that would want one. */
static gboolean
check_programs (const BsSettings *settings, GError **error)
{
  static const char *const names[] = { "benchscale-lab", "benchscale-switch", "benchscale-guest" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (bs_settings_libexec_dir (settings), names[i], NULL);

      if (access (path, X_OK) == 0)
        continue;
      bs_set_error (error, BS_ERROR_HOST, "install benchscale whole, or point BENCHSCALE_LIBEXEC_DIR to its programs",
                    "cannot run '%s': %s", path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

typedef struct
{
  BsEvents *events;
  char *what;    /* (nullable) told last */
  guint percent; /* of it */
} Making;

/* A download reports ten times a second, and each event is a line in somebody's log. */
static gboolean
is_news (Making *self, const char *what, guint percent)
{
  if (g_strcmp0 (self->what, what) == 0 && percent < self->percent + STEP_PERCENT)
    return FALSE;
  g_free (self->what);
  self->what = g_strdup (what);
  self->percent = percent - percent % STEP_PERCENT;
  return TRUE;
}

static void
tell (const char *image, const char *what, guint64 done, guint64 total, gpointer user_data)
{
  Making *self = user_data;

  if (!is_news (self, what, total > 0 ? (guint) ((double) done / (double) total * 100) : 0))
    return;
  if (total > 0)
    bs_events_emit (self->events, NULL, "image", "note", "%s: %s, %u of %u MiB", image, what, (guint) (done / MIB),
                    (guint) (total / MIB));
  else
    bs_events_emit (self->events, NULL, "image", "note", "%s: %s", image, what);
}

/* Finds or makes it, and says how long the making took. */
static BsImage *
ensure (const char *name, const char *folder, BsEvents *events, GCancellable *cancellable, GError **error)
{
  Making making = { .events = events };
  gint64 began = bs_time_now_usec ();
  BsImage *image = bs_image_ensure (name, folder, tell, &making, cancellable, error);
  g_autofree char *took = bs_time_format_duration (bs_time_now_usec () - began);

  if (image == NULL)
    g_prefix_error (error, "failed to make image '%s': ", name);
  else if (making.what != NULL)
    bs_events_emit (events, NULL, "image", "end", "%s: ready after %s", image->name, took);
  g_free (making.what);
  return image;
}

static void
fill (BsBackendNode *spec, const BsImage *image)
{
  spec->kernel = g_strdup (image->kernel);
  spec->initrd = g_strdup (image->initrd);
  spec->cmdline = g_strdup (image->cmdline);
  spec->disk = g_strdup (image->disk);
  spec->disk_format = g_strdup (image->disk_format);
  spec->firmware = g_strdup (image->firmware);
  spec->image = g_strdup (image->name);
  spec->image_digest = g_strdup (image->digest);
  spec->has_guest = image->has_guest;
  spec->login = g_strdup (image->user);
}

gboolean
bs_plan_ensure_images (BsPlan *self, BsEvents *events, GCancellable *cancellable, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *folder = g_path_get_dirname (self->topology->file);
  g_autoptr (GHashTable) images = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) bs_image_free);

  if (settings == NULL || !check_programs (settings, error))
    return FALSE;
  for (guint i = 0; i < self->nodes->len; i++)
    {
      BsPlanNode *node = g_ptr_array_index (self->nodes, i);
      BsImage *image = g_hash_table_lookup (images, node->model->image);

      if (image == NULL)
        {
          image = ensure (node->model->image, folder, events, cancellable, error);
          if (image == NULL)
            return FALSE;
          g_hash_table_insert (images, node->model->image, image);
        }
      fill (node->spec, image);
    }
  return bs_plan_open_access (self, error);
}

void
bs_plan_find_images (BsPlan *self)
{
  g_autofree char *folder = g_path_get_dirname (self->topology->file);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_clear_pointer (&self->missing, g_ptr_array_unref);
  self->missing = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      BsPlanNode *node = g_ptr_array_index (self->nodes, i);
      g_autofree char *missing = NULL;
      g_autoptr (BsImage) image = bs_image_find (node->model->image, folder, &missing, NULL);

      if (image != NULL)
        fill (node->spec, image);
      else if (missing != NULL && g_hash_table_add (seen, node->model->image))
        g_ptr_array_add (self->missing, g_strdup_printf ("image %s %s", node->model->image, missing));
    }
}
