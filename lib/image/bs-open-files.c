/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-open-files.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
add_links_of (const char *process, const char *prefix, GHashTable *names)
{
  g_autofree char *folder = g_build_filename ("/proc", process, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (folder, name, NULL);
      char target[PATH_MAX];
      gssize length = readlink (link, target, sizeof target - 1);
      const char *rest, *slash;

      if (length < 0)
        continue;
      target[length] = '\0';
      rest = g_str_has_prefix (target, prefix) ? target + strlen (prefix) : "";
      slash = strchr (rest, '/');
      if (slash != NULL)
        g_hash_table_add (names, g_strndup (rest, (gsize) (slash - rest)));
    }
}

GHashTable *
bs_open_files_below (const char *dir)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  char *real = realpath (dir, NULL);
  g_autofree char *prefix = real != NULL ? g_strconcat (real, "/", NULL) : NULL;
  const char *name;

  free (real);
  while (prefix != NULL && processes != NULL && (name = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (name[0]))
      add_links_of (name, prefix, names);
  return names;
}
