/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-template-cache.h"
#include "bs-cache-entry.h"
#include "bs-cache-hold.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-template-manifest.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SHOWN_PREFIX "template-"
#define SHOWN_DIGITS 8

char *
bs_template_folder (const char *cache_dir, GError **error)
{
  g_autofree char *path = g_build_filename (cache_dir, "templates", NULL);
  GError *local = NULL;

  if (bs_file_make_dirs (path, 0700, &local))
    return g_steal_pointer (&path);
  bs_error_blame_host (local, BS_CACHE_HINT);
  g_propagate_error (error, local);
  return NULL;
}

char *
bs_template_path (const char *cache_dir, const char *key, const char *leaf)
{
  return g_build_filename (cache_dir, "templates", key, leaf, NULL);
}

gboolean
bs_template_is_key (const char *text)
{
  return strlen (text) == BS_TEMPLATE_KEY_LENGTH && strspn (text, "0123456789abcdef") == BS_TEMPLATE_KEY_LENGTH;
}

static gboolean
check (const char *cache_dir, const char *key, gboolean deep, json_t **manifest, GCancellable *cancellable,
       GError **error)
{
  g_autofree char *path = bs_template_path (cache_dir, key, NULL);
  bs_autofd int dirfd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  g_autoptr (json_t) read = NULL;

  if (dirfd < 0)
    {
      bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "there is no template '%s'", key);
      return FALSE;
    }
  read = bs_template_manifest_read (dirfd, key, error);
  if (read != NULL && (deep || bs_cache_check_mark (dirfd, error))
      && bs_template_manifest_check (dirfd, read, deep, cancellable, error))
    {
      if (manifest != NULL)
        *manifest = g_steal_pointer (&read);
      return TRUE;
    }
  g_prefix_error (error, "template '%s': ", key);
  return FALSE;
}

gboolean
bs_template_find (const char *cache_dir, const char *key, json_t **manifest, GError **error)
{
  return check (cache_dir, key, FALSE, manifest, NULL, error);
}

gboolean
bs_template_verify (const char *cache_dir, const char *key, GCancellable *cancellable, GError **error)
{
  return check (cache_dir, key, TRUE, NULL, cancellable, error);
}

void
bs_template_touch (const char *cache_dir, const char *key)
{
  g_autofree char *path = bs_template_path (cache_dir, key, NULL);

  utimensat (AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

gboolean
bs_template_publish (const char *cache_dir, const char *path, const char *key, GError **error)
{
  g_autofree char *final = bs_template_path (cache_dir, key, NULL);

  if (!bs_file_remove_tree (AT_FDCWD, final, error))
    return FALSE;
  if (rename (path, final) == 0 && bs_file_sync_folder_of (AT_FDCWD, final))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot publish template '%s'", key);
  return FALSE;
}

/* By another name first: a removal that is killed leaves nothing that looks like a template. */
gboolean
bs_template_remove (const char *cache_dir, const char *key, GError **error)
{
  g_autofree char *path = bs_template_path (cache_dir, key, NULL);
  g_autofree char *name = g_strconcat (".removed-", key, NULL), *aside = bs_template_path (cache_dir, name, NULL);

  if (!bs_file_remove_tree (AT_FDCWD, aside, error))
    return FALSE;
  if (rename (path, aside) != 0 && errno != ENOENT)
    {
      bs_set_error_errno (error, errno, "cannot remove template '%s'", key);
      return FALSE;
    }
  return bs_file_remove_tree (AT_FDCWD, aside, error);
}

gboolean
bs_template_discard (const char *cache_dir, const char *key, GError **error)
{
  g_autofree char *disk = bs_template_path (cache_dir, key, BS_TEMPLATE_DISK);
  g_auto (BsCacheHeld) held = { 0 };

  bs_cache_held_init (&held, cache_dir);
  if (!g_hash_table_contains (held.templates, key) || access (disk, F_OK) != 0)
    return bs_template_remove (cache_dir, key, error);
  bs_set_error (error, BS_ERROR_BUSY, "`benchscale list` shows the labs; take down those that were forked from it",
                "template '%s' cannot be made again as long as disks of a lab stand on it", key);
  return FALSE;
}

void
bs_template_mark_damaged (const char *cache_dir, const char *key, const char *why)
{
  g_autofree char *path = bs_template_path (cache_dir, key, NULL);
  bs_autofd int dirfd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (dirfd >= 0)
    bs_cache_mark_damaged (dirfd, why);
}

void
bs_template_remove_kept (const char *cache_dir, const char *key)
{
  g_autofree char *path = bs_template_path (cache_dir, key, NULL);
  bs_autofd int dirfd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  g_autoptr (json_t) manifest = dirfd >= 0 ? bs_template_manifest_read (dirfd, key, NULL) : NULL;
  bs_autofd int lock = -1;

  if (manifest == NULL || !bs_json_bool (manifest, "kept", FALSE))
    return;
  lock = bs_template_try_lock (cache_dir, key);
  if (lock >= 0 && bs_template_remove (cache_dir, key, NULL))
    bs_template_forget_lock (cache_dir, key);
}

char *
bs_template_shown_name (const char *key)
{
  return g_strdup_printf (SHOWN_PREFIX "%.*s", SHOWN_DIGITS, key);
}

gboolean
bs_template_is_called (const char *key, const char *name)
{
  if (g_str_has_prefix (name, SHOWN_PREFIX))
    name += strlen (SHOWN_PREFIX);
  return strlen (name) >= SHOWN_DIGITS && g_str_has_prefix (key, name);
}
