/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-describe.c — faults and wires, for who asks */
#include "bs-net-private.h"
#include "bs-time.h"

#include <string.h>

/* Wires in one answer, which may be no longer than a message. */
#define PAGE 64
/* Of faults in one answer; who is meant by a longer one is not told. */
#define FAULT_BYTES ((gsize) 64 * 1024)

static gsize
size_of (const json_t *value)
{
  g_autofree char *text = bs_json_dump (value);

  return strlen (text);
}

/* In place of a point in time, how far it is. */
static json_t *
with_time_left (json_t *fault, const char *kind)
{
  gint64 until_usec = bs_json_int (fault, "until_usec", 0);

  json_object_del (fault, "until_usec");
  if (until_usec != 0)
    json_object_set_new (fault, "left_usec", json_integer (MAX (until_usec - bs_time_now_usec (), 0)));
  json_object_set_new (fault, "kind", json_string (kind));
  return fault;
}

static json_t *
describe_fault (const BsNet *self, guint place)
{
  const BsNetLayer *layer = place < self->layers->len ? g_ptr_array_index (self->layers, place) : NULL;
  json_t *fault;

  if (layer != NULL && layer->values == NULL)
    return NULL;
  fault = layer != NULL
              ? with_time_left (bs_net_layer_save (layer), "conditions")
              : with_time_left (bs_net_partition_save (g_ptr_array_index (self->partitions, place - self->layers->len)),
                                "partition");
  if (size_of (fault) > FAULT_BYTES)
    {
      json_object_del (fault, "targets");
      json_object_del (fault, "groups");
    }
  return fault;
}

json_t *
bs_net_describe_faults (const BsNet *self, gint64 *place)
{
  guint end = self->layers->len + self->partitions->len, i = (guint) MIN (*place, (gint64) end);
  json_t *faults = json_array ();

  for (gsize bytes = 0; i < end && bytes < FAULT_BYTES; i++)
    {
      json_t *fault = describe_fault (self, i);

      if (fault == NULL)
        continue;
      bytes += size_of (fault);
      json_array_append_new (faults, fault);
    }
  *place = i < end ? (gint64) i : -1;
  return faults;
}

static json_t *
faults_of (const BsNet *self, const BsNetWire *wire)
{
  json_t *ids = json_array ();

  for (guint i = 0; i < self->layers->len; i++)
    {
      const BsNetLayer *layer = g_ptr_array_index (self->layers, i);

      if (bs_net_targets_match (layer->targets, wire) == BS_NET_MATCH_NONE)
        continue;
      if (layer->values == NULL)
        json_array_clear (ids);
      else
        json_array_append_new (ids, json_integer ((json_int_t) layer->id));
    }
  return ids;
}

static json_t *
describe_wire (const BsNet *self, const BsNetWire *wire)
{
  gint64 now_usec = bs_time_now_usec (), next_usec = G_MAXINT64;
  const BsNetDeclared *declared = bs_net_wire_declared (self, wire);
  json_t *current = bs_net_wire_now (self, wire, now_usec, &next_usec);
  json_t *what = json_pack ("{s:s, s:i, s:s, s:i, s:O?, s:o, s:o}", "node", wire->from->node, "interface",
                            (int) wire->from->interface, "direction", wire->ingress ? "in" : "out", "network",
                            (int) wire->from->network, "declared", declared != NULL ? declared->values : NULL,
                            "current", current, "faults", faults_of (self, wire));

  if (wire->to != NULL)
    {
      json_object_set_new (what, "to", json_string (wire->to->node));
      json_object_set_new (what, "to_interface", json_integer (wire->to->interface));
    }
  if (declared != NULL && declared->schedule != NULL)
    json_object_set_new (what, "changes", json_integer ((json_int_t) json_array_size (declared->schedule)));
  if (next_usec != G_MAXINT64)
    json_object_set_new (what, "left_usec", json_integer (MAX (next_usec - now_usec, 0)));
  return what;
}

json_t *
bs_net_describe_wires (BsNet *self, gint64 *place)
{
  g_autoptr (GArray) wires = bs_net_wires (self);
  json_t *list = json_array ();
  guint i = (guint) MIN (*place, (gint64) wires->len), end = MIN (i + PAGE, wires->len);

  for (; i < end; i++)
    json_array_append_new (list, describe_wire (self, &g_array_index (wires, BsNetWire, i)));
  *place = i < wires->len ? (gint64) i : -1;
  return list;
}
