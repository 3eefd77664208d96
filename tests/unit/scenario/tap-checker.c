/* SPDX-License-Identifier: Apache-2.0 */
#include "tap-checker.h"

#include <stdlib.h>
#include <string.h>

static void
point_free (TapPoint *point)
{
  g_free (point->description);
  g_free (point->directive);
  g_hash_table_unref (point->values);
  g_free (point);
}

/* What a terminal, a splitter of lines or YAML takes for more than a character. */
static gboolean
is_clean (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if ((g_unichar_iscntrl (c) && c != '\n') || c == 0x2028 || c == 0x2029 || (c & 0xfffe) == 0xfffe)
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_description (const char *text, TapPoint *point)
{
  g_autoptr (GString) description = g_string_new (NULL);

  for (; *text != '\0' && *text != '#'; text++)
    {
      if (*text == '\\' && *++text != '\\' && *text != '#')
        return FALSE;
      g_string_append_c (description, *text);
    }
  if (*text == '#')
    point->directive = g_strdup (text + 1);
  point->description = g_strdup (description->str);
  return TRUE;
}

/* "[not ]ok N - DESCRIPTION" */
static TapPoint *
parse_point (const char *line, guint number)
{
  TapPoint *point = g_new0 (TapPoint, 1);
  g_autofree char *beginning = g_strdup_printf ("ok %u - ", number);

  point->ok = !g_str_has_prefix (line, "not ");
  point->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!point->ok)
    line += 4;
  if (g_str_has_prefix (line, beginning) && parse_description (line + strlen (beginning), point))
    return point;
  point_free (point);
  return NULL;
}

/* A double-quoted flow scalar in one line; NULL when it is none. */
static char *
unquote (const char *text)
{
  g_autoptr (GString) value = g_string_new (NULL);

  if (*text++ != '"')
    return NULL;
  for (; *text != '"'; text++)
    {
      const char *kinds = "xuU", *kind;
      char digits[9] = { 0 };

      if (*text == '\0')
        return NULL;
      if (*text != '\\')
        {
          g_string_append_c (value, *text);
          continue;
        }
      text++;
      kind = *text != '\0' ? strchr (kinds, *text) : NULL;
      if (kind != NULL)
        {
          gsize n = 2u << (kind - kinds);

          g_strlcpy (digits, text + 1, n + 1);
          if (strspn (digits, "0123456789abcdef") != n)
            return NULL;
          g_string_append_unichar (value, (gunichar) strtoul (digits, NULL, 16));
          text += n;
        }
      else if (*text == 'n')
        g_string_append_c (value, '\n');
      else if (*text == '"' || *text == '\\')
        g_string_append_c (value, *text);
      else
        return NULL;
    }
  return text[1] == '\0' ? g_strdup (value->str) : NULL;
}

/* "  key: VALUE" */
static gboolean
parse_value (const char *line, GHashTable *values)
{
  const char *colon = strstr (line, ": ");
  g_autofree char *key = NULL, *value = NULL;

  if (!g_str_has_prefix (line, "  ") || colon == NULL)
    return FALSE;
  key = g_strndup (line + 2, (gsize) (colon - line - 2));
  if (key[0] == '\0' || strspn (key, "abcdefghijklmnopqrstuvwxyz_") != strlen (key))
    return FALSE;
  value = colon[2] == '"' ? unquote (colon + 2) : g_strdup (colon + 2);
  if (value == NULL || (colon[2] != '"' && (value[0] == '\0' || strspn (value, "0123456789") != strlen (value))))
    return FALSE;
  return g_hash_table_insert (values, g_steal_pointer (&key), g_steal_pointer (&value));
}

/* Lines from @at on, which is behind the plan; returns the line that is wrong, or 0. */
static guint
parse_body (char **lines, guint planned, GPtrArray *points)
{
  gboolean in_block = FALSE;
  guint at = 2;

  for (; lines[at] != NULL && lines[at][0] != '\0'; at++)
    {
      TapPoint *last = points->len > 0 ? points->pdata[points->len - 1] : NULL;

      if (in_block && g_str_equal (lines[at], "  ..."))
        in_block = FALSE;
      else if (in_block)
        {
          if (!parse_value (lines[at], last->values))
            return at + 1;
        }
      else if (last != NULL && g_str_equal (lines[at], "  ---") && g_hash_table_size (last->values) == 0)
        in_block = TRUE;
      else if ((last = parse_point (lines[at], points->len + 1)) != NULL)
        g_ptr_array_add (points, last);
      else
        return at + 1;
    }
  return in_block || points->len != planned || lines[at] == NULL || lines[at + 1] != NULL ? at : 0;
}

GPtrArray *
tap_check (const char *tap, char **problem)
{
  g_autoptr (GPtrArray) points = g_ptr_array_new_with_free_func ((GDestroyNotify) point_free);
  g_auto (GStrv) lines = g_strsplit (tap, "\n", -1);
  guint64 planned = 0;
  guint wrong;

  *problem = NULL;
  if (!g_utf8_validate (tap, -1, NULL) || !is_clean (tap))
    *problem = g_strdup ("a control character, or no UTF-8");
  else if (g_strv_length (lines) < 3 || !g_str_equal (lines[0], "TAP version 14"))
    *problem = g_strdup ("no version line");
  else if (!g_str_has_prefix (lines[1], "1..")
           || !g_ascii_string_to_unsigned (lines[1] + 3, 10, 0, 1000000, &planned, NULL))
    *problem = g_strdup ("no plan");
  else if ((wrong = parse_body (lines, (guint) planned, points)) != 0)
    *problem = g_strdup_printf ("line %u: '%s'", wrong, lines[wrong - 1] != NULL ? lines[wrong - 1] : "");
  return *problem == NULL ? g_steal_pointer (&points) : NULL;
}
