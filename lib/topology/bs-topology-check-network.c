/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-network.c — interfaces and ports */
#include "bs-topology-check.h"

#include <string.h>

/* Names within a node, those that are given by order ("eth0") included. */
static void
check_interface_names (BsChecker *self, const BsTopologyNode *node)
{
  g_autoptr (GHashTable) names = NULL;

  if (node->interfaces->len < 2)
    return;
  names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);
      char *name = interface->name != NULL ? g_strdup (interface->name) : g_strdup_printf ("eth%u", i);
      const BsYamlNode *place
          = bs_checker_place (self, interface->name != NULL ? (gconstpointer) interface->name : interface);

      if (place != NULL && g_hash_table_contains (names, name))
        bs_decoder_error (self->decoder, place, "an interface without a name is eth0, eth1, … by its place in the list",
                          "two interfaces are named '%s'", name);
      g_hash_table_add (names, name);
    }
}

static void
check_networks_named (BsChecker *self, const BsTopologyNode *node)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);
      const BsYamlNode *place = bs_checker_place (self, interface);

      if (interface->network == NULL && place != NULL && place->kind == BS_YAML_MAPPING
          && bs_yaml_get (place, "network") == NULL)
        bs_decoder_error (self->decoder, place, "add 'network: NAME', for there are several networks",
                          "'network' is missing");
    }
}

void
bs_check_unique (BsChecker *self, GHashTable *seen, const char *what, const char *text)
{
  const char *first = g_hash_table_lookup (seen, text);
  g_autofree char *hint = NULL;

  if (first == NULL)
    {
      g_hash_table_insert (seen, (gpointer) text, (gpointer) text);
      return;
    }
  hint = g_strdup_printf ("it was used first on line %u", (guint) bs_checker_place (self, first)->line);
  bs_decoder_error (self->decoder, bs_checker_place (self, text), hint, "%s %s is used twice", what, text);
}

void
bs_check_interfaces (BsChecker *self)
{
  g_autoptr (GHashTable) macs = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (self->topology->nodes, i);

      bs_checker_enter_node (self, node);
      check_interface_names (self, node);
      check_networks_named (self, node);
      for (guint j = 0; j < node->interfaces->len; j++)
        {
          const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, j);

          if (interface->mac != NULL)
            bs_check_unique (self, macs, "MAC address", interface->mac);
        }
      bs_decoder_leave (self->decoder);
    }
}

void
bs_check_ports (BsChecker *self)
{
  g_autofree const BsYamlNode **used = g_new0 (const BsYamlNode *, 65536);

  for (guint i = 0; i < self->topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (self->topology->nodes, i);

      bs_checker_enter_node (self, node);
      for (guint j = 0; j < node->ports->len; j++)
        {
          const BsTopologyPort *port = g_ptr_array_index (node->ports, j);
          const BsYamlNode *place = bs_checker_place (self, port);
          g_autofree char *hint = NULL;

          if (used[port->host] == NULL)
            {
              used[port->host] = place;
              continue;
            }
          hint = g_strdup_printf ("it was used first on line %u", (guint) used[port->host]->line);
          bs_decoder_error (self->decoder, place, hint, "port %u of the host is used twice", port->host);
        }
      bs_decoder_leave (self->decoder);
    }
}
