/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-pair.c — pairs: two nodes or more that a wire connects
 *
 * The name of a node with `count` stands for all its members, so it counts as many. Nothing here looks at each two
 * nodes: a pair may name ten thousand.
 */
#include "bs-topology-check.h"

#define LISTED_MAX 8
/* A small file must not become a huge model. */
#define NAMES_MAX 1000000

typedef struct
{
  BsChecker *checker;
  const BsTopologyPair *pair;
} Check;

static void
report (Check *self, const char *name, const char *hint, const char *message)
{
  bs_decoder_error (self->checker->decoder, bs_checker_place (self->checker, name), hint, "%s", message);
}

static const BsTopologyInterface *
interface_at (const BsTopologyNode *node, guint index)
{
  return g_ptr_array_index (node->interfaces, index);
}

static gboolean
is_on (const BsTopologyNode *node, const char *network)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    if (g_strcmp0 (interface_at (node, i)->network, network) == 0)
      return TRUE;
  return FALSE;
}

static void
report_not_on (Check *self, const BsTopologyNode *node, const char *name)
{
  g_autofree char *message = g_strdup_printf ("node '%s' is not on network '%s'", name, self->pair->network);
  g_autoptr (GString) hint = g_string_new ("it is on ");

  for (guint i = 0; i < MIN (node->interfaces->len, LISTED_MAX); i++)
    if (interface_at (node, i)->network != NULL)
      g_string_append_printf (hint, "%s%s", i > 0 ? ", " : "", interface_at (node, i)->network);
  report (self, name, hint->str, message);
}

/* All of @names that are known must be on the pair's network. */
static void
check_named_network (Check *self, const GPtrArray *names)
{
  guint count;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      const BsTopologyNode *node = bs_checker_find_node (self->checker, name, &count);

      if (node != NULL && !is_on (node, self->pair->network))
        report_not_on (self, node, name);
    }
}

/* Adds the node's networks, each once though it may have several interfaces there. FALSE when one is wrong. */
static gboolean
count_node (const BsTopologyNode *node, char *name, guint members, GHashTable *counts, GHashTable *last)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      char *network = interface_at (node, i)->network;
      guint count;

      if (network == NULL)
        return FALSE;
      count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, network));
      if (g_hash_table_lookup (last, network) != name)
        g_hash_table_insert (counts, network, GUINT_TO_POINTER (count + members));
      g_hash_table_insert (last, network, name);
    }
  return TRUE;
}

/* How many of @names are on each network: (element-type utf8 guint). NULL when something about them is wrong, which was
 * told already. */
static GHashTable *
count_networks (Check *self, const GPtrArray *names)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) last = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < names->len; i++)
    {
      guint members;
      const BsTopologyNode *node = bs_checker_find_node (self->checker, g_ptr_array_index (names, i), &members);

      if (node == NULL || !count_node (node, g_ptr_array_index (names, i), members, counts, last))
        return NULL;
    }
  return g_steal_pointer (&counts);
}

/* Whether @node is on a network on which @counts has @least nodes */
static gboolean
is_shared (const BsTopologyNode *node, GHashTable *counts, guint least)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    if (GPOINTER_TO_UINT (g_hash_table_lookup (counts, interface_at (node, i)->network)) >= least)
      return TRUE;
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
      guint count;

      if (is_shared (bs_checker_find_node (self->checker, name, &count), counts, least))
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

static gboolean
is_whole (const BsTopologyNode *node, const char *name)
{
  return g_strcmp0 (node->name, name) == 0;
}

/* Every node once, also when its group is named: a pair with itself is no wire. */
static void
check_repeated (Check *self)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) wholes = g_hash_table_new (NULL, NULL), parts = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->pair->nodes->len; i++)
    {
      char *name = g_ptr_array_index (self->pair->nodes, i);
      g_autofree char *message = NULL;
      guint count;
      BsTopologyNode *node = bs_checker_find_node (self->checker, name, &count);
      gboolean again = !g_hash_table_add (names, name);

      if (node == NULL)
        continue;
      g_hash_table_add (is_whole (node, name) ? wholes : parts, node);
      if (!again && !g_hash_table_contains (is_whole (node, name) ? parts : wholes, node))
        continue;
      message = g_strdup_printf ("node '%s' is named twice in one pair", name);
      report (self, name, "what a node sends to itself crosses no wire", message);
    }
}

/* How many nodes the names stand for. */
static guint64
count_nodes (const BsChecker *checker, const GPtrArray *names)
{
  guint64 total = 0;

  for (guint i = 0; i < names->len; i++)
    {
      guint count;

      if (bs_checker_find_node (checker, g_ptr_array_index (names, i), &count) != NULL)
        total += count;
    }
  return total;
}

/* What is wrong about an element was told already. */
static gboolean
is_too_few (const BsChecker *checker, const BsTopologyPair *pair, const BsYamlNode *nodes)
{
  if (nodes == NULL || nodes->kind != BS_YAML_SEQUENCE || (nodes->first != NULL && nodes->first->next != NULL))
    return FALSE;
  return pair->nodes->len == (nodes->first != NULL) && count_nodes (checker, pair->nodes) < 2;
}

/* What one of the forms lacks was told already. */
static gboolean
is_complete (const BsChecker *checker, const BsTopologyPair *pair)
{
  if (pair->nodes->len > 0)
    return pair->from->len == 0 && pair->to->len == 0 && count_nodes (checker, pair->nodes) > 1;
  return pair->from->len > 0 && pair->to->len > 0;
}

static gboolean
is_with_itself (const BsChecker *checker, const BsTopologyPair *pair)
{
  return pair->from->len == 1 && pair->to->len == 1
         && g_str_equal (g_ptr_array_index (pair->from, 0), g_ptr_array_index (pair->to, 0))
         && count_nodes (checker, pair->to) == 1;
}

static void
check_pair (BsChecker *checker, const BsTopologyPair *pair)
{
  Check check = { checker, pair };
  const BsYamlNode *mapping = bs_checker_place (checker, pair);
  const BsYamlNode *nodes = mapping->kind == BS_YAML_MAPPING ? bs_yaml_get (mapping, "nodes") : NULL;

  if (is_too_few (checker, pair, nodes))
    bs_decoder_error (checker->decoder, nodes, "write 'nodes: [A, B]'", "a pair needs two nodes, not %u",
                      pair->nodes->len);
  else if (is_with_itself (checker, pair))
    bs_decoder_error (checker->decoder, bs_checker_place (checker, g_ptr_array_index (pair->to, 0)),
                      "what a node sends to itself crosses no wire", "'from' and 'to' are both '%s'",
                      (const char *) g_ptr_array_index (pair->to, 0));
  else if (is_complete (checker, pair))
    {
      check_repeated (&check);
      check_networks (&check);
    }
}

void
bs_check_pairs (BsChecker *self)
{
  GPtrArray *pairs = self->topology->pairs;
  guint64 total = 0;

  for (guint i = 0; i < pairs->len; i++)
    {
      const BsTopologyPair *pair = g_ptr_array_index (pairs, i);

      check_pair (self, pair);
      total += count_nodes (self, pair->nodes) + count_nodes (self, pair->from) + count_nodes (self, pair->to);
      if (total <= NAMES_MAX)
        continue;
      bs_decoder_error (self->decoder, bs_checker_place (self, pair), "let them name fewer nodes with 'count'",
                        "all pairs together name more than %d nodes", NAMES_MAX);
      return;
    }
}
