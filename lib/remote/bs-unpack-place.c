/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-unpack-place.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
open_beneath (int dirfd, const char *name, int flags, mode_t mode)
{
  struct open_how how = { .flags = (unsigned) (flags | O_CLOEXEC | O_NOFOLLOW),
                          .mode = mode,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

  return (int) syscall (SYS_openat2, dirfd, name, &how, sizeof how);
}

static bool
failed (BsPlace *self, const char *name, BsArchiveError *error)
{
  bs_archive_error (error, errno != 0 ? errno : EIO, "cannot write", self->path, name);
  return false;
}

static int
innermost (const BsPlace *self)
{
  return self->depth > 0 ? self->folders[self->depth - 1] : self->parent;
}

static const char *
name_of (const BsPlace *self, const BsPlaceEntry *entry)
{
  return self->depth > 0 ? entry->name : self->name;
}

/* Fills @name from what the destination's last component is; the rest of @path is its folder afterwards. */
static bool
split_destination (BsPlace *self, BsArchiveError *error)
{
  char *name = bs_archive_base_name (self->path), *slash;
  bool fits = name != NULL && name[0] != '\0' && strlen (name) <= BS_ARCHIVE_NAME_MAX;

  if (fits)
    strcpy (self->name, name);
  free (name);
  errno = ENOENT;
  if (!fits)
    return failed (self, NULL, error);
  slash = strrchr (self->path, '/');
  if (slash == NULL)
    strcpy (self->path, ".");
  else
    slash[slash == self->path] = '\0';
  return true;
}

/* The user's own link to a file: write the file, as cp does. */
static void
follow_destination (BsPlace *self, const char *destination)
{
  struct stat st;
  char *real;

  if (lstat (destination, &st) != 0 || !S_ISLNK (st.st_mode) || (real = realpath (destination, NULL)) == NULL)
    return;
  snprintf (self->path, sizeof self->path, "%s", real);
  free (real);
}

/* Opens the folder that @destination names or is in. A link by that name may be a guest's, from an earlier copy: only a
 * slash after it says that it is meant as a folder. */
static bool
open_parent (BsPlace *self, const char *destination, const char *name, BsArchiveError *error)
{
  bool slash = destination[strlen (destination) - 1] == '/';
  int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  struct stat st;

  if (slash || ((self->untrusted ? lstat : stat) (destination, &st) == 0 && S_ISDIR (st.st_mode)))
    {
      strcpy (self->name, name);
      flags |= self->untrusted && !slash ? O_NOFOLLOW : 0;
    }
  else
    {
      if (!self->untrusted)
        follow_destination (self, destination);
      if (!split_destination (self, error))
        return false;
    }
  self->parent = open (self->path, flags);
  return self->parent >= 0 || failed (self, NULL, error);
}

bool
bs_place_init (BsPlace *self, const char *destination, const char *name, bool untrusted, BsArchiveError *error)
{
  size_t length = strlen (destination);

  self->parent = self->file = -1;
  self->untrusted = untrusted;
  self->root = geteuid () == 0;
  snprintf (self->path, sizeof self->path, "%s", destination);
  errno = length == 0 ? ENOENT : ENAMETOOLONG;
  if (length == 0 || length >= sizeof self->path - 1)
    return failed (self, NULL, error);
  name = name != NULL ? name : "";
  if (strchr (name, '/') != NULL || strlen (name) > BS_ARCHIVE_NAME_MAX || strcmp (name, ".") == 0
      || strcmp (name, "..") == 0)
    {
      errno = EINVAL;
      return failed (self, name, error);
    }
  return open_parent (self, destination, name, error);
}

void
bs_place_clear (BsPlace *self)
{
  if (self->file >= 0)
    {
      close (self->file);
      unlinkat (innermost (self), self->temporary, 0);
    }
  while (self->depth > 0)
    close (self->folders[--self->depth]);
  if (self->parent >= 0)
    close (self->parent);
  self->file = self->parent = -1;
}

static bool
gives_owners (const BsPlace *self)
{
  return self->root && !self->untrusted;
}

/* As cp -a, but that what a guest sends belongs to the caller: an owner that cannot be given is let go, unless that
 * would leave a set-user-id bit with the wrong one. */
static bool
apply_meta (const BsPlace *self, int fd, const BsPlaceMeta *meta)
{
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, meta->mtime };
  mode_t mode = meta->mode;

  if (!gives_owners (self) || fchown (fd, meta->uid, meta->gid) != 0)
    mode &= 01777;
  return fchmod (fd, mode) == 0 && futimens (fd, times) == 0;
}

static void
choose_temporary (BsPlace *self)
{
  static unsigned count;
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  snprintf (self->temporary, sizeof self->temporary, ".bs-%x-%lx-%x.tmp", (unsigned) getpid (),
            (unsigned long) now.tv_nsec, count++);
}

/* Opens the folder @name of the innermost one. ELOOP when it is a link, to whatever. */
static int
open_folder (BsPlace *self, const char *name)
{
  int fd = open_beneath (innermost (self), name, O_RDONLY | O_DIRECTORY, 0);
  struct stat st;

  if (fd < 0 && errno == ENOTDIR)
    errno = fstatat (innermost (self), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK (st.st_mode) ? ELOOP : ENOTDIR;
  return fd;
}

bool
bs_place_enter (BsPlace *self, const BsPlaceEntry *entry, BsArchiveError *error)
{
  const char *name = name_of (self, entry);
  size_t length = strlen (self->path);
  int fd;

  errno = ENAMETOOLONG;
  if (self->depth == BS_ARCHIVE_DEPTH_MAX)
    return failed (self, name, error);
  if (name[0] == '\0')
    fd = fcntl (self->parent, F_DUPFD_CLOEXEC, 0);
  else if (mkdirat (innermost (self), name, 0700) != 0 && errno != EEXIST)
    return failed (self, name, error);
  else
    fd = open_folder (self, name);
  if (fd < 0)
    return failed (self, name, error);
  self->lengths[self->depth] = length;
  self->metas[self->depth] = entry->meta;
  self->folders[self->depth++] = fd;
  if (name[0] != '\0' && length + strlen (name) + 2 <= sizeof self->path)
    {
      if (self->path[length - 1] != '/')
        self->path[length++] = '/';
      strcpy (self->path + length, name);
    }
  return true;
}

bool
bs_place_leave (BsPlace *self, BsArchiveError *error)
{
  int fd = self->folders[self->depth - 1];
  bool ok = apply_meta (self, fd, &self->metas[self->depth - 1]) || failed (self, NULL, error);

  self->depth--;
  close (fd);
  self->path[self->lengths[self->depth]] = '\0';
  return ok;
}

/* What stands there already is replaced when it is a file or a link, as cp -a does; devices and the like are not. */
static bool
may_replace (BsPlace *self, const char *name)
{
  struct stat st;

  if (fstatat (innermost (self), name, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG (st.st_mode) || S_ISLNK (st.st_mode))
    return true;
  errno = S_ISDIR (st.st_mode) ? EISDIR : EOPNOTSUPP;
  return false;
}

bool
bs_place_link (BsPlace *self, const BsPlaceEntry *entry, BsArchiveError *error)
{
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, entry->meta.mtime };
  const char *name = name_of (self, entry);
  int fd = innermost (self);

  errno = EISDIR;
  if (name[0] == '\0' || !may_replace (self, name))
    return failed (self, name, error);
  choose_temporary (self);
  if (symlinkat (entry->target, fd, self->temporary) != 0)
    return failed (self, name, error);
  utimensat (fd, self->temporary, times, AT_SYMLINK_NOFOLLOW);
  if ((!gives_owners (self)
       || fchownat (fd, self->temporary, entry->meta.uid, entry->meta.gid, AT_SYMLINK_NOFOLLOW) == 0 || errno == EPERM
       || errno == EINVAL)
      && renameat (fd, self->temporary, fd, name) == 0)
    return true;
  failed (self, name, error);
  unlinkat (fd, self->temporary, 0);
  return false;
}

bool
bs_place_open (BsPlace *self, const BsPlaceEntry *entry, BsArchiveError *error)
{
  const char *name = name_of (self, entry);

  errno = EISDIR;
  if (name[0] == '\0' || !may_replace (self, name))
    return failed (self, name, error);
  choose_temporary (self);
  self->file = open_beneath (innermost (self), self->temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
  return self->file >= 0 || failed (self, name, error);
}

bool
bs_place_write (BsPlace *self, const BsPlaceEntry *entry, const uint8_t *data, size_t length, uint64_t offset,
                BsArchiveError *error)
{
  while (length > 0)
    {
      ssize_t n = pwrite (self->file, data, length, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return failed (self, name_of (self, entry), error);
      data += n;
      length -= (size_t) n;
      offset += (uint64_t) n;
    }
  return true;
}

bool
bs_place_close (BsPlace *self, const BsPlaceEntry *entry, uint64_t end, uint64_t size, BsArchiveError *error)
{
  const char *name = name_of (self, entry);
  int fd = innermost (self);

  if ((size > end && ftruncate (self->file, (off_t) size) != 0) || !apply_meta (self, self->file, &entry->meta)
      || renameat (fd, self->temporary, fd, name) != 0)
    return failed (self, name, error);
  close (self->file);
  self->file = -1;
  return true;
}
