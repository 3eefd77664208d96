/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-import-vagrant.h"

#include <string.h>

char *
bs_import_vagrant_clean (const char *line)
{
  char quote = '\0';
  char *clean = g_strdup (line);

  for (char *c = clean; *c != '\0'; c++)
    {
      if (quote != '\0')
        quote = *c == quote ? '\0' : quote;
      else if (*c == '"' || *c == '\'')
        quote = *c;
      else if (*c == '#')
        {
          *c = '\0';
          break;
        }
    }
  return g_strstrip (clean);
}

gboolean
bs_import_vagrant_is_whole (const char *line)
{
  gsize length = strlen (line);

  return g_str_has_suffix (line, "end") && length > 3 && strchr (" ;", line[length - 4]) != NULL;
}

gboolean
bs_import_vagrant_opens (const char *line)
{
  static const char *const openers[]
      = { "if ", "unless ", "case ", "while ", "until ", "def ", "begin", "class ", "module ", "for ", NULL };
  const char *block = strstr (line, " do");

  if (bs_import_vagrant_is_whole (line))
    return FALSE;
  if (block != NULL && (block[3] == '\0' || (block[3] == ' ' && block[4] == '|')))
    return TRUE;
  for (guint i = 0; openers[i] != NULL; i++)
    if (g_str_has_prefix (line, openers[i]))
      return TRUE;
  return FALSE;
}

/* @at is a word of its own, one of @words, which end with NULL. */
static gboolean
is_word (const char *at, const char *const *words)
{
  for (; *words != NULL; words++)
    if (g_str_has_prefix (at, *words) && (at[strlen (*words)] == ' ' || at[strlen (*words)] == '('))
      return TRUE;
  return FALSE;
}

const char *
bs_import_vagrant_modifier (const char *line)
{
  static const char *const words[] = { "if", "unless", "while", "until", "rescue", "and", "or", NULL };
  char quote = '\0';

  for (const char *c = line; *c != '\0'; c++)
    {
      if (quote != '\0')
        quote = *c == quote ? '\0' : quote;
      else if (*c == '"' || *c == '\'')
        quote = *c;
      else if (*c == ';' || (*c == ' ' && c > line && is_word (c + 1, words)))
        return *c == ';' ? c : c + 1;
    }
  return NULL;
}

gboolean
bs_import_vagrant_ends (const char *line)
{
  return strcmp (line, "end") == 0 || g_str_has_prefix (line, "end ");
}
