/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-group.c — what `count` makes of one node: its members, and their names where its own was used */
#include "bs-topology-check.h"

#include "bs-topology-model.h"

typedef struct
{
  GHashTable *sizes; /* (element-type utf8 guint) of the groups, by name */
} Groups;

static guint
size_of (const Groups *self, const char *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->sizes, name));
}

static void
expand_names (const Groups *self, GPtrArray *names)
{
  g_autoptr (GPtrArray) all = NULL;
  gboolean any = FALSE;

  for (guint i = 0; i < names->len && !any; i++)
    any = size_of (self, g_ptr_array_index (names, i)) > 0;
  if (!any)
    return;
  all = g_ptr_array_new ();
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      guint size = size_of (self, name);

      if (size == 0)
        g_ptr_array_add (all, g_strdup (name));
      for (guint j = 1; j <= size; j++)
        g_ptr_array_add (all, g_strdup_printf ("%s-%u", name, j));
    }
  g_ptr_array_set_size (names, 0);
  g_ptr_array_extend (names, all, NULL, NULL);
}

/* The only member of a group of one. */
static void
expand_name (const Groups *self, char **name)
{
  g_autofree char *group = NULL;

  if (*name == NULL || size_of (self, *name) == 0)
    return;
  group = g_steal_pointer (name);
  *name = g_strdup_printf ("%s-1", group);
}

static void
expand_step (const Groups *self, BsTopologyStep *step)
{
  expand_name (self, &step->node);
  if (step->copy != NULL)
    {
      expand_name (self, &step->copy->source_node);
      expand_name (self, &step->copy->destination_node);
    }
  if (step->action != NULL)
    {
      expand_names (self, step->action->target.nodes);
      expand_name (self, &step->action->bridge);
      for (guint i = 0; i < step->action->groups->len; i++)
        expand_names (self, g_ptr_array_index (step->action->groups, i));
    }
  for (guint i = 0; step->parallel != NULL && i < step->parallel->len; i++)
    expand_step (self, g_ptr_array_index (step->parallel, i));
}

static void
expand_pairs (const Groups *self, GPtrArray *pairs)
{
  for (guint i = 0; pairs != NULL && i < pairs->len; i++)
    {
      BsTopologyPair *pair = g_ptr_array_index (pairs, i);

      expand_names (self, pair->nodes);
      expand_names (self, pair->from);
      expand_names (self, pair->to);
    }
}

/* The node becomes the first member; the others share its parts. */
static void
expand_node (BsTopologyNode *node, GPtrArray *nodes)
{
  g_ptr_array_add (nodes, node);
  if (!bs_topology_node_is_group (node))
    return;
  node->group = g_steal_pointer (&node->name);
  node->name = g_strdup_printf ("%s-1", node->group);
  node->group_index = 1;
  for (guint i = 2; i <= node->group_size; i++)
    g_ptr_array_add (nodes, bs_topology_node_member (node, i));
}

static void
expand_nodes (const Groups *self, BsTopology *topology)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();

  for (guint i = 0; i < topology->nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (topology->nodes, i);

      expand_names (self, node->depends_on);
      expand_node (node, nodes);
    }
  while (topology->nodes->len > 0)
    g_ptr_array_steal_index_fast (topology->nodes, topology->nodes->len - 1);
  g_ptr_array_extend (topology->nodes, nodes, NULL, NULL);
}

void
bs_topology_expand (BsTopology *topology, guint first_scenario)
{
  g_autoptr (GHashTable) sizes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Groups groups = { sizes };
  gboolean pending = FALSE;

  for (guint i = 0; i < topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (topology->nodes, i);

      pending = pending || bs_topology_node_is_group (node);
      if (bs_topology_node_is_group (node) || node->group_index == 1)
        g_hash_table_insert (sizes, g_strdup (node->group != NULL ? node->group : node->name),
                             GUINT_TO_POINTER (node->group_size));
    }
  if (g_hash_table_size (sizes) == 0)
    return;
  if (pending)
    {
      expand_nodes (&groups, topology);
      expand_pairs (&groups, topology->pairs);
    }
  for (guint i = first_scenario; i < topology->scenarios->len; i++)
    {
      BsTopologyScenario *scenario = g_ptr_array_index (topology->scenarios, i);

      for (guint j = 0; j < scenario->steps->len; j++)
        expand_step (&groups, g_ptr_array_index (scenario->steps, j));
    }
}
