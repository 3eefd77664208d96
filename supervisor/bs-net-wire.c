/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-wire.c — which wires there are, and what each does now */
#include "bs-net-private.h"
#include "bs-machine.h"
#include "bs-wire-values.h"

#include <string.h>

const BsNetDeclared *
bs_net_wire_declared (const BsNet *self, const BsNetWire *wire)
{
  g_autofree char *key
      = bs_net_declared_key (wire->from->node, wire->from->interface, wire->ingress,
                             wire->to != NULL ? wire->to->node : NULL, wire->to != NULL ? wire->to->interface : 0);

  return g_hash_table_lookup (self->declared, key);
}

guint64
bs_net_seed (const BsNet *self, const BsNetWire *wire)
{
  const guint64 *seed = g_hash_table_lookup (self->seeds, GUINT_TO_POINTER (wire->from->network));

  return seed != NULL ? *seed : 0;
}

static gboolean
has_bucket (const json_t *values)
{
  return json_object_get (values, "rate") != NULL || json_object_get (values, "trace") != NULL;
}

/* A pair has the bucket of its sender until somebody gives it one of its own; a bucket that is given to the sender
 * after that is for all again. */
static void
merge_layer (json_t *values, const BsNetLayer *layer, BsNetMatch match, gboolean pair)
{
  g_autoptr (json_t) over = json_copy (layer->values);

  if (pair && match == BS_NET_MATCH_PAIR && has_bucket (over))
    json_object_set_new (over, "own_bucket", json_true ());
  if (pair && match == BS_NET_MATCH_PORT)
    {
      if (has_bucket (over))
        bs_wire_values_share_bucket (values);
      bs_wire_values_share_bucket (over);
    }
  bs_wire_values_merge (values, over);
}

/* What the topology says of it: a pair of which it says nothing does what its sender does. */
static json_t *
begin_values (const BsNet *self, const BsNetWire *wire, gint64 now_usec, gint64 *next_usec)
{
  const BsNetWire sender = { wire->from, NULL, FALSE };
  const BsNetDeclared *declared = bs_net_wire_declared (self, wire);
  json_t *values;
  gint64 edge_usec;

  if (declared == NULL && wire->to != NULL)
    declared = bs_net_wire_declared (self, &sender);
  values = declared != NULL ? json_copy (declared->values) : json_object ();
  if (declared == NULL || declared->schedule == NULL || self->schedules_usec == 0)
    return values;
  bs_wire_values_merge (values, bs_net_declared_now (declared, now_usec - self->schedules_usec, &edge_usec));
  if (edge_usec != G_MAXINT64)
    *next_usec = MIN (*next_usec, self->schedules_usec + edge_usec);
  return values;
}

json_t *
bs_net_wire_now (const BsNet *self, const BsNetWire *wire, gint64 now_usec, gint64 *next_usec)
{
  json_t *values = begin_values (self, wire, now_usec, next_usec);

  for (guint i = 0; i < self->layers->len; i++)
    {
      const BsNetLayer *layer = g_ptr_array_index (self->layers, i);
      BsNetMatch match = bs_net_targets_match (layer->targets, wire);

      if (match == BS_NET_MATCH_NONE)
        continue;
      if (layer->until_usec != 0)
        *next_usec = MIN (*next_usec, layer->until_usec);
      if (layer->values != NULL)
        merge_layer (values, layer, match, wire->to != NULL);
      else
        {
          json_decref (values);
          values = begin_values (self, wire, now_usec, next_usec);
        }
    }
  if (wire->to != NULL && !bs_json_bool (values, "own_bucket", FALSE))
    bs_wire_values_share_bucket (values);
  return values;
}

/* The links that have a port. */
static GPtrArray *
links (const BsNet *self)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < self->lab->machines->len; i++)
    {
      const BsMachine *machine = g_ptr_array_index (self->lab->machines, i);

      for (guint k = 0; k < machine->links->len; k++)
        {
          BsLink *link = g_ptr_array_index (machine->links, k);

          if (link != NULL && link->port >= 0)
            g_ptr_array_add (all, link);
        }
    }
  return all;
}

static BsLink *
find_link (const BsNet *self, const char *node, guint interface)
{
  const BsMachine *machine = bs_supervisor_find (self->lab, node);
  BsLink *link
      = machine != NULL && interface < machine->links->len ? g_ptr_array_index (machine->links, interface) : NULL;

  return link != NULL && link->port >= 0 ? link : NULL;
}

typedef struct
{
  GArray *wires;
  GHashTable *seen; /* (element-type guint64) */
  const BsLink *only;
} Pairs;

static void
add_pair (Pairs *pairs, BsLink *from, BsLink *to)
{
  const BsNetWire wire = { from, to, FALSE };
  gint64 key;

  if (from == NULL || to == NULL || from == to || from->network != to->network
      || (pairs->only != NULL && pairs->only != from && pairs->only != to))
    return;
  key = (gint64) from->port << 32 | to->port;
  if (g_hash_table_add (pairs->seen, g_memdup2 (&key, sizeof key)))
    g_array_append_val (pairs->wires, wire);
}

static void
add_target (Pairs *pairs, const BsNetTarget *target, const GPtrArray *all)
{
  if (target->to == NULL)
    return;
  for (guint i = 0; i < all->len; i++)
    {
      BsLink *from = g_ptr_array_index (all, i);

      if (!bs_net_target_is_sender (target, from))
        continue;
      for (guint k = 0; k < all->len; k++)
        if (bs_net_target_is_receiver (target, g_ptr_array_index (all, k)))
          add_pair (pairs, from, g_ptr_array_index (all, k));
    }
}

/* Those that are declared, and those that some layer is about. */
GArray *
bs_net_pairs (const BsNet *self, const BsLink *only)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GPtrArray) all = NULL;
  Pairs pairs = { g_array_new (FALSE, FALSE, sizeof (BsNetWire)), seen, only };

  for (guint i = 0; i < self->pairs->len; i++)
    {
      const BsNetDeclared *pair = g_ptr_array_index (self->pairs, i);

      /* there may be many, and each link is asked for alone while a lab comes up */
      if (only != NULL && strcmp (pair->node, only->node) != 0 && strcmp (pair->to, only->node) != 0)
        continue;
      add_pair (&pairs, find_link (self, pair->node, pair->interface), find_link (self, pair->to, pair->to_interface));
    }
  if (self->layers->len > 0)
    all = links (self);
  for (guint i = 0; i < self->layers->len; i++)
    {
      const BsNetLayer *layer = g_ptr_array_index (self->layers, i);

      for (guint k = 0; k < layer->targets->len; k++)
        add_target (&pairs, g_ptr_array_index (layer->targets, k), all);
    }
  return pairs.wires;
}

GArray *
bs_net_wires (const BsNet *self)
{
  g_autoptr (GPtrArray) all = links (self);
  g_autoptr (GArray) pairs = bs_net_pairs (self, NULL);
  GArray *wires = g_array_new (FALSE, FALSE, sizeof (BsNetWire));

  for (guint i = 0; i < all->len; i++)
    {
      const BsNetWire both[]
          = { { g_ptr_array_index (all, i), NULL, FALSE }, { g_ptr_array_index (all, i), NULL, TRUE } };

      g_array_append_vals (wires, both, G_N_ELEMENTS (both));
    }
  g_array_append_vals (wires, pairs->data, pairs->len);
  return wires;
}
