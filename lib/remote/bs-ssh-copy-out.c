/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-copy-out.c — out of a machine, which may lie
 *
 * Of a file, reads are asked for ahead of their answers: as many as fill IN_FLIGHT bytes, then one for each that
 * came. An answer may be short; the rest is asked for again. The end is where the server says so.
 */
#include "bs-copy-error.h"
#include "bs-sftp.h"
#include "bs-ssh-copy.h"
#include "bs-time.h"
#include "bs-unpack-place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define IN_FLIGHT (4 * 1024 * 1024)
#define READS_MAX 128
#define NAMES_MAX 1000000
#define HOLE 32768

typedef struct
{
  BsSftp sftp;
  BsPlace place;
  const BsSshCopy *options;
  guint64 bytes;
} Out;

typedef struct
{
  guint32 id, length;
  guint64 offset;
} Read;

typedef struct
{
  const char *path;
  const BsPlaceEntry *entry;
  BsSftpHandle handle;
  Read reads[READS_MAX];
  guint n_reads;
  guint64 next, hint; /* where the next read begins; how long it seems to be */
  guint64 written, size;
  gboolean ended; /* the server said where */
} File;

static gboolean copy_entry (Out *self, const char *path, const char *name, const BsSftpAttrs *attrs, GError **error);

static gboolean
place_failed (const BsArchiveError *archive, GError **error)
{
  bs_copy_set_error (archive, error);
  return bs_copy_explain (FALSE, error);
}

static void
ask_read (Out *self, File *file, guint64 offset, guint32 length)
{
  guint32 id = bs_sftp_begin (&self->sftp, BS_SFTP_READ);

  bs_sftp_put_string (self->sftp.out, file->handle.data, file->handle.length);
  bs_sftp_put64 (self->sftp.out, offset);
  bs_sftp_put32 (self->sftp.out, length);
  bs_sftp_end (&self->sftp);
  file->reads[file->n_reads++] = (Read){ id, length, offset };
}

/* As far as the file seems to go, and one more that finds its end. */
static void
ask_ahead (Out *self, File *file)
{
  guint most = MAX (2, MIN (READS_MAX - 1, IN_FLIGHT / self->sftp.read_max));

  while (!file->ended && file->n_reads < most && (file->next <= file->hint || file->n_reads == 0))
    {
      ask_read (self, file, file->next, self->sftp.read_max);
      file->next += self->sftp.read_max;
    }
}

static gboolean
is_hole (const guint8 *data, gsize length)
{
  return data[0] == 0 && memcmp (data, data + 1, length - 1) == 0;
}

/* Zeros stay unwritten: the file is as long in the end. */
static gboolean
write_data (Out *self, File *file, guint64 offset, const guint8 *data, gsize length, GError **error)
{
  BsArchiveError archive;

  file->size = MAX (file->size, offset + length);
  self->bytes += length;
  while (length > 0)
    {
      gsize n = MIN (length, HOLE - offset % HOLE), run = n;

      if (n == HOLE && is_hole (data, n))
        {
          data += n, offset += n, length -= n;
          continue;
        }
      while (run < length && !(length - run >= HOLE && is_hole (data + run, HOLE)))
        run += MIN (length - run, HOLE);
      if (!bs_place_write (&self->place, file->entry, data, run, offset, &archive))
        return place_failed (&archive, error);
      file->written = MAX (file->written, offset + run);
      data += run, offset += run, length -= run;
    }
  return TRUE;
}

static gboolean
take_data (Out *self, File *file, const Read *read, BsSftpMessage *message, GError **error)
{
  gsize length;
  const guint8 *data = bs_sftp_get_string (&message->body, &length);

  if (message->body.bad || length == 0 || length > read->length)
    return bs_sftp_nonsense (&self->sftp, error);
  if (length < read->length)
    ask_read (self, file, read->offset + length, read->length - (guint32) length);
  if (!write_data (self, file, read->offset, data, length, error))
    return FALSE;
  if (self->options->progress != NULL)
    self->options->progress (self->bytes, self->options->user_data);
  return TRUE;
}

static gboolean
take_answer (Out *self, File *file, BsSftpMessage *message, GError **error)
{
  Read read;
  guint i;

  for (i = 0; i < file->n_reads && file->reads[i].id != message->id; i++)
    continue;
  if (i == file->n_reads)
    return bs_sftp_nonsense (&self->sftp, error);
  read = file->reads[i];
  memmove (&file->reads[i], &file->reads[i + 1], (--file->n_reads - i) * sizeof read);
  if (message->type == BS_SFTP_DATA)
    return take_data (self, file, &read, message, error);
  if (message->type == BS_SFTP_STATUS && bs_sftp_status (message) == BS_SFTP_EOF)
    file->ended = TRUE;
  else
    return bs_sftp_check (&self->sftp, message, "read", file->path, error) && bs_sftp_nonsense (&self->sftp, error);
  return TRUE;
}

static gboolean
read_file (Out *self, File *file, GError **error)
{
  BsSftpMessage message;

  for (;;)
    {
      ask_ahead (self, file);
      if (file->n_reads == 0)
        return TRUE;
      if (!bs_sftp_receive (&self->sftp, TRUE, &message, error) || !take_answer (self, file, &message, error))
        return FALSE;
    }
}

static gboolean
copy_file (Out *self, const char *path, const BsPlaceEntry *entry, guint64 size, GError **error)
{
  static const BsSftpAttrs none;
  g_autofree File *file = g_new0 (File, 1);
  BsArchiveError archive;

  *file = (File){ .path = path, .entry = entry, .hint = size };
  bs_sftp_begin (&self->sftp, BS_SFTP_OPEN);
  bs_sftp_put_text (self->sftp.out, path);
  bs_sftp_put32 (self->sftp.out, 1); /* for reading */
  bs_sftp_put_attrs (self->sftp.out, &none);
  bs_sftp_end (&self->sftp);
  if (!bs_sftp_handle (&self->sftp, "read", path, &file->handle, error))
    return FALSE;
  if (!bs_place_open (&self->place, entry, &archive))
    return place_failed (&archive, error);
  if (!read_file (self, file, error))
    return FALSE;
  bs_sftp_close (&self->sftp, &file->handle);
  return bs_place_close (&self->place, entry, file->written, file->size, &archive) || place_failed (&archive, error);
}

static gboolean
copy_link (Out *self, const char *path, BsPlaceEntry *entry, GError **error)
{
  g_autofree char *target = bs_sftp_name (&self->sftp, BS_SFTP_READLINK, path, error);
  BsArchiveError archive;

  if (target == NULL)
    return FALSE;
  if (target[0] == '\0' || strlen (target) > BS_ARCHIVE_TARGET_MAX)
    return bs_sftp_nonsense (&self->sftp, error);
  strcpy (entry->target, target);
  return bs_place_link (&self->place, entry, &archive) || place_failed (&archive, error);
}

/* --- folders */

typedef struct
{
  char *name;
  BsSftpAttrs attrs;
} Child;

static void
child_clear (gpointer child)
{
  g_free (((Child *) child)->name);
}

/* One answer of READDIR. A name is one component and nothing else: what it is below is decided here, not there. */
static gboolean
take_names (Out *self, BsSftpMessage *message, GArray *children, GError **error)
{
  for (guint32 n = bs_sftp_get32 (&message->body); n > 0; n--)
    {
      g_autofree char *name = bs_sftp_get_text (&message->body);
      gsize ignored;
      Child child;

      bs_sftp_get_string (&message->body, &ignored); /* a line as of ls -l */
      bs_sftp_get_attrs (&message->body, &child.attrs);
      if (message->body.bad || name[0] == '\0' || strchr (name, '/') != NULL || strlen (name) > BS_ARCHIVE_NAME_MAX
          || children->len >= NAMES_MAX)
        return bs_sftp_nonsense (&self->sftp, error);
      if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
        continue;
      child.name = g_steal_pointer (&name);
      g_array_append_val (children, child);
    }
  return TRUE;
}

static gboolean
read_names (Out *self, const char *path, GArray *children, GError **error)
{
  BsSftpHandle handle;
  BsSftpMessage message;

  bs_sftp_begin (&self->sftp, BS_SFTP_OPENDIR);
  bs_sftp_put_text (self->sftp.out, path);
  bs_sftp_end (&self->sftp);
  if (!bs_sftp_handle (&self->sftp, "read", path, &handle, error))
    return FALSE;
  for (;;)
    {
      bs_sftp_begin (&self->sftp, BS_SFTP_READDIR);
      bs_sftp_put_string (self->sftp.out, handle.data, handle.length);
      bs_sftp_end (&self->sftp);
      if (!bs_sftp_ask (&self->sftp, &message, error))
        return FALSE;
      if (message.type != BS_SFTP_NAME)
        break;
      if (!take_names (self, &message, children, error))
        return FALSE;
    }
  bs_sftp_close (&self->sftp, &handle);
  return bs_sftp_status (&message) == BS_SFTP_EOF
         || (bs_sftp_check (&self->sftp, &message, "read", path, error) && bs_sftp_nonsense (&self->sftp, error));
}

static gboolean
copy_folder (Out *self, const char *path, const BsPlaceEntry *entry, GError **error)
{
  g_autoptr (GArray) children = g_array_new (FALSE, FALSE, sizeof (Child));
  BsArchiveError archive;

  g_array_set_clear_func (children, child_clear);
  if (!bs_place_enter (&self->place, entry, &archive))
    return place_failed (&archive, error);
  if (!read_names (self, path, children, error))
    return FALSE;
  for (guint i = 0; i < children->len; i++)
    {
      const Child *child = &g_array_index (children, Child, i);
      g_autofree char *below = g_build_filename (path, child->name, NULL);

      if (!copy_entry (self, below, child->name, &child->attrs, error))
        return FALSE;
    }
  return bs_place_leave (&self->place, &archive) || place_failed (&archive, error);
}

/* @name: "" for what the copy is of. */
static gboolean
copy_entry (Out *self, const char *path, const char *name, const BsSftpAttrs *attrs, GError **error)
{
  g_autofree BsPlaceEntry *entry = g_new0 (BsPlaceEntry, 1);
  BsSftpAttrs asked;
  BsArchiveError archive;

  if ((attrs->flags & BS_SFTP_ATTR_PERMISSIONS) == 0)
    {
      if (!bs_sftp_stat (&self->sftp, BS_SFTP_LSTAT, path, &asked, NULL, error))
        return FALSE;
      attrs = &asked;
    }
  strcpy (entry->name, name);
  entry->meta.mode = attrs->permissions & 07777;
  entry->meta.mtime.tv_sec = attrs->mtime;
  entry->meta.mtime.tv_nsec = attrs->flags & BS_SFTP_ATTR_TIMES ? 0 : UTIME_NOW;
  if (S_ISREG (attrs->permissions))
    return copy_file (self, path, entry, attrs->flags & BS_SFTP_ATTR_SIZE ? attrs->size : 0, error);
  if (S_ISDIR (attrs->permissions))
    return copy_folder (self, path, entry, error);
  if (S_ISLNK (attrs->permissions))
    return copy_link (self, path, entry, error);
  bs_archive_error (&archive, EOPNOTSUPP, "is neither file, folder nor link:", path, NULL);
  return place_failed (&archive, error);
}

static gboolean
copy_out (Out *self, BsSsh *ssh, const char *what, const char *source, const char *destination, const char *name,
          GError **error)
{
  gint64 deadline = self->options->deadline_usec > 0 ? self->options->deadline_usec : -1;
  BsArchiveError archive;
  BsSftpAttrs attrs;
  gboolean ok;

  if (!bs_sftp_open (&self->sftp, ssh, what, deadline, self->options->cancellable, error)
      || !bs_sftp_stat (&self->sftp, BS_SFTP_LSTAT, source, &attrs, NULL, error))
    return FALSE;
  if (!bs_place_init (&self->place, destination, name, true, &archive))
    ok = place_failed (&archive, error);
  else
    ok = copy_entry (self, source, "", &attrs, error);
  bs_place_clear (&self->place);
  return ok;
}

gboolean
bs_ssh_copy_out (BsSsh *self, const char *source, const char *destination, const BsSshCopy *options, GError **error)
{
  static const BsSshCopy none;
  g_autofree char *what = g_strdup_printf ("copy '%s' out", source);
  g_autofree Out *out = g_new0 (Out, 1);
  char *name = bs_archive_base_name (source);
  gboolean ok;

  out->options = options != NULL ? options : &none;
  ok = copy_out (out, self, what, source, destination, name, error);
  bs_sftp_clear (&out->sftp);
  free (name);
  return ok;
}
