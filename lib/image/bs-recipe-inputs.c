/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-inputs.c — what a build begins with: the recipe's own texts, the host's mirror, the guest program */
#include "bs-recipe-private.h"
#include "bs-apt-config.h"
#include "bs-apt-sources.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-initrd.h"
#include "bs-settings.h"
#include "bs-suggest.h"

#include <string.h>

#define PREFIX "/recipe/"
#define GUEST_PROGRAM "benchscale-guest"
#define FILE_MAX (64 * 1024 * 1024)
#define OWN_KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

static const BsRecipe recipes[] = {
  { .name = "debian-12", .release = "bookworm", .disk_bytes = G_GUINT64_CONSTANT (4) << 30 },
};

const char *const *
bs_recipe_names (void)
{
  static const char *names[G_N_ELEMENTS (recipes) + 1];
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
        names[i] = recipes[i].name;
      g_once_init_leave (&ready, 1);
    }
  return names;
}

const BsRecipe *
bs_recipe_find (const char *name, GError **error)
{
  const char *nearest = bs_suggest_nearest (name, bs_recipe_names ());
  g_autofree char *hint = nearest != NULL ? g_strdup_printf ("did you mean '%s'?", nearest) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    if (g_str_equal (recipes[i].name, name))
      return &recipes[i];
  bs_set_error (error, BS_ERROR_NOT_FOUND, hint, "there is no recipe for image '%s'", name);
  return NULL;
}

static GBytes *
lookup (const char *name)
{
  g_autofree char *path = g_strconcat (PREFIX, name, NULL);

  return g_resource_lookup_data (bs_recipe_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

int
bs_recipe_compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
bs_recipe_packages (void)
{
  g_autoptr (GBytes) bytes = lookup ("packages");
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && **line != '#')
      g_strv_builder_add (names, *line);
  return g_strv_builder_end (names);
}

/* @folder: "" or ends in '/' */
static void
add_texts (GTree *inputs, const char *folder)
{
  g_autofree char *path = g_strconcat (PREFIX, folder, NULL);
  g_auto (GStrv) names
      = g_resource_enumerate_children (bs_recipe_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autofree char *child = g_strconcat (folder, *name, NULL);

      if (g_str_has_suffix (child, "/"))
        add_texts (inputs, child);
      else
        {
          GBytes *text = lookup (child);

          g_tree_replace (inputs, g_steal_pointer (&child), text);
        }
    }
}

static void
add_text (GTree *inputs, const char *name, char *text)
{
  g_tree_replace (inputs, g_strdup (name), g_bytes_new_take (text, strlen (text)));
}

static gboolean
add_file (GTree *inputs, const char *name, const char *path, GError **error)
{
  gsize length;
  char *data = bs_file_read (AT_FDCWD, path, FILE_MAX, &length, error);

  if (data == NULL)
    return FALSE;
  g_tree_replace (inputs, g_strdup (name), g_bytes_new_take (data, length));
  return TRUE;
}

/* Keyrings that the new system has not of itself. */
static gboolean
add_keyrings (GTree *inputs, GPtrArray *sources, GError **error)
{
  for (guint i = 0; i < sources->len; i++)
    {
      const BsAptSource *source = g_ptr_array_index (sources, i);
      g_autofree char *name = g_strconcat ("files", source->signed_by, NULL);

      if (source->signed_by == NULL || source->signed_by[0] != '/' || g_str_equal (source->signed_by, OWN_KEYRING))
        continue;
      if (strchr (source->signed_by, ',') != NULL || strstr (source->signed_by, "/../") != NULL)
        {
          bs_set_error (error, BS_ERROR_HOST, "let Signed-By name one keyring", "cannot take the keyrings '%s' along",
                        source->signed_by);
          return FALSE;
        }
      if (!add_file (inputs, name, source->signed_by, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_mirror (GTree *inputs, const BsRecipe *recipe, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) all = bs_apt_sources_read ("/etc/apt", BS_RECIPE_ARCHITECTURE);
  g_autoptr (GPtrArray) chosen = bs_apt_sources_for (all, recipe->release, "/var/lib/apt/lists", error);
  g_autofree char *dump = NULL;

  if (chosen == NULL || !add_keyrings (inputs, chosen, error))
    return FALSE;
  dump = bs_apt_config_dump (cancellable, error);
  if (dump == NULL)
    return FALSE;
  add_text (inputs, BS_RECIPE_SOURCES, bs_apt_sources_format (chosen));
  add_text (inputs, BS_RECIPE_WAY, bs_apt_config_pick (dump, TRUE, FALSE));
  add_text (inputs, "files/etc/apt/apt.conf.d/91mirror", bs_apt_config_pick (dump, FALSE, TRUE));
  return TRUE;
}

static gboolean
add_guest (GTree *inputs, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *path = NULL;

  if (settings == NULL)
    return FALSE;
  path = g_build_filename (bs_settings_libexec_dir (settings), GUEST_PROGRAM, NULL);
  return add_file (inputs, "guest", path, error)
         && bs_initrd_check_static (path, g_tree_lookup (inputs, "guest"), error);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

GTree *
bs_recipe_inputs (const BsRecipe *recipe, GCancellable *cancellable, GError **error)
{
  g_autoptr (GTree) inputs
      = g_tree_new_full (compare_names, NULL, g_free, (GDestroyNotify) (void (*) (void)) g_bytes_unref);

  add_texts (inputs, "");
  if (!add_mirror (inputs, recipe, cancellable, error) || !add_guest (inputs, error))
    return NULL;
  return g_steal_pointer (&inputs);
}
