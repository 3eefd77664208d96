/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-file.h"
#include "bs-error.h"
#include "bs-fd.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int
bs_file_open_dir (int dirfd, const char *path, GError **error)
{
  int fd = openat (dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    bs_set_error_errno (error, errno, "cannot open folder '%s'", path);
  return fd;
}

gboolean
bs_file_make_dirs (const char *path, mode_t mode, GError **error)
{
  g_autofree char *parent = NULL;
  struct stat st;

  if (mkdir (path, mode) == 0)
    return TRUE;
  if (errno == ENOENT)
    {
      parent = g_path_get_dirname (path);
      if (!bs_file_make_dirs (parent, mode, error))
        return FALSE;
      if (mkdir (path, mode) == 0)
        return TRUE;
    }
  if (errno == EEXIST && stat (path, &st) == 0 && S_ISDIR (st.st_mode))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot make folder '%s'", path);
  return FALSE;
}

gboolean
bs_fd_write_all (int fd, const void *data, gsize length)
{
  const char *at = data;

  while (length > 0)
    {
      ssize_t n = write (fd, at, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      at += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
write_synced (int dirfd, const char *path, const void *data, gsize length, mode_t mode)
{
  bs_autofd int fd = openat (dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  return fd >= 0 && fchmod (fd, mode) == 0 && bs_fd_write_all (fd, data, length) && fsync (fd) == 0;
}

static gboolean
sync_parent (int dirfd, const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  bs_autofd int fd = openat (dirfd, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return fd >= 0 && fsync (fd) == 0;
}

gboolean
bs_file_write_atomic (int dirfd, const char *path, const void *data, gsize length, mode_t mode, GError **error)
{
  g_autofree char *temporary = g_strdup_printf ("%s.%08x.tmp", path, g_random_int ());

  if (write_synced (dirfd, temporary, data, length, mode) && renameat (dirfd, temporary, dirfd, path) == 0
      && sync_parent (dirfd, path))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write '%s'", path);
  unlinkat (dirfd, temporary, 0);
  return FALSE;
}

char *
bs_file_read (int dirfd, const char *path, gsize limit, gsize *length, GError **error)
{
  bs_autofd int fd = openat (dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  g_autofree char *data = NULL;
  gsize size = 0, capacity = 4096;
  struct stat st;

  if (fd < 0 || fstat (fd, &st) != 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", path);
      return NULL;
    }
  if (!S_ISREG (st.st_mode))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is not a regular file", path);
      return NULL;
    }
  capacity = MIN ((gsize) st.st_size, limit) + 2;
  data = g_malloc (capacity);
  for (;;)
    {
      ssize_t n;

      if (size + 1 >= capacity)
        data = g_realloc (data, capacity *= 2);
      n = read (fd, data + size, capacity - size - 1);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          bs_set_error_errno (error, errno, "cannot read '%s'", path);
          return NULL;
        }
      if (n == 0)
        break;
      size += (gsize) n;
      if (size > limit)
        {
          bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is larger than %" G_GSIZE_FORMAT " bytes", path, limit);
          return NULL;
        }
    }
  data[size] = '\0';
  if (length != NULL)
    *length = size;
  return g_steal_pointer (&data);
}

char *
bs_file_read_tail (int dirfd, const char *path, gsize limit)
{
  bs_autofd int fd = openat (dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  g_autofree char *data = g_malloc0 (limit + 1);
  struct stat st;
  off_t start;
  char *newline;
  ssize_t n;

  if (fd < 0 || fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    return g_strdup ("");
  start = st.st_size > (off_t) limit ? st.st_size - (off_t) limit : 0;
  n = pread (fd, data, limit, start);
  data[MAX (n, 0)] = '\0';
  newline = start > 0 ? strchr (data, '\n') : NULL;
  return g_strdup (newline != NULL ? newline + 1 : data);
}

static gboolean
remove_entry (int dirfd, const char *name, dev_t device)
{
  struct stat st;
  struct dirent *entry;
  DIR *dir;
  int fd;
  gboolean ok = TRUE;

  if (fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT;
  if (!S_ISDIR (st.st_mode))
    return unlinkat (dirfd, name, 0) == 0 || errno == ENOENT;
  if (st.st_dev != device)
    {
      errno = EXDEV;
      return FALSE;
    }
  fd = openat (dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT;
  dir = fdopendir (fd);
  while (ok && (entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      ok = remove_entry (fd, entry->d_name, device);
  if (!ok)
    {
      int saved = errno;

      closedir (dir);
      errno = saved;
      return FALSE;
    }
  closedir (dir);
  return unlinkat (dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

gboolean
bs_file_remove_tree (int dirfd, const char *path, GError **error)
{
  struct stat st;

  if (fstatat (dirfd, path, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
    return TRUE;
  if (remove_entry (dirfd, path, st.st_dev))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot remove '%s'", path);
  return FALSE;
}

char *
bs_file_proc_path (int dirfd, const char *path)
{
  if (dirfd == AT_FDCWD)
    return g_strdup (path);
  return g_strdup_printf ("/proc/self/fd/%d/%s", dirfd, path);
}
