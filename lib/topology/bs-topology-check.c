/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check.c — names: each given once, each use known */
#include "bs-topology-check.h"

#include "bs-suggest.h"

const BsYamlNode *
bs_checker_place (const BsChecker *self, gconstpointer decoded)
{
  return g_hash_table_lookup (self->decoder->places, decoded);
}

void
bs_checker_enter_node (const BsChecker *self, const BsTopologyNode *node)
{
  bs_decoder_enter (self->decoder, "node", node->name != NULL ? bs_checker_place (self, node->name) : NULL);
}

static void
report_repeated (BsChecker *self, const char *what, const BsYamlNode *place, const BsYamlNode *first)
{
  g_autofree char *shown = bs_yaml_show (place);
  g_autofree char *hint = first != NULL ? g_strdup_printf ("it was used first on line %u", (guint) first->line) : NULL;

  bs_decoder_error (self->decoder, place, hint, "%s name %s is used twice", what, shown);
}

BsTopologyNode *
bs_checker_find_node (const BsChecker *self, const char *name, guint *count)
{
  *count = 1;
  return g_hash_table_lookup (self->nodes, name);
}

static void
index_nodes (BsChecker *self, gboolean report)
{
  GPtrArray *nodes = self->topology->nodes;

  for (guint i = 0; i < nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (nodes, i), *first;

      if (node->name == NULL)
        continue;
      first = g_hash_table_lookup (self->nodes, node->name);
      if (first == NULL)
        g_hash_table_insert (self->nodes, node->name, node);
      else if (report)
        report_repeated (self, "node", bs_checker_place (self, node->name), bs_checker_place (self, first->name));
    }
}

static void
index_networks (BsChecker *self, gboolean report)
{
  GPtrArray *networks = self->topology->networks;

  for (guint i = 0; i < networks->len; i++)
    {
      BsTopologyNetwork *network = g_ptr_array_index (networks, i), *first;

      if (network->name == NULL)
        continue;
      first = g_hash_table_lookup (self->networks, network->name);
      if (first == NULL)
        g_hash_table_insert (self->networks, network->name, network);
      else if (report)
        report_repeated (self, "network", bs_checker_place (self, network->name), bs_checker_place (self, first->name));
    }
}

/* Offers all names while the budget lasts: a file of nothing but wrong names must not become quadratic. */
static char *
nearest_hint (BsChecker *self, BsNameKind kind, const char *wrong)
{
  GPtrArray *all = kind == BS_NAME_NODE ? self->topology->nodes : self->topology->networks;
  BsSuggest suggest;

  if (self->decoder->hints_left < all->len)
    return NULL;
  self->decoder->hints_left -= all->len;
  bs_suggest_init (&suggest, wrong);
  for (guint i = 0; i < all->len; i++)
    {
      gconstpointer item = g_ptr_array_index (all, i);
      const char *name
          = kind == BS_NAME_NODE ? ((const BsTopologyNode *) item)->name : ((const BsTopologyNetwork *) item)->name;

      if (name != NULL)
        bs_suggest_offer (&suggest, name);
    }
  return bs_decoder_did_you_mean (suggest.nearest);
}

void
bs_check_names (BsChecker *self, gboolean complete)
{
  GArray *references = self->decoder->references;

  index_nodes (self, complete);
  index_networks (self, complete);
  for (guint i = 0; i < references->len; i++)
    {
      const BsReference *reference = &g_array_index (references, BsReference, i);
      GHashTable *names = reference->kind == BS_NAME_NODE ? self->nodes : self->networks;
      g_autofree char *hint = NULL, *shown = NULL;

      if (g_hash_table_contains (names, reference->value->text))
        continue;
      shown = bs_yaml_show (reference->value);
      hint = nearest_hint (self, reference->kind, reference->value->text);
      bs_decoder_error (self->decoder, reference->value, hint, "there is no %s %s",
                        reference->kind == BS_NAME_NODE ? "node" : "network", shown);
    }
}

void
bs_check_scenarios (BsChecker *self)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *scenarios = self->topology->scenarios;

  for (guint i = 0; i < scenarios->len; i++)
    {
      BsTopologyScenario *scenario = g_ptr_array_index (scenarios, i), *first;
      const BsYamlNode *place = bs_checker_place (self, scenario);

      if (scenario->name == NULL)
        continue;
      first = g_hash_table_lookup (names, scenario->name);
      if (first == NULL)
        g_hash_table_insert (names, scenario->name, scenario);
      else if (place != NULL)
        report_repeated (self, "scenario", place, bs_checker_place (self, first));
    }
}

static void
checker_init (BsChecker *self, BsDecoder *decoder)
{
  self->decoder = decoder;
  self->topology = decoder->topology;
  self->nodes = g_hash_table_new (g_str_hash, g_str_equal);
  self->networks = g_hash_table_new (g_str_hash, g_str_equal);
}

static void
checker_clear (BsChecker *self)
{
  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->networks);
}

void
bs_topology_check (BsDecoder *decoder)
{
  BsChecker checker;

  checker_init (&checker, decoder);
  bs_check_names (&checker, TRUE);
  bs_check_scenarios (&checker);
  bs_check_interfaces (&checker);
  bs_check_addresses (&checker);
  bs_check_nat (&checker);
  bs_check_pairs (&checker);
  bs_check_ports (&checker);
  bs_check_cycles (&checker);
  checker_clear (&checker);
}

void
bs_topology_check_scenarios (BsDecoder *decoder)
{
  BsChecker checker;

  checker_init (&checker, decoder);
  bs_check_names (&checker, FALSE);
  bs_check_scenarios (&checker);
  checker_clear (&checker);
}
