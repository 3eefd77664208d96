/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-text-tree.h"

#include "bs-decode.h"
#include "bs-legacy.h"
#include "bs-topology-model.h"
#include "bs-variables.h"

#include <string.h>

static gboolean
is_topology (const BsYamlNode *root)
{
  return root->kind == BS_YAML_MAPPING
         && (bs_yaml_get (root, "nodes") != NULL
             || (bs_yaml_get (root, "scenarios") == NULL && bs_yaml_get (root, "steps") == NULL));
}

/* Values with variables, which may yet become anything. */
static void
add_variables (GArray *places, const BsYamlNode *value)
{
  BsPosition place = bs_yaml_position (value);

  if (value->kind == BS_YAML_SCALAR)
    {
      if (strstr (value->text, "${") != NULL)
        g_array_append_val (places, place);
      return;
    }
  for (const BsYamlNode *part = value->first; part != NULL; part = part->next)
    add_variables (places, part);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const BsPosition *left = a, *right = b;

  return left->line != right->line ? (left->line < right->line ? -1 : 1)
                                   : (left->column > right->column) - (left->column < right->column);
}

static void
check (const BsYamlTree *tree, gsize length, const BsField *fields, BsDiagnostics *diagnostics)
{
  g_autoptr (BsTopology) topology = bs_topology_new (diagnostics->file);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (BsPosition));
  const BsYamlNode *root = bs_yaml_root (tree);
  guint before = diagnostics->added;
  BsDecoder decoder;

  bs_decoder_init (&decoder, diagnostics, topology, tree, length);
  if (fields == bs_fields_scenario)
    bs_decode_scenario (&decoder, bs_fields_scenario_file, root, NULL);
  else
    bs_decoder_object (&decoder, fields, root, topology);
  bs_decoder_clear (&decoder);
  if (root->kind != BS_YAML_SCALAR) /* no variable stands for a whole file */
    add_variables (places, root);
  g_array_sort (places, compare_places);
  bs_variables_drop_consequences (places, before, diagnostics);
}

static const BsField *
fields_of (BsYamlTree *tree)
{
  if (is_topology (bs_yaml_root (tree)))
    {
      bs_legacy_topology (tree);
      return bs_fields_topology;
    }
  bs_legacy_scenarios (tree);
  if (bs_yaml_root (tree)->kind == BS_YAML_MAPPING && bs_yaml_get (bs_yaml_root (tree), "scenarios") == NULL)
    return bs_fields_scenario;
  return bs_fields_scenario_file;
}

BsYamlTree *
bs_text_tree_read (const char *data, gsize length, const BsField **fields, BsDiagnostics *diagnostics)
{
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (data, length, diagnostics);

  if (tree != NULL && !bs_diagnostics_has_errors (diagnostics))
    {
      *fields = fields_of (tree);
      check (tree, length, *fields, diagnostics);
    }
  bs_diagnostics_sort (diagnostics);
  return bs_diagnostics_has_errors (diagnostics) ? NULL : g_steal_pointer (&tree);
}
