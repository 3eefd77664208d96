/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-network.c — interfaces, subnets, addresses and ports */
#include "bs-topology-check.h"

#include "bs-ipv4.h"

#include <string.h>

typedef struct
{
  BsIpv4Subnet subnet;
  const BsTopologyNetwork *network;
} Range;

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

/* Reports a second use of @text, which is a MAC or an address. */
static void
check_unique (BsChecker *self, GHashTable *seen, const char *what, const char *text)
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
            check_unique (self, macs, "MAC address", interface->mac);
        }
      bs_decoder_leave (self->decoder);
    }
}

static int
compare_ranges (gconstpointer a, gconstpointer b)
{
  const Range *left = a, *right = b;

  if (left->subnet.address != right->subnet.address)
    return left->subnet.address < right->subnet.address ? -1 : 1;
  return (int) left->subnet.prefix - (int) right->subnet.prefix;
}

/* Sorted by their first address, two subnets overlap only if one begins before the widest one so far ends. */
static void
check_overlaps (BsChecker *self)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  const Range *widest = NULL;

  for (guint i = 0; i < self->topology->networks->len; i++)
    {
      Range range = { .network = g_ptr_array_index (self->topology->networks, i) };

      if (range.network->subnet != NULL && bs_ipv4_parse_subnet (range.network->subnet, &range.subnet))
        g_array_append_val (ranges, range);
    }
  g_array_sort (ranges, compare_ranges);
  for (guint i = 0; i < ranges->len; i++)
    {
      const Range *range = &g_array_index (ranges, Range, i), *late = range, *early = widest;

      if (widest == NULL || range->subnet.address > bs_ipv4_last (&widest->subnet))
        {
          widest = range;
          continue;
        }
      if (early->network->subnet_at.line > late->network->subnet_at.line
          || (early->network->subnet_at.line == late->network->subnet_at.line
              && early->network->subnet_at.column > late->network->subnet_at.column))
        {
          late = widest;
          early = range;
        }
      bs_decoder_error (self->decoder, bs_checker_place (self, late->network->subnet),
                        "give each network a subnet of its own", "network '%s': subnet %s overlaps %s of network '%s'",
                        late->network->name != NULL ? late->network->name : "?", late->network->subnet,
                        early->network->subnet, early->network->name != NULL ? early->network->name : "?");
    }
}

static void
check_address (BsChecker *self, const BsTopologyInterface *interface, const BsTopologyNetwork *network)
{
  const BsYamlNode *place = bs_checker_place (self, interface->address);
  g_autofree char *hint = NULL, *first = NULL, *last = NULL;
  const char *fault = NULL;
  BsIpv4Subnet subnet;
  guint32 address;

  if (network->subnet == NULL)
    {
      const BsYamlNode *mapping = bs_checker_place (self, network);

      if (mapping == NULL || mapping->kind != BS_YAML_MAPPING || bs_yaml_get (mapping, "subnet") == NULL)
        bs_decoder_error (self->decoder, place, "give the network a subnet, or leave the address out",
                          "address %s: network '%s' has no subnet", interface->address, network->name);
      return;
    }
  if (!bs_ipv4_parse (interface->address, &address) || !bs_ipv4_parse_subnet (network->subnet, &subnet))
    return;
  if (address < subnet.address || address > bs_ipv4_last (&subnet))
    fault = "is outside";
  else if (address == subnet.address)
    fault = "is the network address of";
  else if (address == bs_ipv4_last (&subnet))
    fault = "is the broadcast address of";
  else if (address == subnet.address + 1)
    fault = "is the gateway's in";
  if (fault == NULL)
    return;
  first = bs_ipv4_format (subnet.address + 2);
  last = bs_ipv4_format (bs_ipv4_last (&subnet) - 1);
  hint = g_strdup_printf ("use one from %s to %s", first, last);
  bs_decoder_error (self->decoder, place, hint, "address %s %s network '%s' (%s)", interface->address, fault,
                    network->name, network->subnet);
}

void
bs_check_addresses (BsChecker *self)
{
  g_autoptr (GHashTable) addresses = g_hash_table_new (g_str_hash, g_str_equal);

  check_overlaps (self);
  for (guint i = 0; i < self->topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (self->topology->nodes, i);

      bs_checker_enter_node (self, node);
      for (guint j = 0; j < node->interfaces->len; j++)
        {
          const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, j);
          const BsTopologyNetwork *network
              = interface->network != NULL ? g_hash_table_lookup (self->networks, interface->network) : NULL;

          if (interface->address == NULL)
            continue;
          if (network != NULL)
            check_address (self, interface, network);
          check_unique (self, addresses, "address", interface->address);
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
