/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-recipe-state.h"
#include "bs-command.h"
#include "bs-error.h"
#include "bs-file.h"

#include <string.h>

#define NO_LISTS "apt knows no packages"

char *
bs_recipe_parse_versions (const char *simulation)
{
  g_auto (GStrv) lines = g_strsplit (simulation, "\n", -1);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) words = g_str_has_prefix (*line, "Inst ") ? g_strsplit (*line, " ", 4) : NULL;

      if (words != NULL && g_strv_length (words) >= 3 && words[2][0] == '(')
        g_ptr_array_add (found, g_strdup_printf ("%s %s", words[1], words[2] + 1));
    }
  g_ptr_array_sort (found, bs_recipe_compare_names);
  g_ptr_array_add (found, NULL);
  return found->len > 1 ? g_strjoinv ("\n", (char **) found->pdata) : NULL;
}

/* What apt would install into an empty system, by the lists that it has. */
static char *
simulate (const char *sources)
{
  static const char *const head[] = { "apt-get",
                                      "-qs",
                                      "-oDir::State::status=/dev/null",
                                      "-oDir::Etc::sourceparts=-",
                                      "-oDir::Etc::preferences=-",
                                      "-oDir::Etc::preferencesparts=-",
                                      "-oAPT::Install-Recommends=false",
                                      "-oDebug::NoLocking=true" };
  static const char *const always[] = { "install", "?essential", "apt" };
  g_autofree char *option = g_strconcat ("-oDir::Etc::sourcelist=", sources, NULL), *output = NULL;
  g_auto (GStrv) packages = bs_recipe_packages ();
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    g_ptr_array_add (argv, (gpointer) head[i]);
  g_ptr_array_add (argv, option);
  for (guint i = 0; i < G_N_ELEMENTS (always); i++)
    g_ptr_array_add (argv, (gpointer) always[i]);
  for (guint i = 0; packages[i] != NULL; i++)
    g_ptr_array_add (argv, packages[i]);
  g_ptr_array_add (argv, NULL);
  if (!bs_command_run ("/", (const char *const *) argv->pdata, &output, NULL, NULL))
    return NULL;
  return bs_recipe_parse_versions (output);
}

static char *
versions_now (GTree *inputs)
{
  GBytes *text = g_tree_lookup (inputs, BS_RECIPE_SOURCES);
  g_autofree char *folder = g_dir_make_tmp ("benchscale-recipe-XXXXXX", NULL), *path = NULL, *versions = NULL;

  if (folder == NULL)
    return NULL;
  path = g_build_filename (folder, BS_RECIPE_SOURCES, NULL);
  if (g_file_set_contents (path, g_bytes_get_data (text, NULL), (gssize) g_bytes_get_size (text), NULL))
    versions = simulate (path);
  bs_file_remove_tree (AT_FDCWD, folder, NULL);
  return g_steal_pointer (&versions);
}

char *
bs_recipe_state (GTree *inputs, GError **error)
{
  const char *argv[] = { "mmdebstrap", "--version", NULL };
  g_autofree char *tool = NULL, *versions = NULL;

  if (!bs_command_run ("/", argv, &tool, NULL, error))
    {
      bs_error_blame_host (error != NULL ? *error : NULL, BS_RECIPE_TOOLS_HINT);
      return NULL;
    }
  versions = versions_now (inputs);
  return g_strconcat (tool, versions != NULL ? versions : NO_LISTS, NULL);
}
