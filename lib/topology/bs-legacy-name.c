/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-legacy-name.h"

#include <string.h>

#define NAME_MAX_BYTES 63

const char *
bs_legacy_take_text (BsYamlTree *tree, const char *text)
{
  gsize size = strlen (text) + 1;

  return memcpy (bs_yaml_tree_take (tree, size, 1), text, size);
}

/* @letters: those of a name, beside letters and digits; another becomes a "-" */
static void
convert (BsYamlTree *tree, BsYamlNode *value, const char *letters, gboolean host)
{
  g_autofree char *text = NULL, *name = NULL;
  const char *start;
  gsize length;

  if (value == NULL || value->kind != BS_YAML_SCALAR || strstr (value->text, "${") != NULL)
    return;
  text = host ? g_ascii_strdown (value->text, -1) : g_strdup (value->text);
  for (char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr (letters, *p) == NULL)
      *p = '-';
  for (start = text; *start != '\0' && !g_ascii_isalnum (*start);)
    start++;
  name = g_strndup (start, NAME_MAX_BYTES);
  for (length = strlen (name); host && length > 0 && name[length - 1] == '-';)
    name[--length] = '\0';
  if (length > 0 && strcmp (name, value->text) != 0)
    value->text = bs_legacy_take_text (tree, name);
}

void
bs_legacy_host_name (BsYamlTree *tree, BsYamlNode *value)
{
  convert (tree, value, "-", TRUE);
}

void
bs_legacy_lab_name (BsYamlTree *tree, BsYamlNode *value)
{
  convert (tree, value, "_.-", FALSE);
}
