/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-pages.h"
#include "bs-error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096
#define CHUNK (256 * PAGE)

typedef struct
{
  int from, to;
  GChecksum *sum; /* (nullable) */
  guint8 *buffer;
  GCancellable *cancellable;
} Copy;

static gboolean
is_zero (const guint8 *page, gsize length)
{
  return page[0] == 0 && memcmp (page, page + 1, length - 1) == 0;
}

static void
add_number (GChecksum *sum, guint64 number)
{
  guint64 little = GUINT64_TO_LE (number);

  if (sum != NULL)
    g_checksum_update (sum, (const guchar *) &little, sizeof little);
}

static gboolean
write_at (int fd, const guint8 *data, gsize length, off_t at, GError **error)
{
  while (length > 0)
    {
      ssize_t n = pwrite (fd, data, length, at);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          bs_set_error_errno (error, errno, "cannot write");
          return FALSE;
        }
      data += n;
      at += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* Runs of pages that are not zero are written in one piece. */
static gboolean
put_chunk (const Copy *self, gsize length, off_t at, GError **error)
{
  gsize begin = 0, end = 0;

  for (gsize page = 0; page < length; page += PAGE)
    {
      gsize size = MIN (PAGE, length - page);

      if (is_zero (self->buffer + page, size))
        continue;
      if (self->sum != NULL)
        {
          add_number (self->sum, (guint64) at + page);
          g_checksum_update (self->sum, self->buffer + page, (gssize) size);
        }
      if (self->to >= 0 && page != end && end > begin
          && !write_at (self->to, self->buffer + begin, end - begin, at + (off_t) begin, error))
        return FALSE;
      if (page != end || end == begin)
        begin = page;
      end = page + size;
    }
  return self->to < 0 || end == begin
         || write_at (self->to, self->buffer + begin, end - begin, at + (off_t) begin, error);
}

static gboolean
copy_extent (const Copy *self, off_t at, off_t end, GError **error)
{
  while (at < end)
    {
      ssize_t n = pread (self->from, self->buffer, (size_t) MIN (end - at, CHUNK), at);

      if (g_cancellable_is_cancelled (self->cancellable))
        {
          bs_set_error (error, BS_ERROR_CANCELLED, NULL, "copying was interrupted");
          return FALSE;
        }
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          bs_set_error_errno (error, n < 0 ? errno : EIO, "cannot read");
          return FALSE;
        }
      if (!put_chunk (self, (gsize) n, at, error))
        return FALSE;
      at += n;
    }
  return TRUE;
}

static gboolean
copy_extents (const Copy *self, off_t length, GError **error)
{
  off_t at = 0;

  while (at < length && (at = lseek (self->from, at, SEEK_DATA)) >= 0)
    {
      off_t end = lseek (self->from, at, SEEK_HOLE);

      /* whole pages, wherever the file system lets data begin */
      at -= at % PAGE;
      if (end < 0)
        break;
      end = MIN (end + (PAGE - end % PAGE) % PAGE, length);
      if (!copy_extent (self, at, end, error))
        return FALSE;
      at = end;
    }
  if (at >= 0 || errno == ENXIO)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot read");
  return FALSE;
}

gboolean
bs_pages_copy (int from, int to, char **digest, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) sum = digest != NULL ? g_checksum_new (G_CHECKSUM_SHA256) : NULL;
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  Copy self = { from, to, sum, buffer, cancellable };
  struct stat st;

  if (fstat (from, &st) != 0 || (to >= 0 && ftruncate (to, st.st_size) != 0))
    {
      bs_set_error_errno (error, errno, "cannot copy");
      return FALSE;
    }
  add_number (sum, (guint64) st.st_size);
  if (!copy_extents (&self, st.st_size, error))
    return FALSE;
  if (digest != NULL)
    *digest = g_strdup (g_checksum_get_string (sum));
  return TRUE;
}
