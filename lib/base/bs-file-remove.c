/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every name is looked at below the descriptor of the folder it is in, so that a folder that is swapped for a symbolic
 * link meanwhile is removed as a link and never entered. A mount is told by its mount id: a bind mount of the same file
 * system has the same device, and what is behind it is not ours to remove. Each level holds one descriptor.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* How often a folder is emptied again because somebody fills it, and how deep trees may be. */
#define ATTEMPTS_MAX 8
#define DEPTH_MAX 512

typedef struct
{
  guint64 mount_id;
  guint64 device;
  GString *at; /* path of what is being removed, for the error */
} Removal;

static gboolean remove_entry (Removal *self, int dirfd, const char *name, guint depth);

static gboolean
mount_of (int fd, guint64 *mount_id, guint64 *device)
{
  struct statx stx;

  if (statx (fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &stx) != 0)
    return FALSE;
  *mount_id = (stx.stx_mask & STATX_MNT_ID) != 0 ? stx.stx_mnt_id : 0;
  *device = (guint64) stx.stx_dev_major << 32 | stx.stx_dev_minor;
  return TRUE;
}

/* Opens the folder @name itself, even one that its owner may not read. */
static int
open_folder (int dirfd, const char *name)
{
  int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat (dirfd, name, O_RDONLY | flags);
  bs_autofd int handle = -1;
  char path[64];

  if (fd >= 0 || errno != EACCES)
    return fd;
  handle = openat (dirfd, name, O_PATH | flags);
  g_snprintf (path, sizeof path, "/proc/self/fd/%d", handle);
  if (handle < 0 || chmod (path, 0700) != 0)
    {
      errno = EACCES;
      return -1;
    }
  return openat (dirfd, name, O_RDONLY | flags);
}

static gboolean
is_dot (const char *name)
{
  return strcmp (name, ".") == 0 || strcmp (name, "..") == 0;
}

/* FALSE with errno when reading failed or an entry stays. */
static gboolean
remove_entries (Removal *self, DIR *dir, guint depth)
{
  struct dirent *entry;

  for (;;)
    {
      errno = 0;
      entry = readdir (dir);
      if (entry == NULL)
        return errno == 0;
      if (!is_dot (entry->d_name) && !remove_entry (self, dirfd (dir), entry->d_name, depth + 1))
        return FALSE;
    }
}

/* Removes what is in the folder @fd, which it closes. */
static gboolean
empty_folder (Removal *self, int fd, guint depth)
{
  DIR *dir = fdopendir (fd);
  gboolean ok;
  int saved;

  if (dir == NULL)
    {
      bs_fd_clear (&fd);
      return FALSE;
    }
  ok = remove_entries (self, dir, depth);
  saved = errno;
  closedir (dir);
  errno = saved;
  return ok;
}

/* Removes the folder @name. FALSE with errno; ENOTDIR when it is none any more. */
static gboolean
remove_folder (Removal *self, int dirfd, const char *name, guint depth)
{
  guint64 mount_id, device;
  bs_autofd int fd = open_folder (dirfd, name);
  struct stat st;

  if (fd < 0 || !mount_of (fd, &mount_id, &device) || fstat (fd, &st) != 0)
    return FALSE;
  if (depth == 0)
    {
      self->mount_id = mount_id;
      self->device = device;
    }
  if (mount_id != self->mount_id || device != self->device)
    {
      errno = EXDEV;
      return FALSE;
    }
  if (depth > DEPTH_MAX)
    {
      errno = ENAMETOOLONG;
      return FALSE;
    }
  /* Entries go only from a folder that may be written; a failure shows below. */
  if ((st.st_mode & 0300) != 0300 && fchmod (fd, 0700) != 0 && errno != EPERM)
    return FALSE;
  return empty_folder (self, bs_fd_steal (&fd), depth) && unlinkat (dirfd, name, AT_REMOVEDIR) == 0;
}

/* One try. FALSE with errno. */
static gboolean
try_remove (Removal *self, int dirfd, const char *name, guint depth)
{
  struct stat st;

  if (fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return FALSE;
  if (S_ISDIR (st.st_mode))
    return remove_folder (self, dirfd, name, depth);
  return unlinkat (dirfd, name, 0) == 0;
}

static gboolean
remove_entry (Removal *self, int dirfd, const char *name, guint depth)
{
  gsize length = self->at->len;

  if (depth > 0)
    g_string_append_printf (self->at, "/%s", name);
  for (guint attempt = 0; attempt < ATTEMPTS_MAX; attempt++)
    {
      if (try_remove (self, dirfd, name, depth) || errno == ENOENT)
        {
          g_string_truncate (self->at, length);
          return TRUE;
        }
      /* Try again what was filled meanwhile, or is no longer the kind of thing it was. */
      if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR && errno != EISDIR)
        return FALSE;
    }
  errno = EBUSY;
  return FALSE;
}

gboolean
bs_file_remove_tree (int dirfd, const char *path, GError **error)
{
  g_autofree char *name = g_strdup (path);
  Removal self = { .at = g_string_new (path) };
  gboolean ok;

  /* A slash at the end would follow a link. */
  for (gsize length = strlen (name); length > 1 && name[length - 1] == '/'; length--)
    name[length - 1] = '\0';
  ok = remove_entry (&self, dirfd, name, 0);
  if (!ok)
    bs_set_error_errno (error, errno, "cannot remove '%s'", self.at->str);
  g_string_free (self.at, TRUE);
  return ok;
}
