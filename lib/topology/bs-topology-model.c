/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-model.c — making, freeing and looking into the model */
#include "bs-topology-model.h"

#include <string.h>

static void
network_free (gpointer data)
{
  BsTopologyNetwork *self = data;

  g_free (self->name);
  g_free (self->subnet);
  g_free (self);
}

static void
interface_free (gpointer data)
{
  BsTopologyInterface *self = data;

  g_free (self->network);
  g_free (self->address);
  g_free (self->mac);
  g_free (self->name);
  g_free (self);
}

void
bs_topology_ready_free (gpointer data)
{
  BsTopologyReady *self = data;

  g_strfreev (self->arguments);
  g_free (self);
}

static void
node_free (gpointer data)
{
  BsTopologyNode *self = data;

  g_free (self->name);
  g_free (self->backend);
  g_free (self->image);
  g_strfreev (self->env);
  g_ptr_array_unref (self->interfaces);
  g_ptr_array_unref (self->ports);
  g_ptr_array_unref (self->depends_on);
  g_ptr_array_unref (self->ready);
  g_free (self);
}

static void
expect_clear (BsTopologyExpect *self)
{
  g_free (self->equals);
  g_free (self->contains);
  g_free (self->matches);
  g_free (self->not_contains);
}

static void
step_free (gpointer data)
{
  BsTopologyStep *self = data;

  g_free (self->name);
  g_free (self->node);
  g_strfreev (self->command);
  g_free (self->standard_input);
  g_strfreev (self->env);
  expect_clear (&self->out);
  expect_clear (&self->err);
  g_free (self);
}

static void
scenario_free (gpointer data)
{
  BsTopologyScenario *self = data;

  g_free (self->name);
  g_free (self->description);
  g_strfreev (self->tags);
  g_ptr_array_unref (self->steps);
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

BsTopologyInterface *
bs_topology_interface_new (BsPosition at)
{
  BsTopologyInterface *self = g_new0 (BsTopologyInterface, 1);

  self->at = at;
  return self;
}

BsTopologyReady *
bs_topology_ready_new (BsPosition at)
{
  BsTopologyReady *self = g_new0 (BsTopologyReady, 1);

  self->at = at;
  self->arguments = g_new0 (char *, 1);
  self->within_usec = BS_READY_WITHIN_USEC;
  return self;
}

BsTopologyNode *
bs_topology_node_new (BsPosition at)
{
  BsTopologyNode *self = g_new0 (BsTopologyNode, 1);

  self->at = at;
  self->memory_mib = BS_MEMORY_MIB;
  self->vcpus = BS_VCPUS;
  self->interfaces = g_ptr_array_new_with_free_func (interface_free);
  self->ports = g_ptr_array_new_with_free_func (g_free);
  self->depends_on = g_ptr_array_new_with_free_func (g_free);
  self->ready = g_ptr_array_new_with_free_func (bs_topology_ready_free);
  return self;
}

BsTopologyStep *
bs_topology_step_new (BsPosition at)
{
  BsTopologyStep *self = g_new0 (BsTopologyStep, 1);

  self->at = at;
  return self;
}

BsTopologyScenario *
bs_topology_scenario_new (BsPosition at)
{
  BsTopologyScenario *self = g_new0 (BsTopologyScenario, 1);

  self->at = at;
  self->timeout_usec = BS_SCENARIO_TIMEOUT_USEC;
  self->steps = g_ptr_array_new_with_free_func (step_free);
  return self;
}

BsTopology *
bs_topology_new (const char *file)
{
  BsTopology *self = g_new0 (BsTopology, 1);

  self->file = g_strdup (file);
  self->networks = g_ptr_array_new_with_free_func (network_free);
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->scenarios = g_ptr_array_new_with_free_func (scenario_free);
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
  g_ptr_array_unref (self->scenarios);
  g_ptr_array_unref (self->inert);
  g_strfreev (self->variables);
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
