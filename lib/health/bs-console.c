/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-console.h"
#include "bs-fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define TAIL_BYTES (256 * 1024)
#define LINE_CHARACTERS 500

enum
{
  BELL = 0x07,
  CANCEL = 0x18,
  SUBSTITUTE = 0x1a,
  ESCAPE = 0x1b,
};

static gboolean
in_range (char c, int first, int last)
{
  return (guchar) c >= first && (guchar) c <= last;
}

/* ECMA-48, 5.4: parameters, intermediates, one final byte. A byte that is none of them ends a broken one, and counts
 * again. */
static const char *
skip_control_sequence (const char *at, const char *end)
{
  while (at < end && in_range (*at, 0x20, 0x3f))
    at++;
  return at < end && in_range (*at, 0x40, 0x7e) ? at + 1 : at;
}

/* ECMA-48, 5.6: up to ST, or BEL as terminals do; a line's end ends it too, so that half of one does not swallow the
 * log. */
static const char *
skip_control_string (const char *at, const char *end)
{
  for (; at < end && *at != '\n' && *at != CANCEL && *at != SUBSTITUTE; at++)
    {
      if (*at == BELL)
        return at + 1;
      if (*at == ESCAPE)
        return at + 1 < end && at[1] == '\\' ? at + 2 : at;
    }
  return at;
}

/* @at is behind the escape character. */
static const char *
skip_escape (const char *at, const char *end)
{
  if (at == end)
    return at;
  if (*at == '[')
    return skip_control_sequence (at + 1, end);
  if (strchr ("]PX^_", *at) != NULL && *at != '\0')
    return skip_control_string (at + 1, end);
  while (at < end && in_range (*at, 0x20, 0x2f))
    at++;
  return at < end && in_range (*at, 0x30, 0x7e) ? at + 1 : at;
}

/* Controls, what breaks lines elsewhere, and what turns the direction of writing. */
static gboolean
is_invisible (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Without escape sequences. */
static GString *
strip_escapes (const char *at, const char *end)
{
  GString *plain = g_string_sized_new ((gsize) (end - at));

  while (at < end)
    if (*at == ESCAPE)
      at = skip_escape (at + 1, end);
    else
      g_string_append_c (plain, *at++);
  return plain;
}

/* Of "10%\r20%\r" the "20%". */
static char *
last_state (char *line)
{
  gsize length = strlen (line);
  char *start;

  while (length > 0 && line[length - 1] == '\r')
    line[--length] = '\0';
  start = strrchr (line, '\r');
  return start != NULL ? start + 1 : line;
}

/* (transfer full) (nullable): NULL for a line without anything to see */
static char *
clean_line (char *line)
{
  GString *clean = g_string_new (NULL);
  guint characters = 0;

  for (const char *at = last_state (line); *at != '\0' && characters < LINE_CHARACTERS; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '\t')
        c = ' ';
      if (is_invisible (c))
        continue;
      g_string_append_unichar (clean, c);
      if (++characters == LINE_CHARACTERS && *g_utf8_next_char (at) != '\0')
        g_string_append (clean, "…");
    }
  g_strchomp (clean->str);
  return g_string_free (clean, clean->str[0] == '\0');
}

char *
bs_console_clean (const char *data, gsize length, guint lines)
{
  g_autoptr (GString) plain = strip_escapes (data, data + length);
  g_autofree char *valid = NULL;
  g_auto (GStrv) all = NULL;
  GQueue kept = G_QUEUE_INIT;
  GString *text = g_string_new (NULL);
  char *line;

  for (gsize i = 0; i < plain->len; i++) /* NULs are padding, not a text's end */
    if (plain->str[i] == '\0')
      plain->str[i] = BELL;
  valid = g_utf8_make_valid (plain->str, (gssize) plain->len);
  all = g_strsplit (valid, "\n", -1);
  for (guint i = g_strv_length (all); i > 0 && kept.length < lines; i--)
    if ((line = clean_line (all[i - 1])) != NULL)
      g_queue_push_head (&kept, line);
  while ((line = g_queue_pop_head (&kept)) != NULL)
    {
      g_string_append_printf (text, "%s\n", line);
      g_free (line);
    }
  return g_string_free (text, FALSE);
}

char *
bs_console_tail (int dirfd, const char *path, guint lines)
{
  bs_autofd int fd = openat (dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  g_autofree char *data = NULL;
  const char *start, *newline;
  struct stat st;
  off_t offset;
  ssize_t n;

  if (fd < 0 || fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    return g_strdup ("");
  data = g_malloc (TAIL_BYTES);
  offset = MAX (st.st_size - TAIL_BYTES, 0);
  n = pread (fd, data, TAIL_BYTES, offset);
  n = MAX (n, 0);
  start = data;
  newline = offset > 0 ? memchr (data, '\n', (gsize) n) : NULL;
  if (newline != NULL)
    start = newline + 1;
  return bs_console_clean (start, (gsize) (data + n - start), lines);
}

const char *
bs_console_cause (const char *text)
{
  if (strstr (text, "Out of memory") != NULL || strstr (text, "System is deadlocked on memory") != NULL)
    return "out of memory";
  return strstr (text, "Kernel panic") != NULL ? "kernel panic" : NULL;
}
