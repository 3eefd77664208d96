/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-host-memory.h"
#include "bs-file.h"

#include <string.h>

#define TEXT_MAX 65536
#define MIB (1024 * 1024)

static char *
read_text (const char *root, const char *path)
{
  g_autofree char *file = g_build_filename (root, path, NULL);

  return bs_file_read (AT_FDCWD, file, TEXT_MAX, NULL, NULL);
}

static guint64
available (const char *root)
{
  g_autofree char *text = read_text (root, "proc/meminfo");
  const char *line = text != NULL ? strstr (text, "MemAvailable:") : NULL;

  if (line == NULL)
    return G_MAXUINT64;
  return g_ascii_strtoull (line + strlen ("MemAvailable:"), NULL, 10) / 1024;
}

/* "max" and numbers beyond any machine mean no limit. */
static gboolean
read_number (const char *root, const char *folder, const char *name, guint64 *number)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = read_text (root, path);

  if (text == NULL || !g_ascii_isdigit (text[0]))
    return FALSE;
  *number = g_ascii_strtoull (text, NULL, 10);
  return *number < G_MAXINT64 / 2;
}

/* Room in one group; file caches count as used there, so this is a careful figure. */
static guint64
group_room (const char *root, const char *folder, const char *limit_name, const char *used_name)
{
  guint64 limit, used;

  if (!read_number (root, folder, limit_name, &limit) || !read_number (root, folder, used_name, &used))
    return G_MAXUINT64;
  return limit > used ? (limit - used) / MIB : 0;
}

/* The least room of the group @path and all above it. */
static guint64
tree_room (const char *root, const char *mount, const char *path, const char *limit_name, const char *used_name)
{
  g_autofree char *folder = g_build_filename (mount, path, NULL);
  guint64 room = G_MAXUINT64;

  while (strlen (folder) >= strlen (mount))
    {
      char *parent = g_path_get_dirname (folder);
      guint64 of_group = group_room (root, folder, limit_name, used_name);

      room = MIN (room, of_group);
      g_free (folder);
      folder = parent;
    }
  return room;
}

/* Lines of /proc/self/cgroup: "0::/path" in version 2, "4:memory:/path" in version 1. */
static guint64
line_room (const char *root, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, ":", 3);

  if (g_strv_length (parts) != 3)
    return G_MAXUINT64;
  if (strcmp (parts[1], "") == 0)
    return tree_room (root, "sys/fs/cgroup", parts[2], "memory.max", "memory.current");
  if (strcmp (parts[1], "memory") == 0)
    return tree_room (root, "sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes", "memory.usage_in_bytes");
  return G_MAXUINT64;
}

guint64
bs_host_memory_free_mib (const char *root)
{
  g_autofree char *text = read_text (root, "proc/self/cgroup");
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  guint64 room = available (root);

  for (char **line = lines; *line != NULL; line++)
    {
      guint64 of_line = line_room (root, *line);

      room = MIN (room, of_line);
    }
  return room;
}
