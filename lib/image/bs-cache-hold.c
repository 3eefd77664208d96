/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-cache-hold.h"
#include "bs-cache-entry.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-json.h"
#include "bs-process.h"
#include "bs-template-cache.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOLD_FORMAT 1
#define HOLD_MAX (1024 * 1024)
#define WRITING_SECONDS 60

static char *
hold_path (const char *cache_dir, const char *id)
{
  return g_build_filename (cache_dir, "holds", id, NULL);
}

/* The folder of images/ that the file @path is in; NULL: none. (transfer full) */
static char *
image_folder_of (const char *cache_dir, const char *path)
{
  g_autofree char *prefix = g_strconcat (cache_dir, "/images/", NULL);
  const char *rest = g_str_has_prefix (path, prefix) ? path + strlen (prefix) : "";
  const char *slash = strchr (rest, '/');

  return slash != NULL && slash != rest ? g_strndup (rest, (gsize) (slash - rest)) : NULL;
}

static json_t *
image_folders (const char *cache_dir, const char *const *files)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  json_t *folders = json_array ();

  for (; *files != NULL; files++)
    {
      char *folder = image_folder_of (cache_dir, *files);

      if (folder != NULL && g_hash_table_add (seen, folder))
        json_array_append_new (folders, json_string (folder));
    }
  return folders;
}

/* This process, so that nobody mistakes another for it. */
static json_t *
maker (void)
{
  return json_pack ("{s:i, s:I}", "pid", (int) getpid (), "start_time", (json_int_t) bs_process_start_time (getpid ()));
}

gboolean
bs_cache_hold (const char *cache_dir, const char *id, const char *witness, const char *const *files,
               const char *const *templates, GError **error)
{
  g_autofree char *path = hold_path (cache_dir, id), *folder = g_path_get_dirname (path), *text = NULL;
  json_t *keys = json_array ();
  g_autoptr (json_t) hold = json_pack ("{s:i, s:s, s:o, s:o}", "format", HOLD_FORMAT, "witness", witness, "images",
                                       image_folders (cache_dir, files), "templates", keys);
  GError *local = NULL;

  for (; *templates != NULL; templates++)
    json_array_append_new (keys, json_string (*templates));
  if (access (witness, F_OK) != 0)
    json_object_set_new (hold, "maker", maker ());
  text = bs_json_dump (hold);
  if (bs_file_make_dirs (folder, 0700, &local)
      && bs_file_write_atomic (AT_FDCWD, path, text, strlen (text), 0600, &local))
    return TRUE;
  g_prefix_error (&local, "cannot note in the cache what the lab stands on: ");
  bs_error_blame_host (local, BS_CACHE_HINT);
  g_propagate_error (error, local);
  return FALSE;
}

static gboolean
maker_lives (const json_t *hold)
{
  const json_t *made_by = json_object_get (hold, "maker");
  gint64 start_time = bs_json_int (made_by, "start_time", 0);

  return start_time != 0 && (gint64) bs_process_start_time ((pid_t) bs_json_int (made_by, "pid", 0)) == start_time;
}

/* A witness that cannot be read, but may be there, holds. */
static gboolean
is_alive (const json_t *hold, const char *id)
{
  const char *witness = bs_json_string (hold, "witness", "");
  char text[64] = "";
  bs_autofd int fd = open (witness, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) || maker_lives (hold);
  return read (fd, text, sizeof text - 1) < 0 || g_str_has_prefix (text, id);
}

/* (transfer full): NULL when it is no hold that anybody could have written whole. */
static json_t *
read_hold (const char *path)
{
  gsize length;
  g_autofree char *text = bs_file_read (AT_FDCWD, path, HOLD_MAX, &length, NULL);
  g_autoptr (json_t) hold = text != NULL ? bs_json_load (text, length, NULL) : NULL;

  return bs_json_int (hold, "format", 0) == HOLD_FORMAT && bs_json_string (hold, "witness", NULL) != NULL
             ? g_steal_pointer (&hold)
             : NULL;
}

static void
add_all (GHashTable *to, const json_t *names, const char *id)
{
  json_t *name;
  size_t i;

  json_array_foreach ((json_t *) names, i, name)
  {
    if (json_is_string (name))
      g_hash_table_replace (to, g_strdup (json_string_value (name)), g_strdup (id));
  }
}

static void
take (BsCacheHeld *self, const char *cache_dir, const char *id)
{
  g_autofree char *path = hold_path (cache_dir, id);
  g_autoptr (json_t) hold = read_hold (path);

  if (hold != NULL && is_alive (hold, id))
    {
      add_all (self->images, json_object_get (hold, "images"), id);
      add_all (self->templates, json_object_get (hold, "templates"), id);
    }
  else
    bs_cache_release (cache_dir, id);
}

/* Of one who was killed while he wrote it. */
static void
remove_old (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat st;

  if (lstat (path, &st) == 0 && time (NULL) - st.st_mtim.tv_sec > WRITING_SECONDS)
    unlink (path);
}

void
bs_cache_held_init (BsCacheHeld *self, const char *cache_dir)
{
  g_autofree char *folder = g_build_filename (cache_dir, "holds", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *id;

  self->images = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->templates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  while (dir != NULL && (id = g_dir_read_name (dir)) != NULL)
    if (g_uuid_string_is_valid (id))
      take (self, cache_dir, id);
    else if (g_str_has_suffix (id, ".tmp"))
      remove_old (folder, id);
}

void
bs_cache_held_clear (BsCacheHeld *self)
{
  g_clear_pointer (&self->images, g_hash_table_unref);
  g_clear_pointer (&self->templates, g_hash_table_unref);
}

void
bs_cache_release (const char *cache_dir, const char *id)
{
  g_autofree char *path = hold_path (cache_dir, id);
  g_autoptr (json_t) hold = read_hold (path);
  json_t *key;
  size_t i;

  unlink (path);
  json_array_foreach (json_object_get (hold, "templates"), i, key)
  {
    if (json_is_string (key) && bs_template_is_key (json_string_value (key)))
      bs_template_remove_kept (cache_dir, json_string_value (key));
  }
}
