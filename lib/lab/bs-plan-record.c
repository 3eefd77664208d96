/* SPDX-License-Identifier: Apache-2.0 */
/* bs-plan-record.c — the plan as the lab's record and as text */
#include "bs-plan.h"
#include "bs-process.h"
#include "bs-provision.h"
#include "bs-registry.h"
#include "bs-topology-encode.h"

static json_t *
interfaces_json (const BsPlan *self, const char *node)
{
  json_t *list = json_array ();

  for (guint i = 0; i < self->addresses->interfaces->len; i++)
    {
      const BsPlannedInterface *planned = g_ptr_array_index (self->addresses->interfaces, i);

      if (g_str_equal (planned->node, node))
        json_array_append_new (list, json_pack ("{s:s, s:s, s:s, s:s, s:i, s:i, s:I}", "name", planned->name, "network",
                                                planned->network, "mac", planned->mac, "address", planned->address,
                                                "prefix", (int) planned->prefix, "mtu", (int) planned->mtu, "identity",
                                                (json_int_t) bs_wire_plan_identity (node, planned->name)));
    }
  return list;
}

static json_t *
node_json (const BsPlan *self, const BsPlanNode *node)
{
  json_t *ports = json_array (), *env = json_array (), *record;

  for (guint i = 0; i < node->spec->ports->len; i++)
    {
      const BsBackendPort *port = &g_array_index (node->spec->ports, BsBackendPort, i);

      json_array_append_new (ports, json_pack ("{s:i, s:i}", "host", port->host, "node", port->node));
    }
  for (char **variable = node->model->env; *variable != NULL; variable++)
    json_array_append_new (env, json_string (*variable));
  record = json_pack ("{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o}", "name", node->model->name, "backend",
                      node->backend->name, "image", node->model->image, "memory_mb", (int) node->spec->memory_mib,
                      "vcpus", (int) node->spec->vcpus, "interfaces", interfaces_json (self, node->model->name),
                      "ports", ports, "env", env);
  if (node->spec->ssh_port != 0)
    json_object_set_new (record, "ssh",
                         json_pack ("{s:i, s:s, s:s}", "port", node->spec->ssh_port, "user", "root", "host_key",
                                    node->spec->host_key_public));
  if (node->spec->machine_id != NULL)
    json_object_set_new (record, "machine_id", json_string (node->spec->machine_id));
  if (node->spec->template != NULL)
    json_object_set_new (record, "template", json_string (node->spec->template));
  return record;
}

json_t *
bs_plan_record (const BsPlan *self, const char *state)
{
  json_t *networks = json_array (), *nodes = json_array (), *variables = json_array (), *record;
  json_t *presets = bs_topology_presets_to_json (self->topology);

  for (char **variable = self->topology->variables; *variable != NULL; variable++)
    json_array_append_new (variables, json_string (*variable));
  for (guint i = 0; i < self->addresses->networks->len; i++)
    {
      const BsPlannedNetwork *network = g_ptr_array_index (self->addresses->networks, i);

      json_array_append_new (networks, json_pack ("{s:s, s:s}", "name", network->name, "subnet", network->subnet));
    }
  for (guint i = 0; i < self->nodes->len; i++)
    json_array_append_new (nodes, node_json (self, g_ptr_array_index (self->nodes, i)));
  record = json_pack ("{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b}", "format", BS_RECORD_FORMAT, "name",
                      self->name, "uuid", self->uuid, "state", state, "boot_id", bs_process_boot_id (), "topology",
                      self->topology->file, "networks", networks, "nodes", nodes, "variables", variables,
                      "expand_commands", self->topology->expand_commands);
  if (presets != NULL)
    json_object_update_new (record, presets);
  return record;
}

char *
bs_plan_explain_start (const BsPlan *self, const BsPlanNode *node)
{
  if (self->cold)
    return g_strconcat ("cold: asked for with --cold",
                        node->spec->has_guest && bs_provision_bakes (node->model)
                            ? ", from the disk of a template, in which it is provisioned"
                            : "",
                        NULL);
  return node->backend->explain_start != NULL ? node->backend->explain_start (node->spec) : NULL;
}

static void
append_start (GString *text, const BsPlan *self, const BsPlanNode *node)
{
  g_autofree char *how = bs_plan_explain_start (self, node);

  if (how != NULL)
    g_string_append_printf (text, "\n    %s", how);
  g_string_append_c (text, '\n');
}

char *
bs_plan_describe (const BsPlan *self)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "lab %s would be brought up:\n", self->name);
  for (guint i = 0; i < self->addresses->networks->len; i++)
    {
      const BsPlannedNetwork *network = g_ptr_array_index (self->addresses->networks, i);

      g_string_append_printf (text, "  network %s  %s\n", network->name, network->subnet);
    }
  for (guint i = 0; self->missing != NULL && i < self->missing->len; i++)
    g_string_append_printf (text, "  %s\n", (const char *) g_ptr_array_index (self->missing, i));
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const BsPlanNode *node = g_ptr_array_index (self->nodes, i);

      g_string_append_printf (text, "  node %s  image %s, backend %s, %u MiB, %u vCPU", node->model->name,
                              node->model->image, node->backend->name, node->spec->memory_mib, node->spec->vcpus);
      for (guint k = 0; k < node->spec->interfaces->len; k++)
        {
          const BsBackendInterface *interface = g_ptr_array_index (node->spec->interfaces, k);

          g_string_append_printf (text, ", %s %s", interface->name, interface->address);
        }
      for (guint k = 0; k < node->model->depends_on->len; k++)
        g_string_append_printf (text, "%s%s", k == 0 ? ", after " : " ",
                                (const char *) g_ptr_array_index (node->model->depends_on, k));
      append_start (text, self, node);
    }
  if (self->wires->wires->len > 0)
    g_string_append_printf (text, "  %u wire%s with conditions\n", self->wires->wires->len,
                            self->wires->wires->len == 1 ? "" : "s");
  g_string_append_printf (text, "  %u scenario%s\n", self->topology->scenarios->len,
                          self->topology->scenarios->len == 1 ? "" : "s");
  return g_string_free (text, FALSE);
}
