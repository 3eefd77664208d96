/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-trace.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-text.h"

#include <string.h>

#define TIMES_MAX (16u << 20) /* 64 MiB of them */
#define FILE_MAX ((gsize) 256 * 1024 * 1024)
#define OPPORTUNITY_BYTES 1504
#define FORM "one number a line: milliseconds, never falling"
#define SHOWN_MAX 40

void
bs_trace_free (BsTrace *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->times, g_bytes_unref);
  g_free (self->digest);
  g_free (self);
}

static gboolean
parse_time (const char *text, gsize length, guint32 *time)
{
  guint64 value = 0;

  if (length == 0 || length > 10)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      value = value * 10 + (guint64) (text[i] - '0');
    }
  if (value > G_MAXUINT32)
    return FALSE;
  *time = (guint32) value;
  return TRUE;
}

static gsize
trimmed (const char *text, gsize length)
{
  while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == ' ' || text[length - 1] == '\t'))
    length--;
  return length;
}

static gboolean
add_line (GArray *times, const char *name, guint line, const char *text, gsize length, GError **error)
{
  g_autofree char *shown = bs_text_printable (text, MIN (length, SHOWN_MAX));
  guint32 time, last = times->len > 0 ? g_array_index (times, guint32, times->len - 1) : 0;

  if (!parse_time (text, length, &time))
    bs_set_error (error, BS_ERROR_INVALID, FORM, "%s:%u:1: '%s' is no time of a trace", name, line, shown);
  else if (time < last)
    bs_set_error (error, BS_ERROR_INVALID, FORM, "%s:%u:1: %u ms is before the %u ms of the line above", name, line,
                  time, last);
  else if (times->len == TIMES_MAX)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "%s:%u:1: a trace has at most %u lines", name, line, TIMES_MAX);
  else
    {
      g_array_append_val (times, time);
      return TRUE;
    }
  return FALSE;
}

static gboolean
read_lines (GArray *times, const char *name, const char *text, gsize length, GError **error)
{
  guint line = 0;

  for (const char *next = text, *end = text + length; next < end;)
    {
      const char *newline = memchr (next, '\n', (gsize) (end - next));
      const char *stop = newline != NULL ? newline : end;
      gsize used = trimmed (next, (gsize) (stop - next));

      line++;
      if ((used > 0 || newline != NULL) && !add_line (times, name, line, next, used, error))
        return FALSE;
      next = stop + 1;
    }
  return TRUE;
}

BsTrace *
bs_trace_parse (const char *name, const char *text, gsize length, GError **error)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (guint32));
  BsTrace *self;
  guint32 last;
  gsize bytes;

  if (!read_lines (times, name, text, length, error))
    return NULL;
  last = times->len > 0 ? g_array_index (times, guint32, times->len - 1) : 0;
  if (last == 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, FORM, "%s: %s", name,
                    times->len == 0 ? "a trace needs at least one line"
                                    : "the last time of a trace is more than 0 ms: it starts over then");
      return NULL;
    }
  self = g_new0 (BsTrace, 1);
  self->rate = (guint64) times->len * OPPORTUNITY_BYTES * 8 * 1000 / last;
  bytes = times->len * sizeof (guint32);
  self->digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) times->data, bytes);
  self->times = g_bytes_new (times->data, bytes);
  return self;
}

BsTrace *
bs_trace_load (const char *folder, const char *path, GError **error)
{
  g_autofree char *full
      = folder != NULL && !g_path_is_absolute (path) ? g_build_filename (folder, path, NULL) : g_strdup (path);
  g_autofree char *text = NULL;
  gsize length;

  text = bs_file_read (AT_FDCWD, full, FILE_MAX, &length, error);
  return text != NULL ? bs_trace_parse (path, text, length, error) : NULL;
}
