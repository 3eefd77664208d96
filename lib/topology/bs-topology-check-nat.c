/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-nat.c — where networks lead to: every chain of translators must end */
#include "bs-topology-check.h"

#define SHOWN_MAX 12

static BsTopologyNetwork *
uplink_of (const BsChecker *self, const BsTopologyNetwork *network)
{
  if (network->nat == NULL || network->nat->uplink == NULL)
    return NULL;
  return g_hash_table_lookup (self->networks, network->nat->uplink);
}

/* @last leads back to @first. */
static void
report_cycle (BsChecker *self, const BsTopologyNetwork *first, const BsTopologyNetwork *last)
{
  g_autoptr (GString) names = g_string_new (first->name);
  const BsTopologyNetwork *network = first;
  guint count = 0;

  do
    {
      network = uplink_of (self, network);
      if (count++ < SHOWN_MAX || network == first)
        g_string_append_printf (names, " -> %s", network->name);
      else if (count == SHOWN_MAX + 1)
        g_string_append (names, " -> …");
    }
  while (network != first);
  bs_decoder_error (self->decoder, bs_checker_place (self, last->nat->uplink), "let one of them be without 'nat'",
                    "networks that translate to each other: %s", names->str);
}

/* Follows uplinks until where a walk has been. Each walk has a number, so that its own way is known from older ones. */
static void
walk (BsChecker *self, GHashTable *walks, BsTopologyNetwork *start, guint number)
{
  BsTopologyNetwork *network = start, *next;

  g_hash_table_insert (walks, network, GUINT_TO_POINTER (number));
  while ((next = uplink_of (self, network)) != NULL && !g_hash_table_contains (walks, next))
    {
      g_hash_table_insert (walks, next, GUINT_TO_POINTER (number));
      network = next;
    }
  if (next != NULL && next != network && GPOINTER_TO_UINT (g_hash_table_lookup (walks, next)) == number)
    report_cycle (self, next, network);
}

static void
check_network (BsChecker *self, const BsTopologyNetwork *network)
{
  const BsYamlNode *mapping = bs_checker_place (self, network);

  if (network->nat == NULL)
    return;
  if (uplink_of (self, network) == network)
    bs_decoder_error (self->decoder, bs_checker_place (self, network->nat->uplink), "name the outer network",
                      "network '%s' cannot be its own uplink", network->name);
  if (network->internet && mapping != NULL)
    bs_decoder_error (self->decoder, bs_yaml_get (mapping, "internet"), "move 'internet' to the outer network",
                      "network '%s' has one gateway: 'internet' and 'nat' exclude each other",
                      network->name != NULL ? network->name : "?");
}

void
bs_check_nat (BsChecker *self)
{
  g_autoptr (GHashTable) walks = g_hash_table_new (NULL, NULL);
  GPtrArray *networks = self->topology->networks;

  for (guint i = 0; i < networks->len; i++)
    {
      BsTopologyNetwork *network = g_ptr_array_index (networks, i);

      check_network (self, network);
      if (network->name != NULL && !g_hash_table_contains (walks, network))
        walk (self, walks, network, i + 1);
    }
}
