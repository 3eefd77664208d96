/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-net-show.c — wires as they are now, in the words of a topology */
#include "bs-lab-net-private.h"
#include "bs-wire-values.h"

#include <math.h>
#include <string.h>

#define NSEC_PER_MSEC 1000000.0
#define USEC_PER_MSEC 1000.0

/* To so many digits that what was written comes out again. */
static json_t *
decimal (double value)
{
  double rounded = round (value * 1e6) / 1e6;

  return rounded == floor (rounded) && fabs (rounded) < 1e15 ? json_integer ((json_int_t) rounded)
                                                             : json_real (rounded);
}

static double
number (const json_t *values, const char *key)
{
  return (double) bs_json_int (values, key, 0);
}

static json_t *
percent (double chance)
{
  return decimal (chance * 100 / (double) BS_SWITCH_ALWAYS);
}

static void
add_delay (json_t *to, const json_t *values)
{
  static const char *const kinds[] = { "normal", "uniform", "normal", "pareto" };

  if (number (values, "delay_nsec") > 0)
    json_object_set_new (to, "latency_ms", decimal (number (values, "delay_nsec") / NSEC_PER_MSEC));
  if (number (values, "jitter_nsec") <= 0)
    return;
  json_object_set_new (to, "jitter_ms", decimal (number (values, "jitter_nsec") / NSEC_PER_MSEC));
  json_object_set_new (to, "jitter_distribution",
                       json_string (kinds[CLAMP (bs_json_int (values, "jitter_kind", 0), 0, 3)]));
}

static void
add_chances (json_t *to, const json_t *values)
{
  static const char *const keys[][2] = { { "loss", "packet_loss_percent" },
                                         { "duplicate", "duplicate_percent" },
                                         { "reorder", "reorder_percent" },
                                         { "corrupt", "corrupt_percent" } };
  static const char *const letters[] = { "p", "r", "h", "k" };
  const json_t *burst = json_object_get (values, "burst");
  json_t *parts;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (number (values, keys[i][0]) > 0)
      json_object_set_new (to, keys[i][1], percent (number (values, keys[i][0])));
  if (burst == NULL)
    return;
  parts = json_object ();
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    json_object_set_new (parts, letters[i], percent ((double) json_integer_value (json_array_get (burst, i))));
  json_object_set_new (to, "loss_burst", parts);
}

/* The queue is what the switch was told, computed or not. */
static void
add_bucket (json_t *to, const json_t *values)
{
  BsSwitchWire wire = { 0 };
  json_t *queue;

  bs_wire_values_fill (values, 0, &wire);
  if (wire.rate > 0)
    json_object_set_new (to, "bandwidth_kbps", decimal ((double) wire.rate / 1000));
  if (wire.trace_bytes > 0)
    json_object_set_new (to, "trace", json_string (bs_json_string (json_object_get (values, "trace"), "path", "")));
  if (wire.queue_bytes == 0 && wire.queue_nsec == 0)
    return;
  queue = json_object ();
  if (wire.queue_bytes > 0)
    json_object_set_new (queue, "limit_bytes", json_integer ((json_int_t) wire.queue_bytes));
  if (wire.queue_nsec > 0)
    json_object_set_new (queue, "limit_ms", decimal ((double) wire.queue_nsec / NSEC_PER_MSEC));
  json_object_set_new (queue, "discipline",
                       json_string ((wire.flags & BS_SWITCH_WIRE_CODEL) != 0 ? "codel" : "droptail"));
  json_object_set_new (to, "queue", queue);
}

json_t *
bs_lab_net_conditions (const json_t *values)
{
  json_t *conditions = json_object ();

  if (bs_json_bool (values, "down", FALSE))
    json_object_set_new (conditions, "down", json_true ());
  add_delay (conditions, values);
  add_chances (conditions, values);
  add_bucket (conditions, values);
  return conditions;
}

static void
move_time_left (json_t *to, const json_t *from)
{
  if (json_object_get (from, "left_usec") != NULL)
    json_object_set_new (to, "left_ms", decimal ((double) bs_json_int (from, "left_usec", 0) / USEC_PER_MSEC));
}

static void
describe_wire (json_t *to, const json_t *wire)
{
  json_object_set_new (to, "declared", bs_lab_net_conditions (json_object_get (wire, "declared")));
  json_object_set_new (to, "effective", bs_lab_net_conditions (json_object_get (wire, "current")));
  json_object_set (to, "faults", json_object_get (wire, "faults"));
  if (json_object_get (wire, "changes") != NULL)
    json_object_set (to, "schedule_entries", json_object_get (wire, "changes"));
  move_time_left (to, wire);
}

static json_t *
find_counters (const json_t *counters, const char *node, gint64 interface)
{
  json_t *port;
  size_t i;

  json_array_foreach (json_object_get (counters, "ports"), i,
                      port) if (strcmp (bs_json_string (port, "node", ""), node) == 0
                                && bs_json_int (port, "interface", -1) == interface)
  {
    json_t *own = json_copy (port);

    json_object_del (own, "node");
    json_object_del (own, "interface");
    return own;
  }
  return json_object ();
}

typedef struct
{
  BsLab *lab;
  const json_t *counters;
  json_t *interfaces, *pairs;
  GHashTable *known; /* (element-type utf8 json_t) "node/1" → member of interfaces, borrowed */
} Show;

static char *
name_end (Show *self, const char *node, gint64 interface)
{
  return g_strdup_printf ("%s/%s", node,
                          bs_lab_net_interface_name (bs_lab_find_node (self->lab, node, NULL), (int) interface));
}

static json_t *
find_interface (Show *self, const json_t *wire)
{
  const char *node = bs_json_string (wire, "node", "");
  gint64 interface = bs_json_int (wire, "interface", 0);
  g_autofree char *key = g_strdup_printf ("%s/%d", node, (int) interface);
  json_t *known = g_hash_table_lookup (self->known, key);

  if (known != NULL)
    return known;
  known = json_pack ("{s:s, s:s, s:s, s:o}", "node", node, "interface",
                     bs_lab_net_interface_name (bs_lab_find_node (self->lab, node, NULL), (int) interface), "network",
                     bs_lab_net_network_name (self->lab, (int) bs_json_int (wire, "network", 0)), "counters",
                     find_counters (self->counters, node, interface));
  json_array_append_new (self->interfaces, known);
  g_hash_table_insert (self->known, g_steal_pointer (&key), known);
  return known;
}

static void
add_wire (Show *self, const json_t *wire)
{
  const char *to = bs_json_string (wire, "to", NULL);
  json_t *what = json_object ();

  if (to == NULL)
    {
      gboolean in = strcmp (bs_json_string (wire, "direction", ""), "in") == 0;

      json_object_set_new (find_interface (self, wire), in ? "receives" : "sends", what);
    }
  else
    {
      g_autofree char *from = name_end (self, bs_json_string (wire, "node", ""), bs_json_int (wire, "interface", 0));
      g_autofree char *end = name_end (self, to, bs_json_int (wire, "to_interface", 0));

      json_object_set_new (what, "from", json_string (from));
      json_object_set_new (what, "to", json_string (end));
      json_object_set_new (what, "network",
                           json_string (bs_lab_net_network_name (self->lab, (int) bs_json_int (wire, "network", 0))));
      json_array_append_new (self->pairs, what);
    }
  describe_wire (what, wire);
}

static gboolean
add_wires (Show *self, GCancellable *cancellable, GError **error)
{
  for (gint64 from = 0; from >= 0;)
    {
      g_autoptr (json_t) page
          = bs_lab_net_call (self->lab, "wires", json_pack ("{s:I}", "from", (json_int_t) from), cancellable, error);
      const json_t *wire;
      size_t i;

      if (page == NULL)
        return FALSE;
      json_array_foreach (json_object_get (page, "wires"), i, wire) add_wire (self, wire);
      from = bs_json_int (page, "next", -1);
    }
  return TRUE;
}

/* Targets and members by the names of the topology. */
static void
name_parts (BsLab *lab, json_t *part)
{
  static const char *const ends[][2] = { { "node", "interface" }, { "to", "to_interface" } };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      const char *node = bs_json_string (part, ends[i][0], NULL);
      gint64 interface = bs_json_int (part, ends[i][1], -1);

      if (node != NULL && interface >= 0)
        json_object_set_new (
            part, ends[i][1],
            json_string (bs_lab_net_interface_name (bs_lab_find_node (lab, node, NULL), (int) interface)));
    }
  if (json_object_get (part, "network") != NULL)
    json_object_set_new (part, "network",
                         json_string (bs_lab_net_network_name (lab, (int) bs_json_int (part, "network", 0))));
}

static void
name_fault (BsLab *lab, json_t *fault)
{
  json_t *values = json_object_get (fault, "values"), *part, *group;
  size_t i, k;

  if (values != NULL)
    {
      json_object_set_new (fault, "conditions", bs_lab_net_conditions (values));
      json_object_del (fault, "values");
    }
  json_array_foreach (json_object_get (fault, "targets"), i, part) name_parts (lab, part);
  json_array_foreach (json_object_get (fault, "groups"), i, group) json_array_foreach (group, k, part)
      name_parts (lab, part);
  move_time_left (fault, fault);
  json_object_del (fault, "left_usec");
}

/* As the topology has them, whatever came up first. */
static json_t *
sort_interfaces (const Show *self)
{
  json_t *sorted = json_array ();
  const json_t *node, *interface;
  size_t i, k;

  json_array_foreach (json_object_get (bs_lab_record (self->lab), "nodes"), i, node)
      json_array_foreach (json_object_get (node, "interfaces"), k, interface)
  {
    g_autofree char *key = g_strdup_printf ("%s/%d", bs_json_string (node, "name", ""), (int) k);
    json_t *known = g_hash_table_lookup (self->known, key);

    if (known != NULL)
      json_array_append (sorted, known);
  }
  return sorted;
}

static json_t *
all_faults (BsLab *lab, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) faults = json_array ();
  json_t *fault;
  size_t i;

  for (gint64 from = 0; from >= 0;)
    {
      g_autoptr (json_t) page
          = bs_lab_net_call (lab, "faults", json_pack ("{s:I}", "from", (json_int_t) from), cancellable, error);

      if (page == NULL)
        return NULL;
      json_array_extend (faults, json_object_get (page, "faults"));
      from = bs_json_int (page, "next", -1);
    }
  json_array_foreach (faults, i, fault) name_fault (lab, fault);
  return g_steal_pointer (&faults);
}

json_t *
bs_lab_net_show (BsLab *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (json_t) counters = bs_lab_net_call (self, "counters", json_object (), cancellable, error);
  g_autoptr (json_t) faults = counters != NULL ? all_faults (self, cancellable, error) : NULL;
  g_autoptr (json_t) interfaces = json_array (), pairs = json_array ();
  Show show = { self, counters, interfaces, pairs, known };

  if (faults == NULL || !add_wires (&show, cancellable, error))
    return NULL;
  return json_pack ("{s:s, s:o, s:O, s:O}", "lab", bs_lab_name (self), "interfaces", sort_interfaces (&show), "pairs",
                    pairs, "faults", faults);
}
