/* SPDX-License-Identifier: Apache-2.0 */
/* bs-plan-layout.c — which interfaces there are, their names and networks */
#include "bs-planner.h"

gboolean
bs_planner_fail (const BsPlanner *planner, BsPosition at, BsErrorCode code, const char *hint, GError **error,
                 const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  if (at.line == 0)
    bs_set_error (error, code, hint, "%s: %s", planner->topology->file, what);
  else
    bs_set_error (error, code, hint, "%s:%u:%u: %s", planner->topology->file, at.line, at.column, what);
  return FALSE;
}

/* The index of an interface's network. */
static gboolean
find_network (const BsPlanner *planner, const BsTopologyInterface *interface, guint *index, GError **error)
{
  const GPtrArray *networks = planner->topology->networks;

  *index = 0;
  if (interface->network == NULL && networks->len == 1)
    return TRUE;
  if (interface->network == NULL)
    return bs_planner_fail (planner, interface->at, BS_ERROR_INVALID, "add network: NAME", error,
                            "an interface must name its network when there are several");
  for (; *index < networks->len; (*index)++)
    if (g_str_equal (((BsTopologyNetwork *) networks->pdata[*index])->name, interface->network))
      return TRUE;
  return bs_planner_fail (planner, interface->network_at, BS_ERROR_INVALID, NULL, error, "there is no network '%s'",
                          interface->network);
}

/* Names and networks of all interfaces, in order; addresses and MACs come later. */
static gboolean
lay_out_node (BsPlanner *planner, const BsTopologyNode *node, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *given = node->interfaces->pdata[i];
      BsPlannedInterface *planned = g_new0 (BsPlannedInterface, 1);
      const BsTopologyNetwork *network;

      g_ptr_array_add (planner->plan->interfaces, planned);
      if (!find_network (planner, given, &planned->network_index, error))
        return FALSE;
      network = planner->topology->networks->pdata[planned->network_index];
      planned->node = g_strdup (node->name);
      planned->network = g_strdup (network->name);
      planned->mtu = given->mtu != 0 ? given->mtu : network->mtu;
      planned->name = given->name != NULL ? g_strdup (given->name) : g_strdup_printf ("eth%u", i);
      if (!g_hash_table_add (names, planned->name))
        return bs_planner_fail (planner, given->at, BS_ERROR_INVALID,
                                "an interface without a name is eth0, eth1, … by its place in the list", error,
                                "node '%s' has two interfaces named '%s'", node->name, planned->name);
    }
  return TRUE;
}

gboolean
bs_planner_lay_out (BsPlanner *planner, GError **error)
{
  const GPtrArray *nodes = planner->topology->nodes;

  for (guint i = 0; i < nodes->len; i++)
    if (!lay_out_node (planner, nodes->pdata[i], error))
      return FALSE;
  return TRUE;
}
