/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-cache-entry.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define PAGE 4096
#define LOCK_RETRY_MSEC 20
#define MARK "damaged"
#define MARK_MAX 4096

struct _BsCacheEntry
{
  int parent, fd;
  char *name, *path;
  gboolean published;
};

int
bs_cache_lock (const char *dir, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "lock", NULL);
  bs_autofd int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  GError *local = NULL;

  if (fd < 0)
    {
      bs_set_error_errno (&local, errno, "cannot open '%s'", path);
      bs_error_blame_host (local, BS_CACHE_HINT);
      g_propagate_error (error, local);
      return -1;
    }
  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno != EWOULDBLOCK && errno != EINTR)
        {
          bs_set_error_errno (error, errno, "cannot lock '%s'", path);
          return -1;
        }
      if (g_cancellable_is_cancelled (cancellable))
        {
          bs_set_error (error, BS_ERROR_CANCELLED, NULL, "waiting for '%s' was interrupted", path);
          return -1;
        }
      g_usleep (LOCK_RETRY_MSEC * 1000);
    }
  return bs_fd_steal (&fd);
}

/* Folders in @dir that begin with @prefix, last used first. (element-type utf8) */
static GPtrArray *
list_by_use (int dirfd, const char *dir, const char *prefix)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      struct stat st;
      gint64 used;
      guint at = 0;

      if (name[0] == '.' || !g_str_has_prefix (name, prefix) || fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0
          || !S_ISDIR (st.st_mode))
        continue;
      used = (gint64) st.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + st.st_mtim.tv_nsec;
      while (at < times->len && g_array_index (times, gint64, at) >= used)
        at++;
      g_array_insert_val (times, at, used);
      g_ptr_array_insert (names, (gint) at, g_strdup (name));
    }
  return names;
}

void
bs_cache_prune (const char *dir, const char *prefix, guint keep, GHashTable *held)
{
  bs_autofd int dirfd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GPtrArray) names = list_by_use (dirfd, dir, prefix);

  for (guint i = keep; i < names->len; i++)
    if (held == NULL || !g_hash_table_contains (held, g_ptr_array_index (names, i)))
      bs_file_remove_tree (dirfd, g_ptr_array_index (names, i), NULL);
}

void
bs_cache_sweep (const char *dir)
{
  bs_autofd int dirfd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GDir) entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while (dirfd >= 0 && entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    if (name[0] == '.')
      bs_file_remove_tree (dirfd, name, NULL);
}

BsCacheEntry *
bs_cache_entry_begin (const char *dir, GError **error)
{
  g_autoptr (BsCacheEntry) self = g_new0 (BsCacheEntry, 1);

  self->fd = -1;
  self->name = g_strdup_printf (".%08x%08x", g_random_int (), g_random_int ());
  self->path = g_build_filename (dir, self->name, NULL);
  self->parent = bs_file_open_dir (AT_FDCWD, dir, error);
  if (self->parent < 0)
    return NULL;
  if (mkdirat (self->parent, self->name, 0755) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make folder '%s'", self->path);
      return NULL;
    }
  self->fd = bs_file_open_dir (self->parent, self->name, error);
  return self->fd >= 0 ? g_steal_pointer (&self) : NULL;
}

int
bs_cache_entry_fd (const BsCacheEntry *self)
{
  return self->fd;
}

const char *
bs_cache_entry_path (const BsCacheEntry *self)
{
  return self->path;
}

gboolean
bs_cache_entry_publish (BsCacheEntry *self, const char *name, GError **error)
{
  /* A folder of that name was found wanting (a file is missing), so it may go. */
  if (!bs_file_remove_tree (self->parent, name, error))
    return FALSE;
  if (fsync (self->fd) != 0 || renameat (self->parent, self->name, self->parent, name) != 0
      || fsync (self->parent) != 0)
    {
      bs_set_error_errno (error, errno, "cannot publish '%s'", name);
      return FALSE;
    }
  self->published = TRUE;
  return TRUE;
}

gboolean
bs_cache_entry_publish_in (BsCacheEntry *self, const char *dir, const char *name, GError **error)
{
  bs_autofd int target = bs_file_open_dir (AT_FDCWD, dir, error);

  if (target < 0)
    return FALSE;
  if (fsync (self->fd) != 0 || renameat (self->parent, self->name, target, name) != 0)
    {
      bs_set_error_errno (error, errno, "cannot publish '%s'", name);
      return FALSE;
    }
  self->published = TRUE;
  if (fsync (target) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot publish '%s'", name);
  return FALSE;
}

void
bs_cache_entry_free (BsCacheEntry *self)
{
  if (self == NULL)
    return;
  if (!self->published && self->parent >= 0)
    bs_file_remove_tree (self->parent, self->name, NULL);
  bs_fd_clear (&self->fd);
  bs_fd_clear (&self->parent);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

static gboolean
is_zero (const char *data, gsize length)
{
  return data[0] == 0 && memcmp (data, data + 1, length - 1) == 0;
}

static gboolean
write_sparse (int fd, const char *data, gsize length)
{
  for (gsize at = 0; at < length; at += PAGE)
    {
      gsize size = MIN (PAGE, length - at);

      if (is_zero (data + at, size))
        continue;
      if (lseek (fd, (off_t) at, SEEK_SET) < 0 || !bs_fd_write_all (fd, data + at, size))
        return FALSE;
    }
  return ftruncate (fd, (off_t) length) == 0;
}

gboolean
bs_cache_entry_write (int dirfd, const char *name, const void *data, gsize length, GError **error)
{
  bs_autofd int fd = openat (dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);

  if (fd >= 0 && write_sparse (fd, data, length) && fsync (fd) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write '%s' to the cache", name);
  return FALSE;
}

void
bs_cache_mark_damaged (int dirfd, const char *why)
{
  g_autoptr (GError) error = NULL;

  if (why == NULL)
    unlinkat (dirfd, MARK, 0);
  else if (!bs_file_write_atomic (dirfd, MARK, why, strlen (why), 0644, &error))
    g_debug ("%s", error->message);
}

gboolean
bs_cache_check_mark (int dirfd, GError **error)
{
  g_autofree char *why = NULL;
  gsize length;

  if (faccessat (dirfd, MARK, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
    return TRUE;
  why = bs_file_read (dirfd, MARK, MARK_MAX, &length, NULL);
  bs_set_error (error, BS_ERROR_INVALID, NULL, "%s", why != NULL && length > 0 ? why : "it was found damaged");
  return FALSE;
}
