/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-copy-in.c — into a machine
 *
 * A file is written under a temporary name beside its own: all its writes are under way at once, as far as the queue
 * and the server's window go; then modes, owner and times; and only when all of that went well is it renamed.
 */
#include "bs-copy-error.h"
#include "bs-fd.h"
#include "bs-sftp.h"
#include "bs-ssh-copy.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define QUEUE (1024 * 1024)
#define NEW_FILE (0x02 | 0x08 | 0x20) /* write, create, exclusively */

typedef struct
{
  BsSftp sftp;
  const BsSshCopy *options;
  gboolean owners;
  guint count; /* of temporary names */
  guint64 bytes;
} In;

typedef struct
{
  const char *path;     /* here */
  char *to, *temporary; /* there */
  int fd;
  struct stat st;
  BsSftpHandle handle;
  guint64 offset, data_end;
  gboolean sparse, ended;
  guint under_way; /* writes without an answer */
} File;

static gboolean copy_entry (In *self, int dirfd, const char *name, const char *path, const char *to, guint depth,
                            GError **error);

static gboolean
cannot_read (int errnum, const char *path, GError **error)
{
  BsArchiveError archive;

  bs_archive_error (&archive, errnum, errnum == EOPNOTSUPP ? "is neither file, folder nor link:" : "cannot read", path,
                    NULL);
  bs_copy_set_error (&archive, error);
  return bs_copy_explain (FALSE, error);
}

static BsSftpAttrs
meta_of (const struct stat *st)
{
  return (BsSftpAttrs){ .flags = BS_SFTP_ATTR_PERMISSIONS | BS_SFTP_ATTR_TIMES,
                        .permissions = st->st_mode & 07777,
                        .atime = (guint32) st->st_atim.tv_sec,
                        .mtime = (guint32) st->st_mtim.tv_sec };
}

static char *
temporary_beside (In *self, const char *to)
{
  g_autofree char *folder = g_path_get_dirname (to);

  return g_strdup_printf ("%s/.bs-%08x-%x.tmp", strcmp (folder, "/") == 0 ? "" : folder, g_random_int (),
                          self->count++);
}

static gboolean
ask_path (In *self, guint8 type, const char *path, const BsSftpAttrs *attrs, BsSftpMessage *message, GError **error)
{
  bs_sftp_begin (&self->sftp, type);
  bs_sftp_put_text (self->sftp.out, path);
  if (attrs != NULL)
    bs_sftp_put_attrs (self->sftp.out, attrs);
  bs_sftp_end (&self->sftp);
  return bs_sftp_ask (&self->sftp, message, error);
}

static void
remove_quietly (In *self, const char *path)
{
  guint32 id = bs_sftp_begin (&self->sftp, BS_SFTP_REMOVE);

  bs_sftp_put_text (self->sftp.out, path);
  bs_sftp_end (&self->sftp);
  bs_sftp_ignore (&self->sftp, id);
}

/* --- a name there */

static gboolean
ask_rename (In *self, const char *from, const char *to, BsSftpMessage *message, GError **error)
{
  if (self->sftp.posix_rename)
    bs_sftp_begin_extended (&self->sftp, "posix-rename@openssh.com");
  else
    bs_sftp_begin (&self->sftp, BS_SFTP_RENAME);
  bs_sftp_put_text (self->sftp.out, from);
  bs_sftp_put_text (self->sftp.out, to);
  bs_sftp_end (&self->sftp);
  return bs_sftp_ask (&self->sftp, message, error);
}

/* Servers without POSIX's rename do not replace what is there. */
static gboolean
put_in_place (In *self, const char *temporary, const char *to, GError **error)
{
  BsSftpMessage message;

  if (!ask_rename (self, temporary, to, &message, error))
    return FALSE;
  if (bs_sftp_status (&message) != BS_SFTP_OK && !self->sftp.posix_rename)
    {
      if (!ask_path (self, BS_SFTP_REMOVE, to, NULL, &message, error)
          || !ask_rename (self, temporary, to, &message, error))
        return FALSE;
    }
  return bs_sftp_check (&self->sftp, &message, "write", to, error);
}

/* Files and links are replaced; folders, and devices and the like, are not. */
static gboolean
may_replace (In *self, const char *to, GError **error)
{
  BsSftpAttrs attrs;
  guint32 status;

  if (!bs_sftp_stat (&self->sftp, BS_SFTP_LSTAT, to, &attrs, &status, error))
    return FALSE;
  if (status != BS_SFTP_OK || S_ISREG (attrs.permissions) || S_ISLNK (attrs.permissions))
    return TRUE;
  bs_set_error (error, S_ISDIR (attrs.permissions) ? BS_ERROR_EXISTS : BS_ERROR_FAILED, NULL,
                "cannot write '%s' on '%s': it is a %s", to, self->sftp.call.ssh->name,
                S_ISDIR (attrs.permissions) ? "folder" : "device, socket or FIFO");
  return FALSE;
}

/* --- files */

/* How much of the file's next piece is data, and where. 0: none is left. */
static gsize
next_piece (const In *self, File *file)
{
  off_t data, hole;

  if (!file->sparse || file->offset < file->data_end)
    return file->sparse ? MIN (self->sftp.write_max, file->data_end - file->offset) : self->sftp.write_max;
  data = lseek (file->fd, (off_t) file->offset, SEEK_DATA);
  hole = data >= 0 ? lseek (file->fd, data, SEEK_HOLE) : -1;
  if (hole <= data)
    return 0;
  file->offset = (guint64) data;
  file->data_end = (guint64) hole;
  return MIN (self->sftp.write_max, file->data_end - file->offset);
}

/* The data is read straight into the queue, behind a header that is completed afterwards. */
static gboolean
queue_write (In *self, File *file, GError **error)
{
  gsize wanted = next_piece (self, file), at;
  gssize n;

  bs_sftp_begin (&self->sftp, BS_SFTP_WRITE);
  bs_sftp_put_string (self->sftp.out, file->handle.data, file->handle.length);
  bs_sftp_put64 (self->sftp.out, file->offset);
  at = self->sftp.out->len;
  g_byte_array_set_size (self->sftp.out, (guint) (at + 4 + wanted));
  while ((n = pread (file->fd, self->sftp.out->data + at + 4, wanted, (off_t) file->offset)) < 0 && errno == EINTR)
    continue;
  if (n <= 0)
    {
      g_byte_array_set_size (self->sftp.out, (guint) self->sftp.start);
      file->ended = TRUE;
      return n == 0 || cannot_read (errno, file->path, error);
    }
  g_byte_array_set_size (self->sftp.out, (guint) at);
  bs_sftp_put32 (self->sftp.out, (guint32) n);
  g_byte_array_set_size (self->sftp.out, (guint) (at + 4 + (gsize) n));
  bs_sftp_end (&self->sftp);
  file->under_way++;
  file->offset += (guint64) n;
  self->bytes += (guint64) n;
  return TRUE;
}

static gboolean
write_file (In *self, File *file, GError **error)
{
  BsSftpMessage message;

  for (;;)
    {
      while (!file->ended && bs_sftp_queued (&self->sftp) < QUEUE)
        if (!queue_write (self, file, error))
          return FALSE;
      if (file->under_way == 0)
        break;
      if (!bs_sftp_receive (&self->sftp, file->ended || bs_sftp_queued (&self->sftp) >= QUEUE, &message, error))
        return FALSE;
      if (message.type == 0)
        continue;
      if (!bs_sftp_check (&self->sftp, &message, "write", file->to, error))
        return FALSE;
      file->under_way--;
      if (self->options->progress != NULL)
        self->options->progress (self->bytes, self->options->user_data);
    }
  return TRUE; /* ended, and all is written */
}

/* @ok: (out): whether it was done */
static gboolean
set_meta (In *self, File *file, const BsSftpAttrs *attrs, gboolean *ok, GError **error)
{
  BsSftpMessage message;

  bs_sftp_begin (&self->sftp, BS_SFTP_FSETSTAT);
  bs_sftp_put_string (self->sftp.out, file->handle.data, file->handle.length);
  bs_sftp_put_attrs (self->sftp.out, attrs);
  bs_sftp_end (&self->sftp);
  if (!bs_sftp_ask (&self->sftp, &message, error))
    return FALSE;
  *ok = bs_sftp_status (&message) == BS_SFTP_OK;
  return TRUE;
}

/* An owner that cannot be given is let go, unless that would leave a set-user-id bit with the wrong one. The owner
 * comes first, since giving it takes such bits away. */
static gboolean
finish_file (In *self, File *file, GError **error)
{
  BsSftpAttrs owner = { .flags = BS_SFTP_ATTR_UIDGID, .uid = file->st.st_uid, .gid = file->st.st_gid };
  BsSftpAttrs meta = meta_of (&file->st);
  gboolean owned = FALSE, ok;

  if (self->owners && !set_meta (self, file, &owner, &owned, error))
    return FALSE;
  if (!owned)
    meta.permissions &= 01777;
  if (file->sparse)
    {
      meta.flags |= BS_SFTP_ATTR_SIZE;
      meta.size = MAX (file->offset, (guint64) file->st.st_size);
    }
  if (!set_meta (self, file, &meta, &ok, error))
    return FALSE;
  if (!ok)
    return bs_sftp_status_error (&self->sftp, BS_SFTP_FAILURE, "write", file->to, error);
  bs_sftp_close (&self->sftp, &file->handle);
  return put_in_place (self, file->temporary, file->to, error);
}

static gboolean
send_file (In *self, File *file, GError **error)
{
  BsSftpAttrs secret = { .flags = BS_SFTP_ATTR_PERMISSIONS, .permissions = 0600 };

  if (!may_replace (self, file->to, error))
    return FALSE;
  bs_sftp_begin (&self->sftp, BS_SFTP_OPEN);
  bs_sftp_put_text (self->sftp.out, file->temporary);
  bs_sftp_put32 (self->sftp.out, NEW_FILE);
  bs_sftp_put_attrs (self->sftp.out, &secret);
  bs_sftp_end (&self->sftp);
  if (!bs_sftp_handle (&self->sftp, "write", file->to, &file->handle, error))
    return FALSE;
  if (write_file (self, file, error) && finish_file (self, file, error))
    return TRUE;
  remove_quietly (self, file->temporary);
  return FALSE;
}

static gboolean
copy_file (In *self, int fd, const struct stat *st, const char *path, const char *to, GError **error)
{
  g_autofree char *temporary = temporary_beside (self, to);
  File file = { .path = path, .to = (char *) to, .temporary = temporary, .fd = fd, .st = *st };

  file.sparse = (guint64) st->st_blocks * 512 < (guint64) st->st_size;
  return send_file (self, &file, error);
}

/* --- links and folders */

static gboolean
copy_link (In *self, int dirfd, const char *name, const struct stat *st, const char *path, const char *to,
           GError **error)
{
  g_autofree char *temporary = temporary_beside (self, to);
  char target[BS_ARCHIVE_TARGET_MAX + 1];
  gssize n = readlinkat (dirfd, name, target, BS_ARCHIVE_TARGET_MAX);
  BsSftpMessage message;
  BsSftpAttrs meta = meta_of (st);

  if (n <= 0)
    return cannot_read (errno, path, error);
  if (!may_replace (self, to, error))
    return FALSE;
  bs_sftp_begin (&self->sftp, BS_SFTP_SYMLINK);
  bs_sftp_put_string (self->sftp.out, target, (gsize) n); /* the order that OpenSSH took, not the draft's */
  bs_sftp_put_text (self->sftp.out, temporary);
  bs_sftp_end (&self->sftp);
  if (!bs_sftp_ask (&self->sftp, &message, error) || !bs_sftp_check (&self->sftp, &message, "make the link", to, error))
    return FALSE;
  if (self->sftp.lsetstat)
    {
      guint32 id = bs_sftp_begin_extended (&self->sftp, "lsetstat@openssh.com");

      meta.flags = BS_SFTP_ATTR_TIMES | (self->owners ? BS_SFTP_ATTR_UIDGID : 0);
      meta.uid = st->st_uid;
      meta.gid = st->st_gid;
      bs_sftp_put_text (self->sftp.out, temporary);
      bs_sftp_put_attrs (self->sftp.out, &meta);
      bs_sftp_end (&self->sftp);
      bs_sftp_ignore (&self->sftp, id);
    }
  if (put_in_place (self, temporary, to, error))
    return TRUE;
  remove_quietly (self, temporary);
  return FALSE;
}

/* A folder that is there already is filled; a link in its place is not followed. */
static gboolean
make_folder (In *self, const char *to, GError **error)
{
  BsSftpAttrs attrs = { .flags = BS_SFTP_ATTR_PERMISSIONS, .permissions = 0700 };
  BsSftpMessage message;
  guint32 status;

  if (!ask_path (self, BS_SFTP_MKDIR, to, &attrs, &message, error))
    return FALSE;
  if (bs_sftp_status (&message) == BS_SFTP_OK)
    return TRUE;
  if (!bs_sftp_stat (&self->sftp, BS_SFTP_LSTAT, to, &attrs, &status, error))
    return FALSE;
  if (status != BS_SFTP_OK)
    return bs_sftp_check (&self->sftp, &message, "make the folder", to, error);
  if (S_ISDIR (attrs.permissions))
    return TRUE;
  bs_set_error (error, BS_ERROR_EXISTS, "remove it there, or copy to another name",
                "cannot make the folder '%s' on '%s': a %s has that name", to, self->sftp.call.ssh->name,
                S_ISLNK (attrs.permissions) ? "symbolic link" : "file");
  return FALSE;
}

static gboolean
leave_folder (In *self, const struct stat *st, const char *to, GError **error)
{
  BsSftpAttrs owner = { .flags = BS_SFTP_ATTR_UIDGID, .uid = st->st_uid, .gid = st->st_gid }, meta = meta_of (st);
  BsSftpMessage message;
  gboolean owned = FALSE;

  if (self->owners)
    {
      if (!ask_path (self, BS_SFTP_SETSTAT, to, &owner, &message, error))
        return FALSE;
      owned = bs_sftp_status (&message) == BS_SFTP_OK;
    }
  if (!owned)
    meta.permissions &= 01777;
  return ask_path (self, BS_SFTP_SETSTAT, to, &meta, &message, error)
         && bs_sftp_check (&self->sftp, &message, "change", to, error);
}

static gboolean
copy_children (In *self, DIR *folder, const char *path, const char *to, guint depth, GError **error)
{
  struct dirent *entry;

  while ((errno = 0, entry = readdir (folder)) != NULL)
    {
      g_autofree char *below = NULL, *below_to = NULL;

      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      below = g_build_filename (path, entry->d_name, NULL);
      below_to = g_build_filename (to, entry->d_name, NULL);
      if (!copy_entry (self, dirfd (folder), entry->d_name, below, below_to, depth + 1, error))
        return FALSE;
    }
  return errno == 0 || cannot_read (errno, path, error);
}

static gboolean
copy_folder (In *self, int fd, const struct stat *st, const char *path, const char *to, guint depth, GError **error)
{
  DIR *folder = fdopendir (fd);
  gboolean ok;

  if (folder == NULL || depth >= BS_ARCHIVE_DEPTH_MAX)
    {
      int errnum = folder == NULL ? errno : ENAMETOOLONG;

      if (folder != NULL)
        closedir (folder);
      else
        close (fd);
      return cannot_read (errnum, path, error);
    }
  ok = make_folder (self, to, error) && copy_children (self, folder, path, to, depth, error)
       && leave_folder (self, st, to, error);
  closedir (folder);
  return ok;
}

static gboolean
copy_entry (In *self, int dirfd, const char *name, const char *path, const char *to, guint depth, GError **error)
{
  bs_autofd int fd = -1;
  struct stat st;

  if (fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return cannot_read (errno, path, error);
  if (S_ISLNK (st.st_mode))
    return copy_link (self, dirfd, name, &st, path, to, error);
  if (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode))
    return cannot_read (EOPNOTSUPP, path, error);
  fd = openat (dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &st) != 0)
    return cannot_read (errno, path, error);
  if (S_ISDIR (st.st_mode))
    return copy_folder (self, bs_fd_steal (&fd), &st, path, to, depth, error);
  if (S_ISREG (st.st_mode))
    return copy_file (self, fd, &st, path, to, error);
  return cannot_read (EOPNOTSUPP, path, error);
}

/* Where it goes: below @destination when that is a folder, else @destination, through a link that is there to a file.
 * (transfer full) */
static char *
choose_name (In *self, const char *destination, const char *name, GError **error)
{
  gboolean slash = g_str_has_suffix (destination, "/");
  BsSftpAttrs attrs;
  guint32 status;

  if (!bs_sftp_stat (&self->sftp, BS_SFTP_STAT, destination, &attrs, &status, error))
    return NULL;
  if (slash || (status == BS_SFTP_OK && S_ISDIR (attrs.permissions)))
    return name[0] != '\0' ? g_build_filename (destination, name, NULL) : g_strdup (destination);
  if (status == BS_SFTP_OK && S_ISREG (attrs.permissions))
    return bs_sftp_name (&self->sftp, BS_SFTP_REALPATH, destination, error);
  return g_strdup (destination);
}

static gboolean
copy_in (In *self, BsSsh *ssh, const char *what, const char *source, const char *destination, const char *name,
         GError **error)
{
  gint64 deadline = self->options->deadline_usec > 0 ? self->options->deadline_usec : -1;
  g_autofree char *to = NULL;

  if (!bs_sftp_open (&self->sftp, ssh, what, deadline, self->options->cancellable, error))
    return FALSE;
  to = choose_name (self, destination, name, error);
  return to != NULL && copy_entry (self, AT_FDCWD, source, source, to, 0, error);
}

gboolean
bs_ssh_copy_in (BsSsh *self, const char *source, const char *destination, const BsSshCopy *options, GError **error)
{
  static const BsSshCopy none;
  g_autofree char *what = g_strdup_printf ("copy '%s' in", source);
  g_autofree In *in = g_new0 (In, 1);
  char *name = bs_archive_base_name (source);
  gboolean ok;

  in->options = options != NULL ? options : &none;
  in->owners = strcmp (self->target->user, "root") == 0;
  ok = copy_in (in, self, what, source, destination, name, error);
  if (!ok && in->sftp.out != NULL && bs_ssh_usable (self))
    bs_sftp_flush (&in->sftp);
  bs_sftp_clear (&in->sftp);
  free (name);
  return ok;
}
