/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-planner.h"
#include "bs-stable-hash.h"
#include "bs-subnet-choice.h"

static void
planned_network_free (BsPlannedNetwork *network)
{
  g_free (network->name);
  g_free (network->subnet);
  g_free (network);
}

static void
planned_interface_free (BsPlannedInterface *interface)
{
  g_free (interface->node);
  g_free (interface->network);
  g_free (interface->name);
  g_free (interface->mac);
  g_free (interface->address);
  g_free (interface);
}

void
bs_address_plan_free (BsAddressPlan *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->networks, g_ptr_array_unref);
  g_clear_pointer (&self->interfaces, g_ptr_array_unref);
  g_free (self);
}

static void
list_networks (BsPlanner *planner)
{
  for (guint i = 0; i < planner->subnets->len; i++)
    {
      BsPlannedNetwork *network = g_new0 (BsPlannedNetwork, 1);

      network->name = g_strdup (((BsTopologyNetwork *) planner->topology->networks->pdata[i])->name);
      network->subnet = bs_subnet_format (planner->subnets->pdata[i]);
      g_ptr_array_add (planner->plan->networks, network);
    }
}

typedef gboolean (*EachInterface) (BsPlanner *planner, const BsTopologyInterface *given, guint index, GError **error);

static gboolean
for_each_interface (BsPlanner *planner, EachInterface each, GError **error)
{
  const GPtrArray *nodes = planner->topology->nodes;

  for (guint i = 0, at = 0; i < nodes->len; i++)
    {
      const GPtrArray *interfaces = ((BsTopologyNode *) nodes->pdata[i])->interfaces;

      for (guint j = 0; j < interfaces->len; j++)
        if (!each (planner, interfaces->pdata[j], at++, error))
          return FALSE;
    }
  return TRUE;
}

/* One packet cannot say to which of two overlapping networks of a node it goes. */
static gboolean
check_overlap (BsPlanner *planner, const BsTopologyInterface *given, guint index, GError **error)
{
  BsPlannedInterface *planned = planner->plan->interfaces->pdata[index];
  const BsSubnet *subnet = planner->subnets->pdata[planned->network_index];

  while (index-- > 0)
    {
      const BsPlannedInterface *other = planner->plan->interfaces->pdata[index];

      if (!g_str_equal (other->node, planned->node))
        break;
      if (other->network_index != planned->network_index
          && bs_subnet_overlaps (planner->subnets->pdata[other->network_index], subnet))
        return bs_planner_fail (planner, given->at, BS_ERROR_INVALID, "give one of them another subnet, or none", error,
                                "node '%s' is on networks '%s' and '%s', whose subnets overlap", planned->node,
                                other->network, planned->network);
    }
  return TRUE;
}

static gboolean
reserve_address (BsPlanner *planner, const BsTopologyInterface *given, guint index, GError **error)
{
  BsPlannedInterface *planned = planner->plan->interfaces->pdata[index];
  const BsTopologyNetwork *network = planner->topology->networks->pdata[planned->network_index];
  BsSubnet *subnet = planner->subnets->pdata[planned->network_index];
  g_autoptr (GError) local = NULL;
  guint32 address;

  if (given->address == NULL)
    return TRUE;
  if (!bs_ipv4_parse (given->address, &address))
    return bs_planner_fail (planner, given->address_at, BS_ERROR_INVALID, "write it as 10.1.0.5", error,
                            "'%s' is no IPv4 address", given->address);
  if (network->subnet == NULL)
    return bs_planner_fail (planner, given->address_at, BS_ERROR_INVALID, "give the network a subnet", error,
                            "node '%s' has address '%s', but network '%s' names no subnet", planned->node,
                            given->address, network->name);
  if (!bs_subnet_reserve (subnet, address, &local))
    return bs_planner_fail (planner, given->address_at, BS_ERROR_INVALID, NULL, error, "node '%s' on network '%s': %s",
                            planned->node, network->name, local->message);
  planned->address = bs_ipv4_format (address);
  return TRUE;
}

static gboolean
take_address (BsPlanner *planner, const BsTopologyInterface *given, guint index, GError **error)
{
  BsPlannedInterface *planned = planner->plan->interfaces->pdata[index];
  const BsTopologyNetwork *network = planner->topology->networks->pdata[planned->network_index];
  BsSubnet *subnet = planner->subnets->pdata[planned->network_index];
  g_autofree char *hint = NULL;
  guint32 address;
  guint n;

  planned->prefix = bs_subnet_prefix (subnet);
  if (planned->address != NULL)
    return TRUE;
  if (bs_subnet_take (subnet, &address, NULL))
    {
      planned->address = bs_ipv4_format (address);
      return TRUE;
    }
  n = bs_planner_count (planner, planned->network_index);
  hint = g_strdup_printf ("the network's, the gateway's (first) and the broadcast address are not given out: "
                          "use a subnet of /%u or larger, or none",
                          MIN (bs_subnet_choice_prefix (n), planned->prefix - 1));
  return bs_planner_fail (planner, network->subnet_at, BS_ERROR_EXHAUSTED, hint, error,
                          "subnet '%s' of network '%s' is too small for its %u interface%s", network->subnet,
                          network->name, n, n == 1 ? "" : "s");
}

static gboolean
reserve_mac (BsPlanner *planner, const BsTopologyInterface *given, guint index, GError **error)
{
  BsPlannedInterface *planned = planner->plan->interfaces->pdata[index];
  if (given->mac == NULL)
    return TRUE;
  planned->mac = g_ascii_strdown (given->mac, -1);
  if (g_hash_table_add (planner->macs, planned->mac))
    return TRUE;
  return bs_planner_fail (planner, given->at, BS_ERROR_INVALID, NULL, error, "MAC '%s' of node '%s' is given twice",
                          planned->mac, planned->node);
}

static gboolean
make_mac (BsPlanner *planner, const BsTopologyInterface *given, guint index, GError **error)
{
  BsPlannedInterface *planned = planner->plan->interfaces->pdata[index];
  for (guint32 attempt = 0; planned->mac == NULL; attempt++)
    {
      g_autofree char *mac = bs_stable_mac (planner->lab, planned->node, planned->name, attempt);

      if (!g_hash_table_contains (planner->macs, mac))
        g_hash_table_add (planner->macs, planned->mac = g_steal_pointer (&mac));
    }
  return TRUE;
}

static gboolean
make_plan (BsPlanner *planner, GPtrArray *used, GError **error)
{
  static const EachInterface passes[] = { check_overlap, reserve_address, take_address, reserve_mac, make_mac };

  if (!bs_planner_lay_out (planner, error) || !bs_planner_find_subnets (planner, used, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (passes); i++)
    if (!for_each_interface (planner, passes[i], error))
      return FALSE;
  list_networks (planner);
  return TRUE;
}

BsAddressPlan *
bs_address_plan_make (const BsTopology *topology, const char *lab, GPtrArray *used, GError **error)
{
  g_autoptr (GPtrArray) subnets = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_subnet_free);
  g_autoptr (GHashTable) macs = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (BsAddressPlan) plan = g_new0 (BsAddressPlan, 1);
  BsPlanner planner = { .topology = topology, .lab = lab, .plan = plan, .subnets = subnets, .macs = macs };

  plan->networks = g_ptr_array_new_with_free_func ((GDestroyNotify) planned_network_free);
  plan->interfaces = g_ptr_array_new_with_free_func ((GDestroyNotify) planned_interface_free);
  return make_plan (&planner, used, error) ? g_steal_pointer (&plan) : NULL;
}
