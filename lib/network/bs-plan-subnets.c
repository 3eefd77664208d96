/* SPDX-License-Identifier: Apache-2.0 */
/* bs-plan-subnets.c — a subnet for each network: the one that the file names, or a free one */
#include "bs-planner.h"
#include "bs-subnet-choice.h"

/* The subnets that the file names. */
static gboolean
parse_subnets (BsPlanner *planner, GError **error)
{
  g_autoptr (BsSubnet) management = bs_subnet_parse (BS_MANAGEMENT_SUBNET, NULL);
  const GPtrArray *networks = planner->topology->networks;

  for (guint i = 0; i < networks->len; i++)
    {
      const BsTopologyNetwork *network = networks->pdata[i];
      g_autoptr (GError) local = NULL;
      BsSubnet *subnet = network->subnet != NULL ? bs_subnet_parse (network->subnet, &local) : NULL;

      g_ptr_array_add (planner->subnets, subnet);
      if (local != NULL)
        return bs_planner_fail (planner, network->subnet_at, BS_ERROR_INVALID, bs_error_hint (local), error, "%s",
                                local->message);
      if (subnet == NULL || !bs_subnet_overlaps (subnet, management))
        continue;
      if (bs_subnet_prefix (subnet) >= bs_subnet_prefix (management))
        return bs_planner_fail (planner, network->subnet_at, BS_ERROR_INVALID,
                                "give the network another subnet, or none", error,
                                "subnet '%s' of network '%s' lies in %s, which belongs to the management interface",
                                network->subnet, network->name, BS_MANAGEMENT_SUBNET);
      bs_subnet_exclude (subnet, management);
    }
  return TRUE;
}

guint
bs_planner_count (const BsPlanner *planner, guint network_index)
{
  const GPtrArray *interfaces = planner->plan->interfaces;
  guint n = 0;

  for (guint i = 0; i < interfaces->len; i++)
    n += ((BsPlannedInterface *) interfaces->pdata[i])->network_index == network_index;
  return n;
}

/* What a chosen subnet must not overlap: @used, management, and the given ones. */
static GPtrArray *
blocked_subnets (const BsPlanner *planner, GPtrArray *used, GError **error)
{
  g_autoptr (GPtrArray) blocked = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_subnet_free);

  g_ptr_array_add (blocked, bs_subnet_parse (BS_MANAGEMENT_SUBNET, NULL));
  for (guint i = 0; used != NULL && i < used->len; i++)
    {
      BsSubnet *subnet = bs_subnet_parse_around (used->pdata[i], error);

      if (subnet == NULL)
        return NULL;
      g_ptr_array_add (blocked, subnet);
    }
  for (guint i = 0; i < planner->subnets->len; i++)
    {
      const BsSubnet *subnet = planner->subnets->pdata[i];

      if (subnet != NULL)
        g_ptr_array_add (blocked, bs_subnet_new (bs_subnet_first (subnet), bs_subnet_prefix (subnet)));
    }
  return g_steal_pointer (&blocked);
}

static gboolean
choose_subnets (BsPlanner *planner, GPtrArray *used, GError **error)
{
  g_autoptr (GPtrArray) blocked = blocked_subnets (planner, used, error);

  if (blocked == NULL)
    return FALSE;
  for (guint i = 0; i < planner->subnets->len; i++)
    {
      const BsTopologyNetwork *network = planner->topology->networks->pdata[i];
      BsSubnet *subnet = planner->subnets->pdata[i];
      guint n = bs_planner_count (planner, i), prefix = bs_subnet_choice_prefix (n);

      if (subnet != NULL)
        continue;
      subnet = bs_subnet_choose (planner->lab, network->name, prefix, blocked);
      if (subnet == NULL)
        return bs_planner_fail (planner, network->at, BS_ERROR_EXHAUSTED,
                                "name one with subnet: the host's routes and engines are not affected by it", error,
                                "no private subnet /%u is free for the %u interfaces of network '%s'", prefix, n,
                                network->name);
      planner->subnets->pdata[i] = subnet;
      g_ptr_array_add (blocked, bs_subnet_new (bs_subnet_first (subnet), prefix));
    }
  return TRUE;
}

gboolean
bs_planner_find_subnets (BsPlanner *planner, GPtrArray *used, GError **error)
{
  return parse_subnets (planner, error) && choose_subnets (planner, used, error);
}
