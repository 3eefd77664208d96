/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-kernel-package.h"
#include "bs-command.h"
#include "bs-error.h"
#include "bs-file.h"

#include <string.h>

#define META_PACKAGE "linux-image-cloud-amd64"
#define IMAGE_PREFIX "linux-image-"

/* The image package in lines such as "  Depends: linux-image-6.1.0-56-cloud-amd64". */
static char *
parse_depends (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      const char *name = strstr (*line, "Depends: " IMAGE_PREFIX);

      if (name != NULL)
        return g_strchomp (g_strdup (name + strlen ("Depends: ")));
    }
  return NULL;
}

/* Options that make apt keep its lists in our folder, for a host that has none (a fresh container) or whose user may
 * not write them. */
static GPtrArray *
private_apt (const char *folder, const char *program)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup (program));
  if (folder == NULL)
    return argv;
  g_ptr_array_add (argv, g_strdup_printf ("-oDir::State::lists=%s/lists", folder));
  g_ptr_array_add (argv, g_strdup_printf ("-oDir::Cache=%s/cache", folder));
  g_ptr_array_add (argv, g_strdup ("-oDebug::NoLocking=1"));
  return argv;
}

static gboolean
run_apt (const char *folder, const char *lists, const char *program, const char *verb, const char *package,
         char **output, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = private_apt (lists, program);

  g_ptr_array_add (argv, g_strdup ("-q"));
  g_ptr_array_add (argv, g_strdup (verb));
  if (package != NULL)
    g_ptr_array_add (argv, g_strdup (package));
  g_ptr_array_add (argv, NULL);
  return bs_command_run (folder, (const char *const *) argv->pdata, output, cancellable, error);
}

/* @lists: (nullable): where private lists are, or the host's own. */
static char *
download (const char *folder, const char *lists, GCancellable *cancellable, GError **error)
{
  g_autofree char *text = NULL, *package = NULL;

  if (!run_apt (folder, lists, "apt-cache", "depends", META_PACKAGE, &text, cancellable, error))
    return NULL;
  package = parse_depends (text);
  if (package == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, NULL, "package '%s' is not known", META_PACKAGE);
      return NULL;
    }
  if (!run_apt (folder, lists, "apt-get", "download", package, NULL, cancellable, error))
    return NULL;
  return g_steal_pointer (&package);
}

static char *
download_with_fresh_lists (const char *folder, GCancellable *cancellable, GError **error)
{
  g_autofree char *lists = g_build_filename (folder, "lists", "partial", NULL);
  g_autofree char *cache = g_build_filename (folder, "cache", "archives", "partial", NULL);

  if (!bs_file_make_dirs (lists, 0755, error) || !bs_file_make_dirs (cache, 0755, error)
      || !run_apt (folder, folder, "apt-get", "update", NULL, NULL, cancellable, error))
    return NULL;
  return download (folder, folder, cancellable, error);
}

static char *
find_package_file (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".deb"))
      return g_strdup (name);
  return NULL;
}

static gboolean
unpack (const char *folder, GCancellable *cancellable, GError **error)
{
  g_autofree char *file = find_package_file (folder);
  const char *argv[] = { "dpkg-deb", "-x", file, "tree", NULL };

  if (file == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, NULL, "'apt-get download' left no package");
      return FALSE;
    }
  return bs_command_run (folder, argv, NULL, cancellable, error);
}

/* Fresh lists help when there are none, or only old ones whose packages are gone from the mirror. */
static gboolean
may_help (const GError *error)
{
  return error->code == BS_ERROR_FAILED || error->code == BS_ERROR_HOST;
}

char *
bs_kernel_package_fetch (const char *folder, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *package = download (folder, NULL, cancellable, &local);

  if (package == NULL && may_help (local))
    {
      g_clear_error (&local);
      package = download_with_fresh_lists (folder, cancellable, &local);
    }
  if (package == NULL && !may_help (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (package == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST,
                    "run 'apt-get update' with a reachable Debian mirror, or install " META_PACKAGE,
                    "cannot get the cloud kernel: %s", local->message);
      return NULL;
    }
  if (!unpack (folder, cancellable, error))
    return NULL;
  return g_strdup (package + strlen (IMAGE_PREFIX));
}
