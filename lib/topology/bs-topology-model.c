/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-model.c — the topology itself, its networks and interfaces; looking names up */
#include "bs-topology-model.h"

#include <string.h>

static void
nat_free (BsTopologyNat *self)
{
  if (self == NULL)
    return;
  g_free (self->uplink);
  g_free (self->mapping);
  g_free (self->filtering);
  g_free (self);
}

static void
network_free (gpointer data)
{
  BsTopologyNetwork *self = data;

  g_free (self->name);
  g_free (self->subnet);
  g_free (self->subnet6);
  nat_free (self->nat);
  bs_conditions_free (self->conditions);
  g_free (self);
}

void
bs_topology_interface_free (gpointer data)
{
  BsTopologyInterface *self = data;

  g_free (self->network);
  g_free (self->address);
  g_free (self->address6);
  g_free (self->mac);
  g_free (self->name);
  bs_conditions_free (self->conditions);
  bs_conditions_free (self->ingress);
  g_free (self);
}

static void
pair_free (gpointer data)
{
  BsTopologyPair *self = data;

  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->from);
  g_ptr_array_unref (self->to);
  g_free (self->network);
  bs_conditions_free (self->conditions);
  g_free (self);
}

static void
inert_free (gpointer data)
{
  BsTopologyInert *self = data;

  g_free (self->field);
  g_free (self->file);
  g_free (self);
}

BsTopologyNetwork *
bs_topology_network_new (BsPosition at)
{
  BsTopologyNetwork *self = g_new0 (BsTopologyNetwork, 1);

  self->at = at;
  self->mtu = 1500;
  return self;
}

BsTopologyNat *
bs_topology_nat_new (BsPosition at)
{
  BsTopologyNat *self = g_new0 (BsTopologyNat, 1);

  self->at = at;
  self->hairpin = TRUE;
  self->lifetime_usec = BS_NAT_LIFETIME_USEC;
  return self;
}

BsTopologyPair *
bs_topology_pair_new (BsPosition at)
{
  BsTopologyPair *self = g_new0 (BsTopologyPair, 1);

  self->at = at;
  self->nodes = g_ptr_array_new_with_free_func (g_free);
  self->from = g_ptr_array_new_with_free_func (g_free);
  self->to = g_ptr_array_new_with_free_func (g_free);
  return self;
}

BsTopologyInterface *
bs_topology_interface_new (BsPosition at)
{
  BsTopologyInterface *self = g_new0 (BsTopologyInterface, 1);

  self->at = at;
  return self;
}

BsTopology *
bs_topology_new (const char *file)
{
  BsTopology *self = g_new0 (BsTopology, 1);

  self->file = g_strdup (file);
  self->networks = g_ptr_array_new_with_free_func (network_free);
  self->nodes = g_ptr_array_new_with_free_func (bs_topology_node_free);
  self->pairs = g_ptr_array_new_with_free_func (pair_free);
  self->scenarios = g_ptr_array_new_with_free_func (bs_topology_scenario_free);
  self->inert = g_ptr_array_new_with_free_func (inert_free);
  self->variables = g_new0 (char *, 1);
  return self;
}

void
bs_topology_free (BsTopology *self)
{
  if (self == NULL)
    return;
  g_free (self->file);
  g_free (self->name);
  g_free (self->description);
  g_free (self->version);
  g_strfreev (self->tags);
  g_free (self->backend);
  g_ptr_array_unref (self->networks);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->pairs);
  g_ptr_array_unref (self->scenarios);
  g_ptr_array_unref (self->inert);
  g_strfreev (self->variables);
  g_clear_pointer (&self->presets, g_hash_table_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_free (self);
}

void
bs_topology_index (BsTopology *self)
{
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (self->nodes, i);

      g_hash_table_insert (self->by_name, node->name, node);
    }
}

BsTopologyNetwork *
bs_topology_network (const BsTopology *self, const char *name)
{
  for (guint i = 0; i < self->networks->len; i++)
    {
      BsTopologyNetwork *network = g_ptr_array_index (self->networks, i);

      if (g_strcmp0 (network->name, name) == 0)
        return network;
    }
  return NULL;
}

BsTopologyNode *
bs_topology_node (const BsTopology *self, const char *name)
{
  if (self->by_name != NULL)
    return name != NULL ? g_hash_table_lookup (self->by_name, name) : NULL;
  for (guint i = 0; i < self->nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (self->nodes, i);

      if (g_strcmp0 (node->name, name) == 0)
        return node;
    }
  return NULL;
}
