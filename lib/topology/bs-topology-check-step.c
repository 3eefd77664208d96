/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-step.c — what fault and net steps are about: groups, networks and interfaces of their nodes */
#include "bs-topology-check.h"

#include "bs-topology-model.h"

#include <string.h>

/* The nodes of a partition so far. A group and a node are told apart: whoever names a group has all its members. */
typedef struct
{
  GHashTable *names;  /* (element-type utf8) as they were written */
  GHashTable *groups; /* (element-type BsTopologyNode) of which a member was named */
} Sides;

static gboolean
is_member (const BsTopologyNode *node, const char *name)
{
  return bs_topology_node_is_group (node) ? strcmp (node->name, name) != 0
                                          : node->group != NULL && strcmp (node->group, name) != 0;
}

static const char *
group_name (const BsTopologyNode *node)
{
  return node->group != NULL ? node->group : node->name;
}

/* What stands for the group of an expanded topology: its first member. */
static const BsTopologyNode *
group_of (const BsChecker *self, const BsTopologyNode *node)
{
  return node->group != NULL ? g_hash_table_lookup (self->nodes, node->group) : node;
}

static void
add_to_side (BsChecker *self, Sides *sides, const char *name)
{
  guint count;
  const BsTopologyNode *node = bs_checker_find_node (self, name, &count);
  gboolean member, repeated;

  if (node == NULL)
    return;
  member = is_member (node, name);
  repeated = g_hash_table_contains (sides->names, name)
             || (member ? g_hash_table_contains (sides->names, group_name (node))
                        : g_hash_table_contains (sides->groups, group_of (self, node)));
  if (repeated)
    bs_decoder_error (self->decoder, bs_checker_place (self, name), "a node is on one side only",
                      "node '%s' is in the partition twice", name);
  g_hash_table_add (sides->names, (gpointer) name);
  if (member)
    g_hash_table_add (sides->groups, (gpointer) group_of (self, node));
}

static void
check_partition (BsChecker *self, const BsTopologyAction *action)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal), groups = g_hash_table_new (NULL, NULL);
  Sides sides = { names, groups };

  for (guint i = 0; i < action->groups->len; i++)
    {
      GPtrArray *group = g_ptr_array_index (action->groups, i);

      for (guint j = 0; j < group->len; j++)
        add_to_side (self, &sides, g_ptr_array_index (group, j));
    }
  if (action->bridge != NULL)
    add_to_side (self, &sides, action->bridge);
}

/* By name, or by order: the third one without a name is eth2. */
static const BsTopologyInterface *
find_interface (const BsTopologyNode *node, const char *name)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);
      char given[16];

      g_snprintf (given, sizeof given, "eth%u", i);
      if (strcmp (interface->name != NULL ? interface->name : given, name) == 0)
        return interface;
    }
  return NULL;
}

static gboolean
is_on_network (const BsTopologyNode *node, const char *network)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    if (g_strcmp0 (((BsTopologyInterface *) g_ptr_array_index (node->interfaces, i))->network, network) == 0)
      return TRUE;
  return FALSE;
}

static void
check_interface (BsChecker *self, const BsTopologyTarget *target, const BsYamlNode *place)
{
  const BsTopologyInterface *interface;
  const BsTopologyNode *node;
  guint count = 0;

  if (target->nodes->len == 1)
    node = bs_checker_find_node (self, g_ptr_array_index (target->nodes, 0), &count);
  if (count != 1)
    {
      bs_decoder_error (self->decoder, place, "name one node, or choose by 'network'",
                        "'interface' needs exactly one node");
      return;
    }
  if (node == NULL)
    return;
  interface = find_interface (node, target->interface);
  if (interface == NULL)
    bs_decoder_error (self->decoder, place, NULL, "node '%s' has no interface '%s'",
                      (const char *) g_ptr_array_index (target->nodes, 0), target->interface);
  else if (target->network != NULL && g_strcmp0 (interface->network, target->network) != 0)
    bs_decoder_error (self->decoder, place, "remove one of 'network' and 'interface'",
                      "interface '%s' is not on network '%s'", target->interface, target->network);
}

static void
check_target (BsChecker *self, const BsTopologyTarget *target)
{
  if (target->interface != NULL)
    check_interface (self, target, bs_checker_place (self, target->interface));
  if (target->network == NULL || !g_hash_table_contains (self->networks, target->network) || target->interface != NULL)
    return;
  for (guint i = 0; i < target->nodes->len; i++)
    {
      const char *name = g_ptr_array_index (target->nodes, i);
      guint count;
      const BsTopologyNode *node = bs_checker_find_node (self, name, &count);

      if (node != NULL && !is_on_network (node, target->network))
        bs_decoder_error (self->decoder, bs_checker_place (self, name), NULL, "node '%s' is not on network '%s'", name,
                          target->network);
    }
}

static void
check_step (BsChecker *self, const BsTopologyStep *step)
{
  const BsYamlNode *mapping = step->action != NULL ? bs_checker_place (self, step->action) : NULL;

  if (step->parallel != NULL)
    for (guint i = 0; i < step->parallel->len; i++)
      check_step (self, g_ptr_array_index (step->parallel, i));
  if (mapping == NULL)
    return;
  bs_decoder_enter (self->decoder, "step", bs_yaml_get (mapping, "name"));
  check_partition (self, step->action);
  check_target (self, &step->action->target);
  bs_decoder_leave (self->decoder);
}

void
bs_check_steps (BsChecker *self)
{
  for (guint i = 0; i < self->topology->scenarios->len; i++)
    {
      const BsTopologyScenario *scenario = g_ptr_array_index (self->topology->scenarios, i);

      bs_decoder_enter (self->decoder, "scenario", bs_checker_place (self, scenario));
      for (guint j = 0; j < scenario->steps->len; j++)
        check_step (self, g_ptr_array_index (scenario->steps, j));
      bs_decoder_leave (self->decoder);
    }
}
