/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-plan.h"
#include "bs-plan-private.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-subnet.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void
plan_node_free (gpointer data)
{
  BsPlanNode *self = data;

  bs_backend_node_free (self->spec);
  g_array_unref (self->after);
  g_free (self);
}

void
bs_plan_free (BsPlan *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->nodes, g_ptr_array_unref);
  bs_address_plan_free (self->addresses);
  bs_wire_plan_free (self->wires);
  bs_topology_free (self->topology);
  g_clear_pointer (&self->missing, g_ptr_array_unref);
  g_free (self->text);
  g_free (self->name);
  g_free (self->uuid);
  g_free (self->state_id);
  g_free (self->ssh_key);
  g_free (self->ssh_key_public);
  g_free (self);
}

static gboolean
refuse_inert (const BsTopology *topology, GError **error)
{
  g_autoptr (BsDiagnostics) refused = bs_topology_refusals (topology, BS_DIAGNOSTIC_ERROR);

  if (refused == NULL)
    return TRUE;
  bs_diagnostics_to_error (refused, error);
  return FALSE;
}

/* "FILE:LINE:COLUMN: " before an error about @node, which has no @at of its own when that is a default. */
void
bs_plan_prefix_position (GError **error, const BsTopology *topology, const BsTopologyNode *node, const BsPosition *at)
{
  if (at->line == 0)
    at = &node->at;
  g_prefix_error (error, "%s:%u:%u: ", topology->file, at->line, at->column);
}

static const BsBackendClass *
choose_backend (const BsTopology *topology, const BsTopologyNode *node, GError **error)
{
  const BsBackendClass *backend;

  if (strcmp (node->backend, "auto") == 0)
    return bs_backend_list ()[0];
  backend = bs_backend_find (node->backend);
  if (backend == NULL)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "use 'qemu' or 'auto'", "node '%s': backend '%s' is not supported yet",
                    node->name, node->backend);
      bs_plan_prefix_position (error, topology, node, &node->at);
    }
  return backend;
}

static void
fill_interfaces (BsBackendNode *spec, const BsAddressPlan *addresses)
{
  for (guint i = 0; i < addresses->interfaces->len; i++)
    {
      const BsPlannedInterface *planned = g_ptr_array_index (addresses->interfaces, i);
      BsBackendInterface *interface;

      if (strcmp (planned->node, spec->name) != 0)
        continue;
      interface = g_new0 (BsBackendInterface, 1);
      interface->mac = g_strdup (planned->mac);
      interface->name = g_strdup (planned->name);
      interface->network = planned->network_index;
      interface->identity = bs_wire_plan_identity (spec->name, planned->name);
      interface->address = g_strdup_printf ("%s/%u", planned->address, planned->prefix);
      interface->mtu = planned->mtu;
      g_ptr_array_add (spec->interfaces, interface);
    }
}

/* As systemd makes them: a random UUID without its dashes. */
static char *
make_machine_id (void)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_auto (GStrv) parts = g_strsplit (uuid, "-", -1);

  return g_strjoinv ("", parts);
}

static BsBackendNode *
make_spec (const BsPlan *self, const BsTopologyNode *model)
{
  BsBackendNode *spec = bs_backend_node_new ();

  spec->name = g_strdup (model->name);
  spec->machine_id = make_machine_id ();
  spec->model = model;
  spec->file = g_strdup (self->topology->file);
  spec->folder = g_path_get_dirname (self->topology->file);
  spec->memory_mib = model->memory_mib;
  spec->vcpus = model->vcpus;
  spec->hosts = bs_address_plan_hosts (self->addresses, model->name);
  fill_interfaces (spec, self->addresses);
  for (guint i = 0; i < model->ports->len; i++)
    {
      const BsTopologyPort *port = g_ptr_array_index (model->ports, i);
      BsBackendPort forward = { .host = port->host, .node = port->node };

      g_array_append_val (spec->ports, forward);
    }
  return spec;
}

static GArray *
dependencies (const BsTopologyNode *model, GHashTable *indices)
{
  GArray *after = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < model->depends_on->len; i++)
    {
      guint index = GPOINTER_TO_UINT (g_hash_table_lookup (indices, g_ptr_array_index (model->depends_on, i)));

      g_array_append_val (after, index);
    }
  return after;
}

/* What does not fit is said beside the memory; what there cannot be, beside the node. */
static const BsPosition *
position_of (const BsTopologyNode *model, GError **error)
{
  int code = error != NULL ? (*error)->code : BS_ERROR_FAILED;

  return code == BS_ERROR_INVALID || code == BS_ERROR_EXHAUSTED ? &model->memory_at : &model->at;
}

static gboolean
plan_nodes (BsPlan *self, GError **error)
{
  g_autoptr (GHashTable) indices = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *models = self->topology->nodes;

  for (guint i = 0; i < models->len; i++)
    g_hash_table_insert (indices, ((BsTopologyNode *) g_ptr_array_index (models, i))->name, GUINT_TO_POINTER (i));
  for (guint i = 0; i < models->len; i++)
    {
      const BsTopologyNode *model = g_ptr_array_index (models, i);
      const BsBackendClass *backend = choose_backend (self->topology, model, error);
      BsPlanNode *node;

      if (backend == NULL || !bs_plan_check_image (self, model, error))
        return FALSE;
      node = g_new0 (BsPlanNode, 1);
      node->model = model;
      node->backend = backend;
      node->spec = make_spec (self, model);
      node->spec->has_guest = bs_plan_image_has_guest (model);
      node->after = dependencies (model, indices);
      g_ptr_array_add (self->nodes, node);
      if (!backend->check_node (node->spec, error))
        {
          bs_plan_prefix_position (error, self->topology, model, position_of (model, error));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_usable (const BsBackendClass *backend, GError **error)
{
  BsBackendProbe probe = { 0 };
  gboolean usable;

  backend->probe (&probe, NULL);
  usable = probe.usable;
  if (!usable)
    bs_set_error (error, BS_ERROR_HOST, probe.cure, "this host cannot run the lab: %s", probe.reason);
  bs_backend_probe_clear (&probe);
  return usable;
}

gboolean
bs_plan_check_room (const BsPlan *self, gboolean planned, GError **error)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();

  for (const BsBackendClass *const *backend = bs_backend_list (); *backend != NULL; backend++)
    {
      g_ptr_array_set_size (nodes, 0);
      for (guint i = 0; i < self->nodes->len; i++)
        if (((BsPlanNode *) g_ptr_array_index (self->nodes, i))->backend == *backend)
          g_ptr_array_add (nodes, ((BsPlanNode *) g_ptr_array_index (self->nodes, i))->spec);
      if (nodes->len > 0 && (*backend)->check_room != NULL
          && !(*backend)->check_room ((const BsBackendNode *const *) nodes->pdata, nodes->len, planned, error))
        return FALSE;
    }
  return TRUE;
}

/* What is no subnet is left out: another lab's damaged record is not this lab's trouble. */
static void
add_subnets (GPtrArray *used, const json_t *record)
{
  json_t *network;
  size_t i;

  json_array_foreach (json_object_get (record, "networks"), i, network)
  {
    const char *text = bs_json_string (network, "subnet", "");
    g_autoptr (BsSubnet) subnet = bs_subnet_parse_around (text, NULL);

    if (subnet != NULL)
      g_ptr_array_add (used, g_strdup (text));
  }
}

static void
add_other_labs_subnets (GPtrArray *used)
{
  g_autoptr (GPtrArray) names = bs_registry_list ();

  for (guint i = 0; i < names->len; i++)
    {
      bs_autofd int lab_dir = bs_registry_open_lab (g_ptr_array_index (names, i), BS_LOCK_NONE, NULL);
      g_autoptr (json_t) record = lab_dir >= 0 ? bs_record_read (lab_dir, NULL) : NULL;

      add_subnets (used, record);
    }
}

BsPlan *
bs_plan_make (BsTopology *topology, const char *name, GError **error)
{
  g_autoptr (BsPlan) self = g_new0 (BsPlan, 1);
  g_autoptr (GPtrArray) used = NULL;
  const BsSettings *settings = bs_settings_get (error);

  self->topology = topology;
  self->nodes = g_ptr_array_new_with_free_func (plan_node_free);
  self->name = g_strdup (name != NULL ? name : topology->name);
  self->uuid = g_uuid_string_random ();
  if (settings == NULL || !bs_registry_check_name (self->name, error) || !refuse_inert (topology, error))
    return NULL;
  used = bs_address_plan_used_subnets ();
  add_other_labs_subnets (used);
  self->addresses = bs_address_plan_make (topology, self->name, used, error);
  self->wires = self->addresses != NULL ? bs_wire_plan_make (topology, self->name, error) : NULL;
  if (self->wires == NULL || !plan_nodes (self, error)
      || !check_usable (((BsPlanNode *) g_ptr_array_index (self->nodes, 0))->backend, error)
      || !bs_plan_check_room (self, TRUE, error))
    return NULL;
  return g_steal_pointer (&self);
}
