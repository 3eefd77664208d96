/* SPDX-License-Identifier: Apache-2.0 */
/* bs-explain-conditions.c — what the levels come to, for each interface and each wire of which a pair speaks */
#include "bs-effective.h"
#include "bs-explain-private.h"

#include <string.h>

typedef struct
{
  const BsTopology *topology;
  BsEffectiveIndex *index;
  GHashTable *told; /* (element-type utf8) wires */
  json_t *list;
  guint left_out;
} Explain;

static char *
interface_name (const BsTopologyNode *node, guint place)
{
  const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, place);

  return interface->name != NULL ? g_strdup (interface->name) : g_strdup_printf ("eth%u", place);
}

static json_t *
make_entry (const BsEffective *wire, guint interface, const BsTopologyNode *to, guint to_interface,
            const char *direction)
{
  g_autofree char *name = interface_name (wire->node, interface);
  g_autofree char *to_name = to != NULL ? interface_name (to, to_interface) : NULL;
  json_t *entry
      = json_pack ("{s:s, s:s, s:s}", "node", wire->node->name, "interface", name, "network", wire->network->name);

  if (to != NULL)
    {
      json_object_set_new (entry, "to", json_string (to->name));
      json_object_set_new (entry, "to_interface", json_string (to_name));
    }
  json_object_set_new (entry, "direction", json_string (direction));
  return entry;
}

static void
add_wire (Explain *self, const BsEffective *wire, guint interface, const BsTopologyNode *to, guint to_interface,
          const char *direction)
{
  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    {
      g_autofree char *value = NULL, *origin = NULL;
      json_t *entry;

      if ((wire->conditions->set & 1u << key) == 0)
        continue;
      value = bs_conditions_format_key (wire->conditions, key);
      origin = bs_effective_describe (wire, key);
      entry = make_entry (wire, interface, to, to_interface, direction);
      json_object_set_new (entry, "key", json_string (bs_conditions_key_name (key)));
      json_object_set_new (entry, "value", json_string (value));
      json_object_set_new (entry, "origin", json_string (origin));
      bs_explain_put_place (entry, wire->origins[key].at);
      json_array_append_new (self->list, entry);
    }
}

static void
add_interfaces (Explain *self, const BsTopologyNode *node)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      g_autoptr (BsEffective) port = bs_effective_port (self->index, node, i);
      g_autoptr (BsEffective) ingress = bs_effective_ingress (self->index, node, i);

      add_wire (self, port, i, NULL, 0, "sends");
      add_wire (self, ingress, i, NULL, 0, "receives");
    }
}

static gboolean
is_new (Explain *self, const char *from, const char *to)
{
  char *wire = g_strdup_printf ("%s %s", from, to);

  if (g_hash_table_contains (self->told, wire))
    {
      g_free (wire);
      return FALSE;
    }
  g_hash_table_add (self->told, wire);
  return TRUE;
}

static void
add_between (Explain *self, const char *from, const char *to)
{
  const BsTopologyNode *sender = bs_topology_node (self->topology, from);
  const BsTopologyNode *receiver = bs_topology_node (self->topology, to);

  for (guint i = 0; i < sender->interfaces->len; i++)
    for (guint j = 0; j < receiver->interfaces->len; j++)
      {
        g_autoptr (BsEffective) wire = bs_effective_between (self->index, sender, i, receiver, j);

        if (wire != NULL)
          add_wire (self, wire, i, receiver, j, "sends");
      }
}

static void
add_all_between (Explain *self, const GPtrArray *from, const GPtrArray *to)
{
  for (guint i = 0; i < from->len; i++)
    for (guint j = 0; j < to->len; j++)
      {
        const char *sender = g_ptr_array_index (from, i), *receiver = g_ptr_array_index (to, j);

        if (strcmp (sender, receiver) == 0)
          continue;
        if (g_hash_table_size (self->told) >= BS_EXPLAIN_WIRES_MAX)
          self->left_out++;
        else if (is_new (self, sender, receiver))
          add_between (self, sender, receiver);
      }
}

static void
add_pair (Explain *self, const BsTopologyPair *pair)
{
  guint64 wires = (guint64) pair->nodes->len * pair->nodes->len;

  /* A mesh of ten thousand is counted, not walked. */
  if (wires > 100 * BS_EXPLAIN_WIRES_MAX)
    self->left_out += (guint) MIN (wires - pair->nodes->len, G_MAXINT32);
  else
    add_all_between (self, pair->nodes, pair->nodes);
  add_all_between (self, pair->from, pair->to);
}

json_t *
bs_explain_conditions (const BsTopology *topology, guint *left_out)
{
  g_autoptr (BsEffectiveIndex) index = bs_effective_index_new (topology);
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Explain self = { .topology = topology, .index = index, .told = told, .list = json_array () };

  for (guint i = 0; i < topology->nodes->len; i++)
    add_interfaces (&self, g_ptr_array_index (topology->nodes, i));
  for (guint i = 0; i < topology->pairs->len; i++)
    add_pair (&self, g_ptr_array_index (topology->pairs, i));
  *left_out = self.left_out;
  return self.list;
}
