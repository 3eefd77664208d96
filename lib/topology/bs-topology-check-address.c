/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-address.c — subnets apart from each other, addresses within theirs and used once */
#include "bs-topology-check.h"

#include "bs-ipv4.h"
#include "bs-ipv6.h"

#include <string.h>

/* Of either family: an IPv4 address is the low half alone. */
typedef struct
{
  BsIpv6 first, last;
  const BsTopologyNetwork *network;
  const char *text;
  BsPosition at;
} Range;

static gboolean
range_of (const BsTopologyNetwork *network, gboolean six, Range *range)
{
  BsIpv4Subnet four;
  BsIpv6Subnet subnet;

  range->network = network;
  range->text = six ? network->subnet6 : network->subnet;
  range->at = six ? network->subnet6_at : network->subnet_at;
  if (range->text == NULL)
    return FALSE;
  if (six)
    {
      if (!bs_ipv6_parse_subnet (range->text, &subnet))
        return FALSE; /* auto */
      range->first = bs_ipv6_first (&subnet);
      range->last = bs_ipv6_last (&subnet);
      return TRUE;
    }
  if (!bs_ipv4_parse_subnet (range->text, &four))
    return FALSE;
  range->first = (BsIpv6){ 0, bs_ipv4_first (&four) };
  range->last = (BsIpv6){ 0, bs_ipv4_last (&four) };
  return TRUE;
}

/* By the first address, the wider one first. */
static int
compare_ranges (gconstpointer a, gconstpointer b)
{
  const Range *left = a, *right = b;
  int order = bs_ipv6_compare (left->first, right->first);

  return order != 0 ? order : bs_ipv6_compare (right->last, left->last);
}

static void
report_overlap (BsChecker *self, const Range *a, const Range *b)
{
  gboolean swapped = a->at.line > b->at.line || (a->at.line == b->at.line && a->at.column > b->at.column);
  const Range *early = swapped ? b : a, *late = swapped ? a : b;

  bs_decoder_error (self->decoder, bs_checker_place (self, late->text), "give each network a subnet of its own",
                    "network '%s': subnet %s overlaps %s of network '%s'",
                    late->network->name != NULL ? late->network->name : "?", late->text, early->text,
                    early->network->name != NULL ? early->network->name : "?");
}

/* Sorted by their first address, two subnets overlap only if one begins before the widest one so far ends. */
static void
check_overlaps (BsChecker *self, gboolean six)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  const Range *widest = NULL;

  for (guint i = 0; i < self->topology->networks->len; i++)
    {
      Range range;

      if (range_of (g_ptr_array_index (self->topology->networks, i), six, &range))
        g_array_append_val (ranges, range);
    }
  g_array_sort (ranges, compare_ranges);
  for (guint i = 0; i < ranges->len; i++)
    {
      const Range *range = &g_array_index (ranges, Range, i);

      if (widest == NULL || bs_ipv6_compare (range->first, widest->last) > 0)
        widest = range;
      else
        report_overlap (self, widest, range);
    }
}

/* What is wrong with @address in @range, or NULL. IPv6 has no broadcast. */
static const char *
address_fault (BsIpv6 address, const Range *range, gboolean six)
{
  if (bs_ipv6_compare (address, range->first) < 0 || bs_ipv6_compare (address, range->last) > 0)
    return "is outside";
  if (bs_ipv6_compare (address, range->first) == 0)
    return six ? "is the routers' anycast address of" : "is the network address of";
  if (!six && bs_ipv6_compare (address, range->last) == 0)
    return "is the broadcast address of";
  if (bs_ipv6_compare (address, bs_ipv6_plus (range->first, 1)) == 0)
    return "is the gateway's in";
  return NULL;
}

static char *
format_address (BsIpv6 address, gboolean six)
{
  return six ? bs_ipv6_format (address) : bs_ipv4_format ((guint32) address.low);
}

static gboolean
parse_address (const char *text, gboolean six, BsIpv6 *address)
{
  guint32 four;

  if (six)
    return bs_ipv6_parse (text, address);
  if (!bs_ipv4_parse (text, &four))
    return FALSE;
  *address = (BsIpv6){ 0, four };
  return TRUE;
}

/* A subnet that is wrong was told already. */
static void
report_no_subnet (BsChecker *self, const BsTopologyNetwork *network, const char *text, gboolean six)
{
  const BsYamlNode *mapping = bs_checker_place (self, network);
  const char *key = six ? "subnet6" : "subnet";

  if (six && g_strcmp0 (network->subnet6, "auto") == 0)
    bs_decoder_error (self->decoder, bs_checker_place (self, text),
                      "write the subnet in its place, or leave the address out",
                      "address %s: network '%s' has 'subnet6: auto'", text, network->name);
  else if (mapping == NULL || mapping->kind != BS_YAML_MAPPING || bs_yaml_get (mapping, key) == NULL)
    bs_decoder_error (self->decoder, bs_checker_place (self, text),
                      six ? "give the network a subnet6, or leave the address out"
                          : "give the network a subnet, or leave the address out",
                      "address %s: network '%s' has no %s", text, network->name, key);
}

static void
check_address (BsChecker *self, const BsTopologyNetwork *network, const char *text, gboolean six)
{
  g_autofree char *hint = NULL, *first = NULL, *last = NULL;
  const char *fault;
  BsIpv6 address;
  Range range;

  if (!parse_address (text, six, &address))
    return;
  if (!range_of (network, six, &range))
    {
      report_no_subnet (self, network, text, six);
      return;
    }
  fault = address_fault (address, &range, six);
  if (fault == NULL)
    return;
  first = format_address (bs_ipv6_plus (range.first, 2), six);
  last = format_address (six ? range.last : (BsIpv6){ 0, range.last.low - 1 }, six);
  hint = g_strdup_printf ("use one from %s to %s", first, last);
  bs_decoder_error (self->decoder, bs_checker_place (self, text), hint, "address %s %s network '%s' (%s)", text, fault,
                    network->name, range.text);
}

/* With less, the kernel switches IPv6 off (RFC 8200). */
#define IPV6_MTU_LEAST 1280

static void
check_mtu6 (BsChecker *self, const BsTopologyNetwork *network, guint mtu, gconstpointer at)
{
  if (network->subnet6 != NULL && mtu < IPV6_MTU_LEAST)
    bs_decoder_error (self->decoder, bs_checker_place (self, at), "raise 'mtu', or remove 'subnet6' from the network",
                      "network '%s': IPv6 needs an mtu of at least %u, not %u",
                      network->name != NULL ? network->name : "?", IPV6_MTU_LEAST, mtu);
}

static void
check_mtus6 (BsChecker *self)
{
  for (guint i = 0; i < self->topology->networks->len; i++)
    {
      const BsTopologyNetwork *network = g_ptr_array_index (self->topology->networks, i);

      check_mtu6 (self, network, network->mtu, network->subnet6);
    }
}

static void
check_interface (BsChecker *self, const BsTopologyInterface *interface, GHashTable *addresses)
{
  const char *texts[] = { interface->address, interface->address6 };
  const BsTopologyNetwork *network
      = interface->network != NULL ? g_hash_table_lookup (self->networks, interface->network) : NULL;

  if (network != NULL && interface->mtu != 0)
    check_mtu6 (self, network, interface->mtu, interface);
  for (guint six = 0; six < G_N_ELEMENTS (texts); six++)
    {
      if (texts[six] == NULL)
        continue;
      if (network != NULL)
        check_address (self, network, texts[six], six);
      bs_check_unique (self, addresses, "address", texts[six]);
    }
}

/* The network's own address, the gateway's and the broadcast address are nobody's. */
#define NOT_FOR_NODES 3

/* How many interfaces are on each network, members of groups included. (element-type BsTopologyNetwork guint) */
static GHashTable *
count_interfaces (BsChecker *self)
{
  GHashTable *counts = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (self->topology->nodes, i);

      for (guint j = 0; j < node->interfaces->len; j++)
        {
          const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, j);
          BsTopologyNetwork *network
              = interface->network != NULL ? g_hash_table_lookup (self->networks, interface->network) : NULL;
          guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, network));

          if (network != NULL)
            g_hash_table_insert (counts, network, GUINT_TO_POINTER (count + MAX (node->group_size, 1)));
        }
    }
  return counts;
}

static void
report_no_room (BsChecker *self, const Range *range, guint64 room, guint count)
{
  guint64 needed = (guint64) count + NOT_FOR_NODES;
  g_autofree char *hint = g_strdup_printf ("write one of /%u or wider", 32 - g_bit_storage ((gulong) needed - 1));

  bs_decoder_error (self->decoder, bs_checker_place (self, range->text), hint,
                    "network '%s': subnet '%s' has room for %" G_GUINT64_FORMAT " node%s, and %u are on it",
                    range->network->name != NULL ? range->network->name : "?", range->text, room, room == 1 ? "" : "s",
                    count);
}

static void
check_room (BsChecker *self)
{
  g_autoptr (GHashTable) counts = count_interfaces (self);

  for (guint i = 0; i < self->topology->networks->len; i++)
    {
      const BsTopologyNetwork *network = g_ptr_array_index (self->topology->networks, i);
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, network));
      guint64 size, room;
      Range range;

      if (!range_of (network, FALSE, &range))
        continue;
      size = range.last.low - range.first.low + 1;
      room = size > NOT_FOR_NODES ? size - NOT_FOR_NODES : 0;
      if (count > room)
        report_no_room (self, &range, room, count);
    }
}

void
bs_check_addresses (BsChecker *self)
{
  g_autoptr (GHashTable) addresses = g_hash_table_new (g_str_hash, g_str_equal);

  check_overlaps (self, FALSE);
  check_overlaps (self, TRUE);
  check_room (self);
  check_mtus6 (self);
  for (guint i = 0; i < self->topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (self->topology->nodes, i);

      bs_checker_enter_node (self, node);
      for (guint j = 0; j < node->interfaces->len; j++)
        check_interface (self, g_ptr_array_index (node->interfaces, j), addresses);
      bs_decoder_leave (self->decoder);
    }
}
