/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-part.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-json.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define STATE_MAX (64 * 1024)
#define CHUNK (256 * 1024)
#define ROOM_HINT "free disk space (`benchscale image prune` helps), or point BENCHSCALE_CACHE_DIR elsewhere"

static void
reset_digests (BsPart *self)
{
  g_clear_pointer (&self->sha256, g_checksum_free);
  g_clear_pointer (&self->other, g_checksum_free);
  self->sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  if (self->type != G_CHECKSUM_SHA256)
    self->other = g_checksum_new (self->type);
}

static void
add_to_digests (BsPart *self, const void *data, gsize length)
{
  g_checksum_update (self->sha256, data, (gssize) length);
  if (self->other != NULL)
    g_checksum_update (self->other, data, (gssize) length);
}

static gboolean
fail (GError **error, int errnum, const char *what, const char *name)
{
  GError *local = NULL;

  bs_set_error_errno (&local, errnum, "cannot %s '%s'", what, name);
  if (local->code == BS_ERROR_EXHAUSTED)
    bs_error_set_hint (local, ROOM_HINT);
  g_propagate_error (error, local);
  return FALSE;
}

static gboolean
forget_bytes (BsPart *self, GError **error)
{
  if (ftruncate (self->fd, 0) != 0 || lseek (self->fd, 0, SEEK_SET) < 0)
    return fail (error, errno, "empty", self->name);
  self->length = 0;
  self->total = -1;
  g_clear_pointer (&self->validator, g_free);
  reset_digests (self);
  return TRUE;
}

/* What the state file says of the bytes. FALSE: nothing that these bytes could be continued by. */
static gboolean
load_state (BsPart *self)
{
  gsize length;
  g_autofree char *text = bs_file_read (AT_FDCWD, self->state_name, STATE_MAX, &length, NULL);
  g_autoptr (json_t) state = text != NULL ? bs_json_load (text, length, NULL) : NULL;
  struct stat st;

  if (state == NULL || strcmp (bs_json_string (state, "url", ""), self->url) != 0 || fstat (self->fd, &st) != 0)
    return FALSE;
  self->validator = g_strdup (bs_json_string (state, "validator", NULL));
  self->total = bs_json_int (state, "total", -1);
  self->length = st.st_size;
  return self->total < 0 || self->length <= self->total;
}

static gboolean
read_digests (BsPart *self)
{
  g_autofree char *buffer = g_malloc (CHUNK);
  gint64 left = self->length;

  reset_digests (self);
  while (left > 0)
    {
      gssize got = read (self->fd, buffer, (gsize) MIN (left, CHUNK));

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      add_to_digests (self, buffer, (gsize) got);
      left -= got;
    }
  return TRUE;
}

BsPart *
bs_part_open (const char *name, const char *url, GChecksumType type, GError **error)
{
  g_autoptr (BsPart) self = g_new0 (BsPart, 1);

  self->name = g_strdup (name);
  self->state_name = g_strconcat (name, ".state", NULL);
  self->url = g_strdup (url);
  self->type = type;
  self->fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (self->fd < 0)
    {
      fail (error, errno, "open", name);
      return NULL;
    }
  if (!(load_state (self) && read_digests (self)) && !forget_bytes (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
bs_part_free (BsPart *self)
{
  if (self == NULL)
    return;
  bs_fd_clear (&self->fd);
  g_clear_pointer (&self->sha256, g_checksum_free);
  g_clear_pointer (&self->other, g_checksum_free);
  g_free (self->name);
  g_free (self->state_name);
  g_free (self->url);
  g_free (self->validator);
  g_free (self);
}

gboolean
bs_part_restart (BsPart *self, const char *validator, gint64 total, GError **error)
{
  g_autoptr (json_t) state = json_pack ("{s:s, s:I}", "url", self->url, "total", (json_int_t) total);
  g_autofree char *text = NULL;

  /* The bytes go first: those of another file must never stand under this one's state. */
  if (!forget_bytes (self, error))
    return FALSE;
  if (validator != NULL && g_utf8_validate (validator, -1, NULL))
    json_object_set_new (state, "validator", json_string (validator));
  text = bs_json_dump (state);
  if (!bs_file_write_atomic (AT_FDCWD, self->state_name, text, strlen (text), 0644, error))
    return FALSE;
  self->validator = g_strdup (validator);
  self->total = total;
  return TRUE;
}

gboolean
bs_part_append (BsPart *self, const void *data, gsize length, GError **error)
{
  if (!bs_fd_write_all (self->fd, data, length))
    return fail (error, errno, "write", self->name);
  self->length += (gint64) length;
  add_to_digests (self, data, length);
  return TRUE;
}

gboolean
bs_part_check_room (const BsPart *self, gint64 more, GError **error)
{
  struct statvfs st;
  guint64 room;

  if (fstatvfs (self->fd, &st) != 0)
    return TRUE;
  room = (guint64) st.f_bavail * st.f_frsize;
  if (more <= 0 || room >= (guint64) more)
    return TRUE;
  bs_set_error (error, BS_ERROR_EXHAUSTED, ROOM_HINT,
                "the disk has no room for it: %" G_GINT64_FORMAT " MiB are to come, %" G_GUINT64_FORMAT " MiB are free",
                more >> 20, room >> 20);
  return FALSE;
}

gboolean
bs_part_sync (BsPart *self, GError **error)
{
  return fsync (self->fd) == 0 || fail (error, errno, "write", self->name);
}

gboolean
bs_part_is_whole (const BsPart *self)
{
  return self->total >= 0 && self->length == self->total;
}

void
bs_part_discard (BsPart *self)
{
  unlink (self->state_name);
  unlink (self->name);
}

char *
bs_part_digest (const BsPart *self, GChecksumType type)
{
  g_autoptr (GChecksum) copy = g_checksum_copy (type == G_CHECKSUM_SHA256 ? self->sha256 : self->other);

  return g_strdup (g_checksum_get_string (copy));
}
