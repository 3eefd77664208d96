/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-effective.h"

#include "bs-effective-pairs.h"
#include "bs-preset.h"
#include "bs-stable-hash.h"

struct _BsEffectiveIndex
{
  const BsTopology *topology;
  GHashTable *networks; /* (element-type utf8 BsTopologyNetwork) */
  BsEffectivePairs *pairs;
};

BsEffectiveIndex *
bs_effective_index_new (const BsTopology *topology)
{
  BsEffectiveIndex *self = g_new0 (BsEffectiveIndex, 1);

  self->topology = topology;
  self->networks = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < topology->networks->len; i++)
    {
      BsTopologyNetwork *network = g_ptr_array_index (topology->networks, i);

      g_hash_table_insert (self->networks, network->name, network);
    }
  self->pairs = bs_effective_pairs_new (topology->pairs);
  return self;
}

void
bs_effective_index_free (BsEffectiveIndex *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->networks);
  bs_effective_pairs_free (self->pairs);
  g_free (self);
}

void
bs_effective_free (BsEffective *self)
{
  if (self == NULL)
    return;
  bs_conditions_free (self->conditions);
  g_free (self);
}

static gboolean
sets (const BsConditions *conditions, BsConditionKey key)
{
  return conditions != NULL && (conditions->set & 1u << key) != 0;
}

static void
apply (BsEffective *self, const BsConditions *over, BsConditionsLevel level)
{
  const BsConditions *preset;

  if (over == NULL)
    return;
  preset = bs_conditions_preset (over);
  bs_conditions_merge (self->conditions, over);
  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    {
      gboolean own = sets (over, key);

      if (!sets (self->conditions, key))
        self->origins[key] = (BsConditionOrigin){ BS_LEVEL_NONE, NULL, { 0, 0 } };
      else if (own || sets (preset, key))
        self->origins[key]
            = (BsConditionOrigin){ level, own ? NULL : g_intern_string (over->preset), self->conditions->key_at[key] };
    }
}

static BsEffective *
effective_new (const BsEffectiveIndex *index, const BsTopologyNode *node, guint interface)
{
  BsEffective *self = g_new0 (BsEffective, 1);

  self->conditions = bs_conditions_new ((BsPosition){ 0, 0 });
  self->node = node;
  self->interface = g_ptr_array_index (node->interfaces, interface);
  self->network = g_hash_table_lookup (index->networks, self->interface->network);
  return self;
}

BsEffective *
bs_effective_port (const BsEffectiveIndex *self, const BsTopologyNode *node, guint interface)
{
  BsEffective *port = effective_new (self, node, interface);

  apply (port, port->network->conditions, BS_LEVEL_NETWORK);
  apply (port, node->network_conditions, BS_LEVEL_NODE);
  apply (port, port->interface->conditions, BS_LEVEL_INTERFACE);
  return port;
}

BsEffective *
bs_effective_between (const BsEffectiveIndex *self, const BsTopologyNode *node, guint interface,
                      const BsTopologyNode *other, guint other_interface)
{
  const BsTopologyInterface *receiver = g_ptr_array_index (other->interfaces, other_interface);
  const BsTopologyInterface *sender = g_ptr_array_index (node->interfaces, interface);
  g_autoptr (GPtrArray) pairs = NULL;
  BsEffective *wire;

  if (!g_str_equal (sender->network, receiver->network) || (node == other && interface == other_interface))
    return NULL;
  wire = bs_effective_port (self, node, interface);
  pairs = bs_effective_pairs_find (self->pairs, node->name, other->name);
  for (guint i = 0; i < pairs->len; i++)
    {
      const BsTopologyPair *pair = g_ptr_array_index (pairs, i);

      if (pair->network == NULL || g_str_equal (pair->network, sender->network))
        apply (wire, pair->conditions, BS_LEVEL_PAIR);
    }
  return wire;
}

BsEffective *
bs_effective_ingress (const BsEffectiveIndex *self, const BsTopologyNode *node, guint interface)
{
  BsEffective *ingress = effective_new (self, node, interface);

  apply (ingress, ingress->interface->ingress, BS_LEVEL_INGRESS);
  return ingress;
}

gboolean
bs_effective_has_own_bucket (const BsEffective *self)
{
  return self->origins[BS_CONDITION_BANDWIDTH].level == BS_LEVEL_PAIR && self->conditions->bandwidth_kbps > 0;
}

/* A burst that is never entered loses what the good state loses. */
static gboolean
loses (const BsConditions *conditions)
{
  if (sets (conditions, BS_CONDITION_BURST))
    return conditions->burst_k < 100 || (conditions->burst_p > 0 && conditions->burst_h < 100);
  return conditions->loss_percent > 0;
}

gboolean
bs_effective_is_nothing (const BsEffective *self)
{
  const BsConditions *conditions = self->conditions;

  return conditions->latency_ms <= 0 && conditions->jitter_ms <= 0 && !loses (conditions)
         && conditions->duplicate_percent <= 0 && conditions->reorder_percent <= 0 && conditions->corrupt_percent <= 0
         && conditions->bandwidth_kbps <= 0 && conditions->trace == NULL && conditions->schedule == NULL;
}

static char *
interface_name (const BsEffective *self)
{
  guint place = 0;

  if (self->interface->name != NULL)
    return g_strdup (self->interface->name);
  g_ptr_array_find (self->node->interfaces, self->interface, &place);
  return g_strdup_printf ("eth%u", place);
}

static char *
describe_level (const BsEffective *self, BsConditionsLevel level)
{
  g_autofree char *name = interface_name (self);

  switch (level)
    {
    case BS_LEVEL_NETWORK:
      return g_strdup_printf ("network '%s'", self->network->name);
    case BS_LEVEL_NODE:
      return g_strdup_printf ("node '%s'", self->node->name);
    case BS_LEVEL_INTERFACE:
      return g_strdup_printf ("interface '%s' of node '%s'", name, self->node->name);
    case BS_LEVEL_PAIR:
      return g_strdup ("pair");
    case BS_LEVEL_INGRESS:
      return g_strdup_printf ("ingress of interface '%s' of node '%s'", name, self->node->name);
    case BS_LEVEL_NONE:
      return g_strdup ("default");
    }
  g_assert_not_reached ();
}

char *
bs_effective_describe (const BsEffective *self, BsConditionKey key)
{
  const BsConditionOrigin *origin = &self->origins[key];
  g_autofree char *level = describe_level (self, origin->level);

  if (origin->preset == NULL)
    return g_steal_pointer (&level);
  return g_strdup_printf ("preset %s of %s", origin->preset, level);
}

guint64
bs_effective_seed (const BsTopology *topology, const char *lab, const BsTopologyNetwork *network)
{
  g_autofree char *number = NULL;

  if (network->has_seed)
    return network->seed;
  if (!topology->has_seed)
    return bs_stable_hash ("seed of a name", lab, network->name, 0) >> 1;
  number = g_strdup_printf ("%" G_GUINT64_FORMAT, topology->seed);
  return bs_stable_hash ("seed of a seed", number, network->name, 0) >> 1;
}
