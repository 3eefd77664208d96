/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-wire-plan.h"
#include "bs-error.h"
#include "bs-stable-hash.h"

#include <string.h>

typedef struct
{
  BsWirePlan *plan;
  const BsTopology *topology;
  BsEffectiveIndex *index;
  GHashTable *nodes; /* (element-type utf8 BsTopologyNode) */
  GHashTable *done;  /* (element-type utf8) pairs that have their wire */
} Planner;

static void
free_json (gpointer value)
{
  json_decref (value);
}

void
bs_wire_plan_free (BsWirePlan *self)
{
  if (self == NULL)
    return;
  json_decref (self->seeds);
  g_ptr_array_unref (self->wires);
  bs_wire_traces_clear (&self->traces);
  g_free (self);
}

guint64
bs_wire_plan_identity (const char *node, const char *interface)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", node, interface); /* no '/' in either */

  return MAX (bs_stable_hash ("interface", "", name, 0) >> 1, 1);
}

/* What a pair says beside its sender's bucket, unless it has one of its own. */
static void
settle_bucket (json_t *values, gboolean own)
{
  static const char *const keys[] = { "rate", "queue_bytes", "queue_nsec", "codel", "trace" };

  for (guint i = 0; !own && i < G_N_ELEMENTS (keys); i++)
    json_object_del (values, keys[i]);
  if (own)
    json_object_set_new (values, "own_bucket", json_true ());
}

static gboolean
is_of_pair (const BsEffective *effective, BsConditionKey key)
{
  return effective->origins[key].level == BS_LEVEL_PAIR;
}

static json_t *
plan_schedule (const Planner *self, const BsEffective *effective, gboolean pair, GError **error)
{
  const GPtrArray *schedule = effective->conditions->schedule;
  g_autoptr (json_t) list = json_array ();

  for (guint i = 0; i < schedule->len; i++)
    {
      const BsConditionsChange *change = g_ptr_array_index (schedule, i);
      json_t *values = change->down
                           ? json_pack ("{s:b}", "down", 1)
                           : bs_wire_plan_values (change->conditions, &self->plan->traces, self->topology->file, error);

      if (values == NULL)
        return NULL;
      if (pair)
        settle_bucket (values,
                       is_of_pair (effective, BS_CONDITION_SCHEDULE)
                           && (json_object_get (values, "rate") != NULL || json_object_get (values, "trace") != NULL));
      json_array_append_new (list, json_pack ("{s:I, s:I, s:o}", "at_usec", (json_int_t) change->at_usec, "for_usec",
                                              (json_int_t) change->for_usec, "values", values));
    }
  return g_steal_pointer (&list);
}

/* @wire: (transfer full): who it is of; what it does is added. */
static gboolean
add_wire (Planner *self, json_t *wire, const BsEffective *effective, gboolean pair, GError **error)
{
  g_autoptr (json_t) owned = wire;
  json_t *values = bs_wire_plan_values (effective->conditions, &self->plan->traces, self->topology->file, error);
  json_t *schedule;

  if (values == NULL)
    return FALSE;
  if (pair)
    settle_bucket (values,
                   is_of_pair (effective, BS_CONDITION_BANDWIDTH) || is_of_pair (effective, BS_CONDITION_TRACE));
  json_object_set_new (owned, "values", values);
  if (effective->conditions->schedule != NULL)
    {
      schedule = plan_schedule (self, effective, pair, error);
      if (schedule == NULL)
        return FALSE;
      json_object_set_new (owned, "schedule", schedule);
    }
  g_ptr_array_add (self->plan->wires, g_steal_pointer (&owned));
  return TRUE;
}

static json_t *
name_wire (const BsTopologyNode *node, guint interface, const char *direction)
{
  return json_pack ("{s:s, s:i, s:s}", "node", node->name, "interface", (int) interface, "direction", direction);
}

static gboolean
plan_interface (Planner *self, const BsTopologyNode *node, guint interface, GError **error)
{
  g_autoptr (BsEffective) port = bs_effective_port (self->index, node, interface);
  g_autoptr (BsEffective) ingress = bs_effective_ingress (self->index, node, interface);

  if (!bs_effective_is_nothing (port) && !add_wire (self, name_wire (node, interface, "out"), port, FALSE, error))
    return FALSE;
  return bs_effective_is_nothing (ingress) || add_wire (self, name_wire (node, interface, "in"), ingress, FALSE, error);
}

static gboolean
plan_link (Planner *self, const BsTopologyPair *pair, const BsTopologyNode *from, guint interface,
           const BsTopologyNode *to, guint to_interface, GError **error)
{
  g_autoptr (BsEffective) wire = bs_effective_between (self->index, from, interface, to, to_interface);
  json_t *name;

  if (wire == NULL || (pair->network != NULL && !g_str_equal (pair->network, wire->interface->network))
      || !g_hash_table_add (self->done, g_strdup_printf ("%s/%u/%s/%u", from->name, interface, to->name, to_interface)))
    return TRUE;
  if (g_hash_table_size (self->done) > BS_WIRE_PLAN_PAIRS_MAX)
    {
      bs_set_error (error, BS_ERROR_EXHAUSTED,
                    "let 'conditions_between' name fewer nodes, or use a network's conditions",
                    "%s:%u:%u: more than %d wires of pairs", self->topology->file, pair->at.line, pair->at.column,
                    BS_WIRE_PLAN_PAIRS_MAX);
      return FALSE;
    }
  name = name_wire (from, interface, "out");
  json_object_set_new (name, "to", json_string (to->name));
  json_object_set_new (name, "to_interface", json_integer (to_interface));
  return add_wire (self, name, wire, TRUE, error);
}

static gboolean
plan_two (Planner *self, const BsTopologyPair *pair, const char *from_name, const char *to_name, GError **error)
{
  const BsTopologyNode *from = g_hash_table_lookup (self->nodes, from_name);
  const BsTopologyNode *to = g_hash_table_lookup (self->nodes, to_name);

  for (guint i = 0; from != NULL && to != NULL && from != to && i < from->interfaces->len; i++)
    for (guint k = 0; k < to->interfaces->len; k++)
      if (!plan_link (self, pair, from, i, to, k, error))
        return FALSE;
  return TRUE;
}

static gboolean
plan_pair (Planner *self, const BsTopologyPair *pair, GError **error)
{
  const GPtrArray *from = pair->nodes->len > 0 ? pair->nodes : pair->from;
  const GPtrArray *to = pair->nodes->len > 0 ? pair->nodes : pair->to;

  for (guint i = 0; i < from->len; i++)
    for (guint k = 0; k < to->len; k++)
      if (!plan_two (self, pair, g_ptr_array_index (from, i), g_ptr_array_index (to, k), error))
        return FALSE;
  return TRUE;
}

static gboolean
plan_wires (Planner *self, GError **error)
{
  for (guint i = 0; i < self->topology->nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (self->topology->nodes, i);

      g_hash_table_insert (self->nodes, node->name, node);
      for (guint k = 0; k < node->interfaces->len; k++)
        if (!plan_interface (self, node, k, error))
          return FALSE;
    }
  for (guint i = 0; i < self->topology->pairs->len; i++)
    if (!plan_pair (self, g_ptr_array_index (self->topology->pairs, i), error))
      return FALSE;
  return TRUE;
}

static json_t *
plan_seeds (const BsTopology *topology, const char *lab)
{
  json_t *seeds = json_array ();

  for (guint i = 0; i < topology->networks->len; i++)
    {
      guint64 seed = bs_effective_seed (topology, lab, g_ptr_array_index (topology->networks, i));

      json_array_append_new (seeds, json_pack ("{s:i, s:I}", "network", (int) i, "seed", (json_int_t) seed));
    }
  return seeds;
}

BsWirePlan *
bs_wire_plan_make (const BsTopology *topology, const char *lab, GError **error)
{
  g_autoptr (BsWirePlan) plan = g_new0 (BsWirePlan, 1);
  g_autofree char *folder = g_path_get_dirname (topology->file);
  g_autoptr (GHashTable) nodes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Planner planner = {
    .plan = plan, .topology = topology, .index = bs_effective_index_new (topology), .nodes = nodes, .done = done
  };
  gboolean ok;

  bs_wire_traces_init (&plan->traces, folder);
  plan->seeds = plan_seeds (topology, lab);
  plan->wires = g_ptr_array_new_with_free_func (free_json);
  ok = plan_wires (&planner, error);
  bs_effective_index_free (planner.index);
  return ok ? g_steal_pointer (&plan) : NULL;
}
