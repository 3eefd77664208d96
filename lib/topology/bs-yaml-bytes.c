/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml-bytes.c — faults of the bytes themselves, found before the YAML parser sees them */
#include "bs-yaml.h"

#include <string.h>

G_GNUC_PRINTF (5, 6)
static void
add_at (BsDiagnostics *diagnostics, const char *data, const char *place, const char *hint, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;
  const char *line_start = data;
  guint line = 1;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  for (const char *p = data; p < place; p++)
    if (*p == '\n')
      {
        line++;
        line_start = p + 1;
      }
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, line,
                      (guint) g_utf8_strlen (line_start, place - line_start) + 1, 1, hint, "%s", message);
}

/* The first character that YAML does not allow in a stream, or NULL. @data is valid UTF-8 without NUL. */
static const char *
find_control (const char *data, gsize length)
{
  for (const guchar *p = (const guchar *) data, *end = p + length; p < end; p++)
    {
      if (*p >= 0x20 && *p < 0x7f)
        continue;
      if (*p == 0x7f || (*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r'))
        return (const char *) p;
      if (*p == 0xc2 && p[1] < 0xa0 && p[1] != 0x85)
        return (const char *) p;
      if (*p == 0xef && ((p[1] == 0xbb && p[2] == 0xbf) || (p[1] == 0xbf && p[2] >= 0xbe)))
        return (const char *) p;
    }
  return NULL;
}

/* U+202A to U+202E and U+2066 to U+2069, whose lines look other than they are read; U+0085, U+2028 and U+2029, which
 * end a line, and a comment, for libyaml but not for editors */
static gboolean
is_deceptive (const guchar *p)
{
  if (p[0] == 0xc2)
    return p[1] == 0x85;
  return p[0] == 0xe2
         && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

/* The first character that makes a text look other than it is, in comments, too, or NULL. @data is valid UTF-8. */
static const char *
find_deceptive (const char *data, gsize length)
{
  for (const guchar *p = (const guchar *) data, *end = p + length; p < end; p++)
    if (*p >= 0xc2 && is_deceptive (p))
      return (const char *) p;
  return NULL;
}

/* libyaml compares each %TAG line with all before it; nobody needs one here. */
static const char *
find_tag_directive (const char *data, gsize length)
{
  const char *p = data, *end = data + length;

  if (length >= 4 && memcmp (p, "%TAG", 4) == 0)
    return p;
  while ((p = memchr (p, '%', end - p)) != NULL)
    {
      if (p > data && (p[-1] == '\n' || p[-1] == '\r') && end - p >= 4 && memcmp (p, "%TAG", 4) == 0)
        return p;
      p++;
    }
  return NULL;
}

static gboolean
check_encoding (const char *data, gsize length, BsDiagnostics *diagnostics)
{
  const char *end = NULL;

  if (length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    add_at (diagnostics, data, data, "save the file as UTF-8 without a byte order mark",
            "a byte order mark is not allowed");
  else if (length >= 2 && (memcmp (data, "\xff\xfe", 2) == 0 || memcmp (data, "\xfe\xff", 2) == 0))
    add_at (diagnostics, data, data, "save the file as UTF-8", "the text is UTF-16");
  else if (g_utf8_validate_len (data, length, &end))
    return TRUE;
  else if (*end == '\0')
    add_at (diagnostics, data, end, NULL, "a NUL byte is not allowed");
  else
    add_at (diagnostics, data, end, "save the file as UTF-8", "the text is not valid UTF-8");
  return FALSE;
}

gboolean
bs_yaml_check_bytes (const char *data, gsize length, BsDiagnostics *diagnostics)
{
  const char *place;

  if (length > BS_YAML_BYTES_MAX)
    {
      bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL, "the text is larger than 48 MiB");
      return FALSE;
    }
  if (!check_encoding (data, length, diagnostics))
    return FALSE;
  if ((place = find_control (data, length)) != NULL)
    {
      add_at (diagnostics, data, place, "remove it: no text has any", "a control character is not allowed");
      return FALSE;
    }
  if ((place = find_deceptive (data, length)) != NULL)
    {
      add_at (diagnostics, data, place, "remove it: the text would not be read as it looks",
              "U+%04X, which turns the order of characters around or ends a line, is not allowed",
              g_utf8_get_char (place));
      return FALSE;
    }
  if ((place = find_tag_directive (data, length)) != NULL)
    {
      add_at (diagnostics, data, place, "remove the line", "a %%TAG directive is not allowed");
      return FALSE;
    }
  return TRUE;
}
