/* SPDX-License-Identifier: Apache-2.0 */
/* bs-plan-hosts.c — who is called what, seen from one node */
#include "bs-address-plan.h"

/* Per network the place of @node's first interface on it, from 1; 0: it is not on it. */
static guint *
rank_networks (const BsAddressPlan *self, const char *node, const char **own_address)
{
  guint *ranks = g_new0 (guint, self->networks->len + 1);
  guint rank = 0;

  for (guint i = 0; i < self->interfaces->len; i++)
    {
      const BsPlannedInterface *interface = self->interfaces->pdata[i];

      if (!g_str_equal (interface->node, node))
        continue;
      if (rank++ == 0)
        *own_address = interface->address;
      if (ranks[interface->network_index] == 0)
        ranks[interface->network_index] = rank;
    }
  return ranks;
}

static void
append_host (GString *hosts, const BsPlannedInterface *interface)
{
  if (interface != NULL)
    g_string_append_printf (hosts, "%s %s\n", interface->address, interface->node);
}

char *
bs_address_plan_hosts (const BsAddressPlan *self, const char *node)
{
  GString *hosts = g_string_new ("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
  const BsPlannedInterface *best = NULL; /* of the node whose interfaces are being passed: they follow each other */
  const char *own_address = "127.0.1.1";
  g_autofree guint *ranks = rank_networks (self, node, &own_address);

  g_string_append_printf (hosts, "%s %s\n", own_address, node);
  for (guint i = 0; i < self->interfaces->len; i++)
    {
      const BsPlannedInterface *interface = self->interfaces->pdata[i];
      guint rank = ranks[interface->network_index];

      if (best != NULL && !g_str_equal (best->node, interface->node))
        append_host (hosts, g_steal_pointer (&best));
      if (rank != 0 && !g_str_equal (interface->node, node) && (best == NULL || rank < ranks[best->network_index]))
        best = interface;
    }
  append_host (hosts, best);
  return g_string_free (hosts, FALSE);
}
