/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-excerpt.h"
#include "bs-text.h"

#include <string.h>

static void
append_visible (GString *line, gunichar c)
{
  if (c == '\n')
    g_string_append (line, "\\n");
  else if (c == '\t')
    g_string_append (line, "\\t");
  else if (c == '\r')
    g_string_append (line, "\\r");
  else if (bs_text_is_control (c))
    g_string_append_printf (line, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
  else
    g_string_append_unichar (line, c);
}

/* Of long texts more of the beginning than of the end: what it is says more than how it ends. */
char *
bs_excerpt (const char *text, guint limit)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  glong length = g_utf8_strlen (valid, -1), head = length, tail = 0;
  GString *line = g_string_new ("'");
  const char *at = valid;

  if (length > (glong) limit)
    {
      tail = limit / 4;
      head = (glong) limit - tail;
    }
  for (glong i = 0; i < head; i++, at = g_utf8_next_char (at))
    append_visible (line, g_utf8_get_char (at));
  if (length > head)
    g_string_append (line, "…");
  for (at = g_utf8_offset_to_pointer (at, length - head - tail); *at != '\0'; at = g_utf8_next_char (at))
    append_visible (line, g_utf8_get_char (at));
  g_string_append_c (line, '\'');
  return g_string_free (line, FALSE);
}

char *
bs_excerpt_last_line (const char *text, guint limit)
{
  g_autofree char *line = NULL;
  gsize end = strlen (text), start;

  while (end > 0 && g_ascii_isspace (text[end - 1]))
    end--;
  if (end == 0)
    return NULL;
  for (start = end; start > 0 && text[start - 1] != '\n';)
    start--;
  line = g_strndup (text + start, end - start);
  return bs_excerpt (line, limit);
}
