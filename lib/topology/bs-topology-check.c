/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check.c — names: each given once, each use known */
#include "bs-topology-check.h"

#include "bs-suggest.h"
#include "bs-topology-model.h"

#include <string.h>

#define REFERENCE_BYTES ((gsize) 48)
#define LISTED_NAMES_MAX 8

const BsYamlNode *
bs_checker_place (const BsChecker *self, gconstpointer decoded)
{
  return g_hash_table_lookup (self->decoder->places, decoded);
}

void
bs_checker_enter_node (const BsChecker *self, const BsTopologyNode *node)
{
  bs_decoder_enter_decoded (self->decoder, "node", node->name);
}

static void
report_repeated (BsChecker *self, const char *what, const BsYamlNode *place, const BsYamlNode *first)
{
  g_autofree char *shown = bs_yaml_show (place);
  g_autofree char *hint = first != NULL ? g_strdup_printf ("it was used first on line %u", (guint) first->line) : NULL;

  bs_decoder_error (self->decoder, place, hint, "%s name %s is used twice", what, shown);
}

/* "web-3" is a member of "web" when that has a count of at least 3. */
static BsTopologyNode *
find_member (const BsChecker *self, const char *name)
{
  const char *dash = strrchr (name, '-');
  g_autofree char *base = NULL;
  BsTopologyNode *node;

  if (!self->has_groups || dash == NULL || dash[1] < '1' || dash[1] > '9' || strlen (dash) > 7
      || strspn (dash + 1, G_CSET_DIGITS) != strlen (dash + 1))
    return NULL;
  base = g_strndup (name, dash - name);
  node = g_hash_table_lookup (self->nodes, base);
  if (node == NULL || !bs_topology_node_is_group (node))
    return NULL;
  return g_ascii_strtoull (dash + 1, NULL, 10) <= node->group_size ? node : NULL;
}

BsTopologyNode *
bs_checker_find_node (const BsChecker *self, const char *name, guint *count)
{
  BsTopologyNode *node = g_hash_table_lookup (self->nodes, name);

  *count = 1;
  if (node == NULL)
    return find_member (self, name);
  if (bs_topology_node_is_group (node) || (node->group != NULL && strcmp (node->group, name) == 0))
    *count = node->group_size;
  return node;
}

static void
index_node (BsChecker *self, BsTopologyNode *node, gboolean report)
{
  BsTopologyNode *first = g_hash_table_lookup (self->nodes, node->name);

  if (first == NULL)
    g_hash_table_insert (self->nodes, node->name, node);
  else if (report)
    report_repeated (self, "node", bs_checker_place (self, node->name), bs_checker_place (self, first->name));
  if (node->group_index == 1)
    g_hash_table_insert (self->nodes, node->group, node);
  self->has_groups = self->has_groups || bs_topology_node_is_group (node);
}

/* A name that is given, and that `count` makes of another. */
static void
check_members (BsChecker *self)
{
  GPtrArray *nodes = self->topology->nodes;

  for (guint i = 0; i < nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (nodes, i), *other;
      g_autofree char *hint = NULL;

      if (node->name == NULL || (other = find_member (self, node->name)) == NULL)
        continue;
      hint = g_strdup_printf ("node '%s' on line %u is %s-1 to %s-%u", other->name,
                              (guint) bs_checker_place (self, other->name)->line, other->name, other->name,
                              other->group_size);
      bs_decoder_error (self->decoder, bs_checker_place (self, node->name), hint,
                        "node name '%s' is also made by 'count' of node '%s'", node->name, other->name);
    }
}

static void
index_nodes (BsChecker *self, gboolean report)
{
  GPtrArray *nodes = self->topology->nodes;

  for (guint i = 0; i < nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (nodes, i);

      if (node->name != NULL)
        index_node (self, node, report);
    }
  if (self->has_groups && report)
    check_members (self);
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

static const char *
nth_name (const BsChecker *self, BsNameKind kind, guint i)
{
  if (kind == BS_NAME_NETWORK)
    return ((const BsTopologyNetwork *) g_ptr_array_index (self->topology->networks, i))->name;
  return ((const BsTopologyNode *) g_ptr_array_index (self->topology->nodes, i))->name;
}

/* "there are: a, b", where that is short; (transfer full) (nullable) */
static char *
list_names (const BsChecker *self, BsNameKind kind, guint n)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < n && n <= LISTED_NAMES_MAX; i++)
    if (nth_name (self, kind, i) != NULL)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "there are: ", nth_name (self, kind, i));
  return g_string_free (names, names->len == 0);
}

/* Offers all names while the budget lasts: a file of nothing but wrong names must not become quadratic. */
static char *
nearest_hint (BsChecker *self, BsNameKind kind, const char *wrong)
{
  GPtrArray *all = kind != BS_NAME_NETWORK ? self->topology->nodes : self->topology->networks;
  BsSuggest suggest;

  if (self->decoder->hints_left < all->len)
    return NULL;
  self->decoder->hints_left -= all->len;
  bs_suggest_init (&suggest, wrong);
  for (guint i = 0; i < all->len; i++)
    if (nth_name (self, kind, i) != NULL)
      bs_suggest_offer (&suggest, nth_name (self, kind, i));
  return suggest.nearest != NULL ? bs_decoder_did_you_mean (suggest.nearest) : list_names (self, kind, all->len);
}

static void
report_unknown (BsChecker *self, const BsReference *reference)
{
  g_autofree char *shown = bs_yaml_show_text (reference->name);
  g_autofree char *hint = nearest_hint (self, reference->kind, reference->name);

  bs_decoder_error (self->decoder, reference->value, hint, "there is no %s %s",
                    reference->kind == BS_NAME_NETWORK ? "network" : "node", shown);
}

static void
check_node_reference (BsChecker *self, const BsReference *reference)
{
  g_autofree char *hint = NULL;
  guint count;

  if (bs_checker_find_node (self, reference->name, &count) == NULL)
    report_unknown (self, reference);
  else if (count > 1 && reference->kind == BS_NAME_ONE_NODE)
    {
      hint = g_strdup_printf ("write one of them: %s-1 to %s-%u", reference->name, reference->name, count);
      bs_decoder_error (self->decoder, reference->value, hint, "'%s' is %u nodes, and one is needed here",
                        reference->name, count);
    }
  else if (count > 1)
    bs_decoder_charge (self->decoder, reference->value, count * REFERENCE_BYTES);
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

      if (reference->kind != BS_NAME_NETWORK)
        check_node_reference (self, reference);
      else if (!g_hash_table_contains (self->networks, reference->name))
        report_unknown (self, reference);
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
  self->has_groups = FALSE;
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
  bs_check_nodes (&checker);
  bs_check_steps (&checker);
  checker_clear (&checker);
}

void
bs_topology_check_scenarios (BsDecoder *decoder)
{
  BsChecker checker;

  checker_init (&checker, decoder);
  bs_check_names (&checker, FALSE);
  bs_check_scenarios (&checker);
  bs_check_steps (&checker);
  checker_clear (&checker);
}
