/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-text.h"

#include <string.h>

gboolean
bs_text_is_control (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)
         || c == 0xfeff || (c & 0xfffe) == 0xfffe;
}

gboolean
bs_text_is_hidden (gunichar c)
{
  return bs_text_is_control (c) || c == 0x061c || c == 0x180e || (c >= 0x200b && c <= 0x200f)
         || (c >= 0x2060 && c <= 0x2064) || (c >= 0xfff9 && c <= 0xfffb);
}

/* The escape sequence at @at, which is ESC: its length, at most @left. */
static gsize
escape_length (const char *at, gsize left)
{
  gsize length = 2;

  if (left < 2 || at[1] != '[')
    return MIN (left, 2);
  while (length < left && at[length] >= 0x20 && at[length] < 0x40)
    length++;
  return MIN (left, length + 1);
}

static void
append_printable (GString *text, gunichar c)
{
  if (bs_text_is_control (c) && c != '\n' && c != '\t')
    g_string_append_c (text, '?');
  else
    g_string_append_unichar (text, c);
}

char *
bs_text_printable (const char *data, gsize length)
{
  GString *text = g_string_sized_new (length);
  gsize step;

  for (gsize i = 0; i < length; i += step)
    {
      gunichar c = g_utf8_get_char_validated (data + i, (gssize) (length - i));

      step = 1;
      if (data[i] == '\0')
        g_string_append_c (text, '?');
      else if (c == (gunichar) -1 || c == (gunichar) -2)
        append_printable (text, 0xfffd);
      else if (c == 0x1b)
        step = escape_length (data + i, length - i);
      else
        {
          step = (gsize) (g_utf8_next_char (data + i) - (data + i));
          if (c != '\r' || i + 1 == length || data[i + 1] != '\n')
            append_printable (text, c);
        }
    }
  return g_string_free (text, FALSE);
}

gboolean
bs_text_parse_bytes (const char *text, guint64 *bytes)
{
  static const char units[] = "KMGT";
  gsize digits = strspn (text, "0123456789");
  const char *unit = text[digits] != '\0' ? strchr (units, g_ascii_toupper (text[digits])) : NULL;
  guint shift = unit != NULL ? 10 * (guint) (unit - units + 1) : 0;
  g_autofree char *number_text = g_strndup (text, digits);
  guint64 number;

  if ((text[digits] != '\0' && (unit == NULL || text[digits + 1] != '\0'))
      || !g_ascii_string_to_unsigned (number_text, 10, 0, G_MAXUINT64 >> shift, &number, NULL))
    return FALSE;
  *bytes = number << shift;
  return TRUE;
}
