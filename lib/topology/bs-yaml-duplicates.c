/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml-duplicates.c — repeated keys, found in time that no choice of keys makes quadratic */
#include "bs-yaml-tree.h"

#include <string.h>

/* Up to so many keys, comparing all pairs is quicker than sorting. */
#define PAIRS_MAX 12

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const BsYamlNode *left = *(BsYamlNode *const *) a, *right = *(BsYamlNode *const *) b;
  int order = strcmp (left->key->text, right->key->text);

  if (order != 0)
    return order;
  if (left->key->line != right->key->line)
    return left->key->line < right->key->line ? -1 : 1;
  return left->key->column < right->key->column ? -1 : 1;
}

static gboolean
has_duplicates (const BsYamlNode *mapping)
{
  for (const BsYamlNode *node = mapping->first; node != NULL; node = node->next)
    for (const BsYamlNode *other = mapping->first; other != node; other = other->next)
      if (strcmp (node->key->text, other->key->text) == 0)
        return TRUE;
  return FALSE;
}

static void
report_and_unlink (BsYamlNode *mapping, BsDiagnostics *diagnostics)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  BsYamlNode **link = &mapping->first;

  for (BsYamlNode *node = mapping->first; node != NULL; node = node->next)
    g_ptr_array_add (sorted, node);
  g_ptr_array_sort (sorted, compare_keys);
  for (guint i = 1, first = 0; i < sorted->len; i++)
    {
      BsYamlNode *node = g_ptr_array_index (sorted, i), *original = g_ptr_array_index (sorted, first);
      g_autofree char *hint = NULL, *shown = NULL;

      if (strcmp (node->key->text, original->key->text) != 0)
        {
          first = i;
          continue;
        }
      shown = bs_diagnostics_keeps (diagnostics, node->key->line, node->key->column) ? bs_yaml_show (node->key) : NULL;
      hint = g_strdup_printf ("it was given first on line %u", (guint) original->key->line);
      bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, node->key->line, node->key->column, node->key->length, hint,
                          "duplicate key %s", shown);
      node->kind = BS_YAML_SCALAR;
      node->key = NULL;
    }
  while (*link != NULL)
    if ((*link)->key == NULL)
      *link = (*link)->next;
    else
      link = &(*link)->next;
}

void
bs_yaml_drop_duplicates (BsYamlNode *mapping, BsDiagnostics *diagnostics)
{
  guint count = 0;

  for (const BsYamlNode *node = mapping->first; node != NULL && count <= PAIRS_MAX; node = node->next)
    count++;
  if (count > PAIRS_MAX || has_duplicates (mapping))
    report_and_unlink (mapping, diagnostics);
}
