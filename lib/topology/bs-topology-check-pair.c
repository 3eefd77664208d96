/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-pair.c — pairs: two nodes or more that a wire connects */
#include "bs-topology-check.h"

#define LISTED_MAX 8

typedef struct
{
  BsChecker *checker;
  const BsTopologyPair *pair;
  const BsYamlNode *told; /* what a group was told already is not told for each of its nodes */
} Check;

static void
report (Check *self, const char *name, const char *hint, const char *message)
{
  const BsYamlNode *place = bs_checker_place (self->checker, name);

  if (place == NULL || place == self->told)
    return;
  self->told = place;
  bs_decoder_error (self->checker->decoder, place, hint, "%s", message);
}

static gboolean
is_on (const BsTopologyNode *node, const char *network)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);

      if (g_strcmp0 (interface->network, network) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
report_not_on (Check *self, const BsTopologyNode *node, const char *name)
{
  g_autofree char *message = g_strdup_printf ("node '%s' is not on network '%s'", node->name, self->pair->network);
  g_autoptr (GString) hint = g_string_new ("it is on ");

  for (guint i = 0; i < MIN (node->interfaces->len, LISTED_MAX); i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);

      g_string_append_printf (hint, "%s%s", i > 0 ? ", " : "", interface->network);
    }
  report (self, name, hint->str, message);
}

/* All of @names that are known must be on the pair's network. */
static void
check_named_network (Check *self, const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      const BsTopologyNode *node = g_hash_table_lookup (self->checker->nodes, name);

      if (node != NULL && !is_on (node, self->pair->network))
        report_not_on (self, node, name);
    }
}

/* How many of @names are on each network: (element-type utf8 guint). NULL when something about them is wrong, which was
 * told already. */
static GHashTable *
count_networks (Check *self, const GPtrArray *names)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) counted = g_hash_table_new (g_str_hash, g_str_equal); /* the last node on each */

  for (guint i = 0; i < names->len; i++)
    {
      BsTopologyNode *node = g_hash_table_lookup (self->checker->nodes, g_ptr_array_index (names, i));

      if (node == NULL)
        return NULL;
      for (guint j = 0; j < node->interfaces->len; j++)
        {
          char *network = ((BsTopologyInterface *) g_ptr_array_index (node->interfaces, j))->network;
          guint count;

          if (network == NULL)
            return NULL;
          count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, network));
          if (g_hash_table_lookup (counted, network) != node)
            g_hash_table_insert (counts, network, GUINT_TO_POINTER (count + 1));
          g_hash_table_insert (counted, network, node);
        }
    }
  return g_steal_pointer (&counts);
}

/* Whether @node is on a network on which @counts has @least nodes */
static gboolean
is_shared (const BsTopologyNode *node, GHashTable *counts, guint least)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);

      if (GPOINTER_TO_UINT (g_hash_table_lookup (counts, interface->network)) >= least)
        return TRUE;
    }
  return FALSE;
}

/* Reports the first of @names that is on no network with @least nodes. */
static gboolean
check_shared (Check *self, const GPtrArray *names, GHashTable *counts, guint least, const char *others)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *message = NULL;

      if (is_shared (g_hash_table_lookup (self->checker->nodes, name), counts, least))
        continue;
      message = g_strdup_printf ("node '%s' shares no network with %s", name, others);
      report (self, name, "give them interfaces on the same network", message);
      return FALSE;
    }
  return TRUE;
}

static void
check_any_network (Check *self)
{
  g_autoptr (GHashTable) all = count_networks (self, self->pair->nodes);
  g_autoptr (GHashTable) senders = count_networks (self, self->pair->from);
  g_autoptr (GHashTable) receivers = count_networks (self, self->pair->to);

  if (all != NULL)
    check_shared (self, self->pair->nodes, all, 2, "the others of its pair");
  if (senders != NULL && receivers != NULL && check_shared (self, self->pair->from, receivers, 1, "the receiver"))
    check_shared (self, self->pair->to, senders, 1, "the sender");
}

static void
check_networks (Check *self)
{
  if (self->pair->network == NULL)
    {
      check_any_network (self);
      return;
    }
  if (!g_hash_table_contains (self->checker->networks, self->pair->network))
    return;
  check_named_network (self, self->pair->nodes);
  check_named_network (self, self->pair->from);
  check_named_network (self, self->pair->to);
}

/* Every name once: a pair with itself is no wire. */
static void
check_repeated (Check *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const GPtrArray *names = self->pair->nodes;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *message = NULL;

      if (g_hash_table_add (seen, (gpointer) name))
        continue;
      message = g_strdup_printf ("node '%s' is named twice in one pair", name);
      report (self, name, "what a node sends to itself crosses no wire", message);
    }
}

/* What is wrong about an element was told already. */
static gboolean
is_too_few (const BsTopologyPair *pair, const BsYamlNode *nodes)
{
  if (nodes == NULL || nodes->kind != BS_YAML_SEQUENCE || pair->nodes->len > 1)
    return FALSE;
  return nodes->first == NULL || nodes->first->next == NULL;
}

/* What one of the forms lacks was told already. */
static gboolean
is_whole (const BsTopologyPair *pair)
{
  if (pair->nodes->len > 0)
    return pair->nodes->len > 1 && pair->from->len == 0 && pair->to->len == 0;
  return pair->from->len > 0 && pair->to->len > 0;
}

static gboolean
is_with_itself (const BsTopologyPair *pair)
{
  return pair->from->len == 1 && pair->to->len == 1
         && g_str_equal (g_ptr_array_index (pair->from, 0), g_ptr_array_index (pair->to, 0));
}

static void
check_pair (BsChecker *checker, const BsTopologyPair *pair)
{
  Check check = { checker, pair, NULL };
  const BsYamlNode *mapping = bs_checker_place (checker, pair);
  const BsYamlNode *nodes = mapping->kind == BS_YAML_MAPPING ? bs_yaml_get (mapping, "nodes") : NULL;

  if (is_too_few (pair, nodes))
    bs_decoder_error (checker->decoder, nodes, "write 'nodes: [A, B]'", "a pair needs two nodes, not %u",
                      pair->nodes->len);
  else if (is_with_itself (pair))
    bs_decoder_error (checker->decoder, bs_checker_place (checker, g_ptr_array_index (pair->to, 0)),
                      "what a node sends to itself crosses no wire", "'from' and 'to' are both '%s'",
                      (const char *) g_ptr_array_index (pair->to, 0));
  else if (is_whole (pair))
    {
      check_repeated (&check);
      check_networks (&check);
    }
}

void
bs_check_pairs (BsChecker *self)
{
  for (guint i = 0; i < self->topology->pairs->len; i++)
    check_pair (self, g_ptr_array_index (self->topology->pairs, i));
}
