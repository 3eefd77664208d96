/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-text.h"

#include <string.h>

/* Longer words are not typed by hand, and the table below grows with the square. */
#define WORD_MAX 64

/* Optimal string alignment: how many insertions, deletions, replacements and swaps of neighbours make @a into @b. */
static guint
distance (const char *a, const char *b)
{
  gsize n = strlen (a), m = strlen (b);
  guint table[WORD_MAX + 1][WORD_MAX + 1];

  for (gsize i = 0; i <= n; i++)
    table[i][0] = (guint)i;
  for (gsize k = 0; k <= m; k++)
    table[0][k] = (guint)k;
  for (gsize i = 1; i <= n; i++)
    for (gsize k = 1; k <= m; k++)
      {
        gboolean same = g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[k - 1]);
        guint best = MIN (table[i - 1][k - 1] + !same, MIN (table[i - 1][k], table[i][k - 1]) + 1);

        if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
          best = MIN (best, table[i - 2][k - 2] + 1);
        table[i][k] = best;
      }
  return table[n][m];
}

const char *
bs_text_nearest (const char *word, const char *const *known)
{
  const char *nearest = NULL;
  guint least = (guint)strlen (word) / 3 + 2;

  if (strlen (word) > WORD_MAX)
    return NULL;
  for (guint i = 0; known[i] != NULL; i++)
    {
      guint mistakes = strlen (known[i]) <= WORD_MAX ? distance (word, known[i]) : G_MAXUINT;

      /* A word of which nothing is left was not meant. */
      if (mistakes < least && mistakes < strlen (known[i]))
        {
          least = mistakes;
          nearest = known[i];
        }
    }
  return nearest;
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
  if (g_unichar_iscntrl (c) && c != '\n' && c != '\t')
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
      gunichar c = g_utf8_get_char_validated (data + i, (gssize)(length - i));

      step = 1;
      if (data[i] == '\0')
        g_string_append_c (text, '?');
      else if (c == (gunichar)-1 || c == (gunichar)-2)
        append_printable (text, 0xfffd);
      else if (c == 0x1b)
        step = escape_length (data + i, length - i);
      else
        {
          step = (gsize)(g_utf8_next_char (data + i) - (data + i));
          if (c != '\r' || i + 1 == length || data[i + 1] != '\n')
            append_printable (text, c);
        }
    }
  return g_string_free (text, FALSE);
}
