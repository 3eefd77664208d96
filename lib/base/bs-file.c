/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-file.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define READ_PIECE ((gsize) 64 * 1024)
#define READ_MAX ((gsize) 1024 * 1024 * 1024)

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
      /* "." and "/" are their own parents: a current folder that was removed ends here. */
      if (strcmp (parent, path) != 0)
        {
          if (!bs_file_make_dirs (parent, mode, error))
            return FALSE;
          if (mkdir (path, mode) == 0)
            return TRUE;
        }
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

gboolean
bs_file_sync_folder_of (int dirfd, const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  bs_autofd int fd = openat (dirfd, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return fd >= 0 && fsync (fd) == 0;
}

gboolean
bs_file_write_atomic (int dirfd, const char *path, const void *data, gsize length, mode_t mode, GError **error)
{
  g_autofree char *temporary = NULL;
  gboolean ok;

  do
    {
      g_free (temporary);
      temporary = g_strdup_printf ("%s.%08x.tmp", path, g_random_int ());
      ok = write_synced (dirfd, temporary, data, length, mode);
    }
  while (!ok && errno == EEXIST);
  if (ok && renameat (dirfd, temporary, dirfd, path) == 0 && bs_file_sync_folder_of (dirfd, path))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write '%s'", path);
  unlinkat (dirfd, temporary, 0);
  return FALSE;
}

/* Opens without waiting for anything: a FIFO without a writer, a terminal's carrier. */
static int
open_regular (int dirfd, const char *path, struct stat *st, GError **error)
{
  bs_autofd int fd = openat (dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0 && errno != ENXIO)
    bs_set_error_errno (error, errno, "cannot read '%s'", path);
  else if (fd >= 0 && fstat (fd, st) != 0)
    bs_set_error_errno (error, errno, "cannot read '%s'", path);
  else if (fd < 0 || !S_ISREG (st->st_mode))
    bs_set_error (error, BS_ERROR_INVALID,
                  fd >= 0 && S_ISDIR (st->st_mode) ? NULL : "save what comes from a pipe or a device to a file first",
                  "'%s' is not a regular file", path);
  else
    return bs_fd_steal (&fd);
  return -1;
}

/* Reads to the end, or one byte past @limit; @data, which has room for *@room bytes and a NUL, grows as needed. */
static gboolean
read_to_end (int fd, char **data, gsize room, gsize limit, gsize *length)
{
  ssize_t n;

  *length = 0;
  do
    {
      if (*length == room)
        {
          room = MIN (2 * room, limit + 1);
          *data = g_realloc (*data, room + 1);
        }
      do
        n = read (fd, *data + *length, room - *length);
      while (n < 0 && errno == EINTR);
      *length += (gsize) MAX (n, 0);
    }
  while (n > 0 && *length <= limit);
  return n >= 0;
}

/* What is known to be too large is not read; else there is room for all of it and one byte more, which is its end. */
char *
bs_file_read (int dirfd, const char *path, gsize limit, gsize *length, GError **error)
{
  g_autofree char *data = NULL;
  gsize room, size = 0;
  struct stat st;
  bs_autofd int fd = open_regular (dirfd, path, &st, error);

  if (fd < 0)
    return NULL;
  limit = MIN (limit, READ_MAX);
  room = MAX (MIN ((gsize) st.st_size, limit) + 1, MIN (READ_PIECE, limit + 1));
  data = g_malloc (room + 1);
  if ((gsize) st.st_size <= limit && !read_to_end (fd, &data, room, limit, &size))
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", path);
      return NULL;
    }
  if ((gsize) st.st_size > limit || size > limit)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is larger than %" G_GSIZE_FORMAT " bytes", path, limit);
      return NULL;
    }
  data[size] = '\0';
  if (length != NULL)
    *length = size;
  return g_steal_pointer (&data);
}

static gboolean
is_same (const struct stat *before, const struct stat *after, gsize length)
{
  return before->st_ino == after->st_ino && before->st_dev == after->st_dev && before->st_size == after->st_size
         && (gsize) after->st_size == length && before->st_mtim.tv_sec == after->st_mtim.tv_sec
         && before->st_mtim.tv_nsec == after->st_mtim.tv_nsec;
}

char *
bs_file_read_settled (int dirfd, const char *path, gsize limit, gsize *length, GError **error)
{
  struct stat before = { 0 }, after = { 0 };
  g_autofree char *data = NULL;
  gsize read = 0;

  fstatat (dirfd, path, &before, 0); /* what is wrong with it is told by the reading */
  data = bs_file_read (dirfd, path, limit, &read, error);
  if (data == NULL)
    return NULL;
  if (fstatat (dirfd, path, &after, 0) != 0 || !is_same (&before, &after, read))
    {
      bs_set_error (error, BS_ERROR_INVALID, "try again when nobody writes it", "'%s' changed while it was read", path);
      return NULL;
    }
  if (length != NULL)
    *length = read;
  return g_steal_pointer (&data);
}

char *
bs_file_read_tail (int dirfd, const char *path, gsize limit)
{
  g_autofree char *data = NULL;
  const char *from, *newline;
  struct stat st;
  bs_autofd int fd = open_regular (dirfd, path, &st, NULL);
  off_t start;
  ssize_t n;

  if (fd < 0)
    return g_strdup ("");
  /* One byte more than asked for tells whether the first line is whole. */
  limit = MIN (limit, READ_MAX) + 1;
  start = st.st_size > (off_t) limit ? st.st_size - (off_t) limit : 0;
  data = g_malloc (limit);
  do
    n = pread (fd, data, limit, start);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return g_strdup ("");
  from = data;
  if (start > 0 || (gsize) n == limit)
    {
      newline = memchr (data, '\n', (gsize) n);
      from = newline != NULL && newline + 1 < data + n ? newline + 1 : data + 1;
    }
  return bs_text_printable (from, (gsize) (data + n - from));
}

char *
bs_file_proc_path (int dirfd, const char *path)
{
  if (dirfd == AT_FDCWD || g_path_is_absolute (path))
    return g_strdup (path);
  return g_strdup_printf ("/proc/self/fd/%d/%s", dirfd, path);
}
