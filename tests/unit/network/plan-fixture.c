/* SPDX-License-Identifier: Apache-2.0 */
#include "plan-fixture.h"

static void
network_free (BsTopologyNetwork *network)
{
  g_free (network->name);
  g_free (network->subnet);
  g_free (network);
}

static void
interface_free (BsTopologyInterface *interface)
{
  g_free (interface->network);
  g_free (interface->address);
  g_free (interface->mac);
  g_free (interface->name);
  g_free (interface);
}

static void
node_free (BsTopologyNode *node)
{
  g_free (node->name);
  g_ptr_array_unref (node->interfaces);
  g_free (node);
}

BsTopology *
fixture_topology_new (void)
{
  BsTopology *topology = g_new0 (BsTopology, 1);

  topology->file = g_strdup ("lab.yaml");
  topology->networks = g_ptr_array_new_with_free_func ((GDestroyNotify) network_free);
  topology->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  return topology;
}

void
fixture_topology_free (BsTopology *topology)
{
  g_free (topology->file);
  g_ptr_array_unref (topology->networks);
  g_ptr_array_unref (topology->nodes);
  g_free (topology);
}

BsTopologyNetwork *
fixture_network (BsTopology *topology, const char *name, const char *subnet)
{
  BsTopologyNetwork *network = g_new0 (BsTopologyNetwork, 1);

  network->at = (BsPosition){ 10 + topology->networks->len, 5 };
  network->subnet_at = (BsPosition){ network->at.line, 20 };
  network->name = g_strdup (name);
  network->subnet = g_strdup (subnet);
  network->mtu = 1500;
  g_ptr_array_add (topology->networks, network);
  return network;
}

BsTopologyNode *
fixture_node (BsTopology *topology, const char *name, const char *networks)
{
  BsTopologyNode *node = g_new0 (BsTopologyNode, 1);
  g_auto (GStrv) names = g_strsplit (networks, " ", -1);

  node->name = g_strdup (name);
  node->interfaces = g_ptr_array_new_with_free_func ((GDestroyNotify) interface_free);
  for (guint i = 0; names[i] != NULL && names[i][0] != '\0'; i++)
    {
      BsTopologyInterface *interface = g_new0 (BsTopologyInterface, 1);

      interface->at = (BsPosition){ 100 + i, 7 };
      interface->network_at = (BsPosition){ 100 + i, 18 };
      interface->address_at = (BsPosition){ 100 + i, 30 };
      interface->network = g_strdup (names[i]);
      g_ptr_array_add (node->interfaces, interface);
    }
  g_ptr_array_add (topology->nodes, node);
  return node;
}

BsTopologyInterface *
fixture_interface (BsTopology *topology, guint index)
{
  const BsTopologyNode *node = topology->nodes->pdata[topology->nodes->len - 1];

  return node->interfaces->pdata[index];
}
