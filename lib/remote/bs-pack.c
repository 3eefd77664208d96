/* SPDX-License-Identifier: Apache-2.0 */
/* bs-pack.c — the sending end of an archive */
#include "bs-archive.h"
#include "bs-guest-wire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

struct _BsPack
{
  char path[PATH_MAX]; /* of the innermost folder or the open file, for messages */
  DIR *folders[BS_ARCHIVE_DEPTH_MAX];
  unsigned depth;
  int file; /* -1, or the file whose extents are next */
  bool sparse;
  uint64_t offset;   /* in the file */
  uint64_t data_end; /* sparse: where the present data range ends */
  uint64_t bytes;
  bool first, ended;
};

BsPack *
bs_pack_new (const char *path, BsArchiveError *error)
{
  BsPack *self = calloc (1, sizeof *self);

  if (self == NULL || strlen (path) >= sizeof self->path || path[0] == '\0')
    {
      bs_archive_error (error,
                        self == NULL      ? ENOMEM
                        : path[0] == '\0' ? ENOENT
                                          : ENAMETOOLONG,
                        "cannot read", path, NULL);
      free (self);
      return NULL;
    }
  strcpy (self->path, path);
  self->file = -1;
  self->first = true;
  return self;
}

void
bs_pack_free (BsPack *self)
{
  if (self == NULL)
    return;
  if (self->file >= 0)
    close (self->file);
  while (self->depth > 0)
    closedir (self->folders[--self->depth]);
  free (self);
}

uint64_t
bs_pack_bytes (const BsPack *self)
{
  return self->bytes;
}

static void
put_entry (uint8_t *at, uint8_t type, const struct stat *st, size_t name_length, size_t target_length)
{
  memset (at, 0, BS_ARCHIVE_HEADER);
  at[0] = type;
  if (st == NULL)
    return;
  bs_wire_put16 (at + 2, (uint16_t) name_length);
  bs_wire_put32 (at + 4, st->st_mode & 07777);
  bs_wire_put32 (at + 8, st->st_uid);
  bs_wire_put32 (at + 12, st->st_gid);
  bs_wire_put64 (at + 16, (uint64_t) st->st_mtim.tv_sec);
  bs_wire_put32 (at + 24, (uint32_t) st->st_mtim.tv_nsec);
  bs_wire_put32 (at + 28, (uint32_t) target_length);
  bs_wire_put64 (at + 32, type == BS_ARCHIVE_FILE ? (uint64_t) st->st_size : 0);
}

/* "a/b" and "c" to "a/b/c", cut when too long: it is for messages only. */
static void
enter_path (BsPack *self, const char *name)
{
  size_t length = strlen (self->path);

  if (name[0] == '\0' || length + strlen (name) + 2 > sizeof self->path)
    return;
  if (length > 0 && self->path[length - 1] != '/')
    self->path[length++] = '/';
  strcpy (self->path + length, name);
}

static void
leave_path (BsPack *self)
{
  char *slash = self->depth > 0 ? strrchr (self->path, '/') : NULL;

  if (slash != NULL)
    slash[slash == self->path] = '\0';
}

/* @name below @dirfd was opened to @fd: send it as what it is by now. */
static ssize_t
put_opened (BsPack *self, int fd, const char *name, uint8_t *buffer, BsArchiveError *error)
{
  size_t length = self->first ? 0 : strlen (name);
  struct stat st;

  if (fd < 0 || fstat (fd, &st) != 0 || (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode)))
    {
      bs_archive_error (error, fd < 0 ? errno : EOPNOTSUPP, "cannot read", self->path, self->first ? NULL : name);
      if (fd >= 0)
        close (fd);
      return -1;
    }
  put_entry (buffer, S_ISDIR (st.st_mode) ? BS_ARCHIVE_FOLDER : BS_ARCHIVE_FILE, &st, length, 0);
  memcpy (buffer + BS_ARCHIVE_HEADER, name, length);
  if (!self->first)
    enter_path (self, name);
  if (S_ISREG (st.st_mode))
    {
      self->file = fd;
      self->offset = self->data_end = 0;
      self->sparse = (uint64_t) st.st_blocks * 512 < (uint64_t) st.st_size;
      return (ssize_t) (BS_ARCHIVE_HEADER + length);
    }
  if (self->depth == BS_ARCHIVE_DEPTH_MAX || (self->folders[self->depth] = fdopendir (fd)) == NULL)
    {
      bs_archive_error (error, self->depth == BS_ARCHIVE_DEPTH_MAX ? ENAMETOOLONG : errno, "cannot read", self->path,
                        NULL);
      close (fd);
      return -1;
    }
  self->depth++;
  return (ssize_t) (BS_ARCHIVE_HEADER + length);
}

static ssize_t
put_link (BsPack *self, int dirfd, const char *name, const struct stat *st, uint8_t *buffer, BsArchiveError *error)
{
  size_t length = self->first ? 0 : strlen (name);
  uint8_t *target = buffer + BS_ARCHIVE_HEADER + length;
  ssize_t n = readlinkat (dirfd, name, (char *) target, BS_ARCHIVE_TARGET_MAX);

  if (n <= 0)
    {
      bs_archive_error (error, errno, "cannot read", self->path, self->first ? NULL : name);
      return -1;
    }
  put_entry (buffer, BS_ARCHIVE_LINK, st, length, (size_t) n);
  memcpy (buffer + BS_ARCHIVE_HEADER, name, length);
  return (ssize_t) (BS_ARCHIVE_HEADER + length) + n;
}

static ssize_t
put_named (BsPack *self, int dirfd, const char *name, uint8_t *buffer, BsArchiveError *error)
{
  struct stat st;

  if (fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    {
      bs_archive_error (error, errno, "cannot read", self->path, self->first ? NULL : name);
      return -1;
    }
  if (S_ISLNK (st.st_mode))
    return put_link (self, dirfd, name, &st, buffer, error);
  if (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode))
    {
      bs_archive_error (error, EOPNOTSUPP, "is neither file, folder nor link:", self->path, self->first ? NULL : name);
      return -1;
    }
  return put_opened (self, openat (dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), name,
                     buffer, error);
}

static ssize_t
put_next_entry (BsPack *self, uint8_t *buffer, BsArchiveError *error)
{
  DIR *folder = self->folders[self->depth - 1];
  struct dirent *entry;

  do
    {
      errno = 0;
      entry = readdir (folder);
    }
  while (entry != NULL && (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0));
  if (entry != NULL)
    return put_named (self, dirfd (folder), entry->d_name, buffer, error);
  if (errno != 0)
    {
      bs_archive_error (error, errno, "cannot read", self->path, NULL);
      return -1;
    }
  closedir (folder);
  self->depth--;
  leave_path (self);
  put_entry (buffer, BS_ARCHIVE_LEAVE, NULL, 0, 0);
  return BS_ARCHIVE_HEADER;
}

/* Moves to the next data of a sparse file. False: none is left and @offset is the file's size. */
static bool
seek_data (BsPack *self)
{
  off_t data = lseek (self->file, (off_t) self->offset, SEEK_DATA), hole;
  struct stat st;

  hole = data >= 0 ? lseek (self->file, data, SEEK_HOLE) : -1;
  if (hole > data)
    {
      self->offset = (uint64_t) data;
      self->data_end = (uint64_t) hole;
      return true;
    }
  if (fstat (self->file, &st) == 0 && (uint64_t) st.st_size > self->offset)
    self->offset = (uint64_t) st.st_size;
  return false;
}

/* Less than @room where that lets the extent end at a whole page: the receiver writes whole pages then. */
static size_t
aligned (uint64_t offset, size_t room)
{
  size_t over = (size_t) ((offset + room) % PAGE);

  return room > PAGE ? room - over : room;
}

/* One extent: its header is written after the read, so a file that changes meanwhile is no trouble. */
static ssize_t
put_extent (BsPack *self, uint8_t *buffer, size_t capacity, BsArchiveError *error)
{
  size_t room = capacity - BS_ARCHIVE_EXTENT;
  bool more = !self->sparse || self->offset < self->data_end || seek_data (self);
  ssize_t n = 0;

  if (more && self->sparse && self->data_end - self->offset < room)
    room = (size_t) (self->data_end - self->offset);
  room = aligned (self->offset, room);
  if (more)
    n = self->sparse ? pread (self->file, buffer + BS_ARCHIVE_EXTENT, room, (off_t) self->offset)
                     : read (self->file, buffer + BS_ARCHIVE_EXTENT, room);
  if (n < 0)
    {
      bs_archive_error (error, errno, "cannot read", self->path, NULL);
      return -1;
    }
  bs_wire_put64 (buffer, self->offset);
  bs_wire_put32 (buffer + 8, (uint32_t) n);
  bs_wire_put32 (buffer + 12, 0);
  self->offset += (uint64_t) n;
  self->bytes += (uint64_t) n;
  if (n == 0)
    {
      close (self->file);
      self->file = -1;
      leave_path (self);
    }
  return BS_ARCHIVE_EXTENT + n;
}

ssize_t
bs_pack_read (BsPack *self, uint8_t *buffer, size_t capacity, BsArchiveError *error)
{
  size_t used = 0;

  while (!self->ended && capacity - used >= BS_ARCHIVE_CHUNK_MIN)
    {
      ssize_t n;

      if (self->file >= 0)
        n = put_extent (self, buffer + used, capacity - used, error);
      else if (self->first)
        n = put_named (self, AT_FDCWD, self->path, buffer + used, error);
      else if (self->depth > 0)
        n = put_next_entry (self, buffer + used, error);
      else
        {
          put_entry (buffer + used, BS_ARCHIVE_END, NULL, 0, 0);
          n = BS_ARCHIVE_HEADER;
          self->ended = true;
        }
      if (n < 0)
        return -1;
      self->first = false;
      used += (size_t) n;
    }
  return (ssize_t) used;
}
