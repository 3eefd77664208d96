/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-arguments.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-machine.h"
#include "bs-record.h"
#include "bs-request.h"
#include "bs-wires.h"

#include <string.h>

json_t *
bs_request_start_switch (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  const char *program = bs_json_string (request, "program", NULL);

  if (program == NULL || !g_path_is_absolute (program))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'program' is missing or is no absolute path");
      return NULL;
    }
  if (!bs_wires_start (self->wires, program, error))
    return NULL;
  bs_record_save (self);
  return bs_wires_describe (self->wires);
}

typedef struct
{
  const char *node;
  guint interface, network;
  guint8 mac[6];
  guint64 identity;
} Port;

static gboolean
parse_port (const json_t *request, Port *port, GError **error)
{
  gint64 interface, network, identity = 0;

  port->node = bs_arguments_node (request, error);
  if (port->node == NULL
      || !bs_arguments_int (request, "interface", 0, BS_CONTROL_INTERFACES_MAX - 1, &interface, error)
      || !bs_arguments_int (request, "network", 0, BS_SWITCH_NETWORKS_MAX - 1, &network, error)
      || !bs_arguments_mac (request, "mac", port->mac, error)
      || (json_object_get (request, "identity") != NULL
          && !bs_arguments_int (request, "identity", 0, G_MAXINT64, &identity, error)))
    return FALSE;
  port->interface = (guint) interface;
  port->network = (guint) network;
  port->identity = (guint64) identity;
  return TRUE;
}

/* A link that a running machine was spawned with, and whose descriptors are lost, cannot be made again. */
static gboolean
ensure_pair (const BsMachine *machine, BsLink *link, GError **error)
{
  if (link->switch_fd >= 0)
    return TRUE;
  if (!machine->running || link->interface >= machine->interfaces)
    return bs_link_make_pair (link, error);
  bs_set_error (error, BS_ERROR_FAILED, "`benchscale down` and `benchscale up` make a new one",
                "the link of interface %u of node '%s' is lost", link->interface, machine->name);
  return FALSE;
}

json_t *
bs_request_add_port (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  BsMachine *machine;
  BsLink *link;
  Port port;

  if (!parse_port (request, &port, error))
    return NULL;
  machine = bs_supervisor_find (self, port.node);
  if (machine != NULL && machine->forgotten)
    {
      bs_set_error (error, BS_ERROR_BUSY, NULL, "node '%s' is on its way out", port.node);
      return NULL;
    }
  if (machine == NULL)
    machine = bs_machine_new (self, port.node);
  link = bs_machine_link (machine, port.interface, TRUE);
  if (!ensure_pair (machine, link, error))
    return NULL;
  if (link->port >= 0)
    bs_wires_disconnect (self->wires, link); /* it may move to another network */
  else if (!bs_wires_reserve (self->wires, link, -1, error))
    return NULL;
  link->network = port.network;
  memcpy (link->mac, port.mac, sizeof link->mac);
  link->identity = port.identity;
  bs_record_save (self);
  g_ptr_array_add (link->waiting, g_steal_pointer (reply));
  bs_wires_connect (self->wires, link);
  return NULL;
}

json_t *
bs_request_remove_port (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  const char *node = bs_arguments_node (request, error);
  BsMachine *machine;
  BsLink *link;
  gint64 interface;

  if (node == NULL || !bs_arguments_int (request, "interface", 0, BS_CONTROL_INTERFACES_MAX - 1, &interface, error))
    return NULL;
  machine = bs_supervisor_need (self, node, error);
  if (machine == NULL)
    return NULL;
  link = bs_machine_link (machine, (guint) interface, FALSE);
  if (link == NULL || link->port < 0)
    {
      bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "node '%s' has no port %d", node, (int) interface);
      return NULL;
    }
  bs_wires_release (self->wires, link); /* the pair stays: the machine still holds its end */
  bs_record_save (self);
  return json_object ();
}

static json_t *
describe_counters (const BsMachine *machine, const BsLink *link, const BsSwitchPortCounters *counters)
{
  static const char *const names[BS_SWITCH_DROPS]
      = { "dropped_runt",     "dropped_oversize", "dropped_full",   "dropped_gone",  "dropped_source",
          "dropped_reserved", "dropped_memory",   "dropped_loss",   "dropped_queue", "dropped_codel",
          "dropped_down",     "dropped_cut",      "dropped_offload" };
  static const BsSwitchPortCounters none;
  const BsSwitchPortCounters *from = counters != NULL ? counters : &none;
  json_t *what = json_pack ("{s:s, s:i, s:I, s:I, s:I, s:I}", "node", machine->name, "interface", (int) link->interface,
                            "rx_packets", (json_int_t) from->rx_packets, "rx_bytes", (json_int_t) from->rx_bytes,
                            "tx_packets", (json_int_t) from->tx_packets, "tx_bytes", (json_int_t) from->tx_bytes);

  for (guint i = 0; i < BS_SWITCH_DROPS; i++)
    json_object_set_new (what, names[i], json_integer ((json_int_t) from->drops[i]));
  json_object_set_new (what, "duplicated", json_integer ((json_int_t) from->duplicated));
  json_object_set_new (what, "reordered", json_integer ((json_int_t) from->reordered));
  json_object_set_new (what, "corrupted", json_integer ((json_int_t) from->corrupted));
  json_object_set_new (what, "queued_packets", json_integer ((json_int_t) from->queued_packets));
  json_object_set_new (what, "queued_bytes", json_integer ((json_int_t) from->queued_bytes));
  return what;
}

json_t *
bs_request_counters (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  const char *only = bs_json_string (request, "node", NULL);
  json_t *ports = json_array ();

  for (guint i = 0; i < self->machines->len; i++)
    {
      const BsMachine *machine = g_ptr_array_index (self->machines, i);

      if (only != NULL && strcmp (only, machine->name) != 0)
        continue;
      for (guint j = 0; j < machine->links->len; j++)
        {
          const BsLink *link = g_ptr_array_index (machine->links, j);

          if (link != NULL && link->port >= 0)
            json_array_append_new (ports,
                                   describe_counters (machine, link, bs_wires_counters (self->wires, link->port)));
        }
    }
  return json_pack ("{s:o}", "ports", ports);
}
