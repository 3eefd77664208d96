/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-encode-table.c — which function writes what which function reads, and what need not be written */
#include "bs-topology-encoder.h"

#include "bs-topology-model.h"

#include <string.h>

/* A decoder that is not here reads a text, or a list or mapping of texts, and its type writes it. */
static const struct
{
  BsFieldDecode decode;
  BsEncode encode;
} ways[] = {
  { bs_decode_own_preset, bs_encode_nothing }, /* conditions.preset says it */
  { bs_decode_network, bs_encode_nothing },    /* networks say it */
  { bs_decode_lab_seed, bs_encode_lab_seed },
  { bs_decode_network_seed, bs_encode_network_seed },
  { bs_decode_networks, bs_encode_networks },
  { bs_decode_nat, bs_encode_nat },
  { bs_decode_nodes, bs_encode_nodes },
  { bs_decode_interfaces, bs_encode_interfaces },
  { bs_decode_pairs, bs_encode_list },
  { bs_decode_deploy, bs_encode_list },
  { bs_decode_ready, bs_encode_list },
  { bs_decode_scenarios, bs_encode_scenarios },
  { bs_decode_steps, bs_encode_steps },
  { bs_decode_parallel, bs_encode_steps },
  { bs_decode_node_references, bs_encode_node_names },
  { bs_decode_pair_end, bs_encode_pair_end },
  { bs_decode_conditions, bs_encode_conditions_at },
  { bs_decode_schedule, bs_encode_schedule },
  { bs_decode_integer64, bs_encode_integer64 },
  { bs_decode_mode, bs_encode_mode },
  { bs_decode_ports, bs_encode_ports },
  { bs_decode_volumes, bs_encode_volumes },
  { bs_decode_packages, bs_encode_packages },
  { bs_decode_files, bs_encode_files },
  { bs_decode_command, bs_encode_command },
  { bs_decode_commands, bs_encode_commands },
  { bs_decode_metadata, bs_encode_metadata },
  { bs_decode_ulimits, bs_encode_ulimits },
  { bs_decode_healthcheck, bs_encode_healthcheck },
  { bs_decode_healthcheck_test, bs_encode_healthcheck_test },
  { bs_decode_ready_agent, bs_encode_ready_agent },
  { bs_decode_ready_port, bs_encode_ready_port },
  { bs_decode_ready_file, bs_encode_ready_file },
  { bs_decode_ready_process, bs_encode_ready_process },
  { bs_decode_ready_command, bs_encode_ready_command },
  { bs_decode_ready_ssh, bs_encode_ready_ssh },
  { bs_decode_ready_unit, bs_encode_ready_unit },
  { bs_decode_ready_http, bs_encode_ready_http },
  { bs_decode_ready_log, bs_encode_ready_log },
  { bs_decode_copy, NULL },
  { bs_decode_copy_source, bs_encode_copy_source },
  { bs_decode_copy_destination, bs_encode_copy_destination },
  { bs_decode_action, bs_encode_action },
  { bs_decode_action_nodes, bs_encode_action_nodes },
  { bs_decode_action_amount, bs_encode_action_amount },
  { bs_decode_action_clock, bs_encode_action_clock },
  { bs_decode_action_conditions, bs_encode_action_conditions },
  { bs_decode_action_partition, bs_encode_action_partition },
  { bs_decode_action_heal, bs_encode_action_heal },
};

BsEncode
bs_encoder_find (BsFieldDecode decode)
{
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if (ways[i].decode == decode)
      return ways[i].encode;
  return NULL;
}

static void
add (BsEncoder *self, const BsField *fields, gconstpointer source)
{
  self->bare = TRUE;
  g_hash_table_insert (self->defaults, (gpointer) fields, bs_encode_object (self, fields, source));
  self->bare = FALSE;
}

/* What the user chose as default is written, so that the file means the same to others. */
static gboolean
is_built_in (BsSettingId id)
{
  const BsSettings *settings = bs_settings_get (NULL);

  return settings == NULL || strcmp (bs_settings_nth (settings, id)->origin, "default") == 0;
}

static void
add_node (BsEncoder *self)
{
  BsTopologyNode *node = bs_topology_node_new ((BsPosition){ 0, 0 });

  node->backend = g_strdup (self->topology->backend);
  node->env = g_new0 (char *, 1);
  node->container = bs_topology_container_new (node->at);
  node->machine = bs_topology_machine_new (node->at);
  node->machine->display = g_strdup ("none");
  if (!is_built_in (BS_SETTING_NODE_MEMORY_MB))
    node->memory_mib = 0;
  if (!is_built_in (BS_SETTING_NODE_VCPUS))
    node->vcpus = 0;
  add (self, bs_fields_node, node);
  bs_topology_node_free (node);
}

static void
add_scenario (BsEncoder *self)
{
  BsTopologyScenario *scenario = bs_topology_scenario_new ((BsPosition){ 0, 0 });
  BsTopologyStep *step = bs_topology_step_new (scenario->at);

  scenario->tags = g_new0 (char *, 1);
  if (!is_built_in (BS_SETTING_SCENARIO_TIMEOUT))
    scenario->timeout_usec = 0;
  step->env = g_new0 (char *, 1);
  if (is_built_in (BS_SETTING_SCENARIO_RETRY_EVERY))
    step->retry_every_usec = BS_RETRY_EVERY_USEC;
  add (self, bs_fields_scenario, scenario);
  add (self, bs_fields_step, step);
  bs_topology_step_free (step);
  bs_topology_scenario_free (scenario);
}

static void
add_network (BsEncoder *self)
{
  BsTopologyNat nat = { .hairpin = TRUE,
                        .lifetime_usec = BS_NAT_LIFETIME_USEC,
                        .mapping = (char *) BS_NAT_BEHAVIOUR,
                        .filtering = (char *) BS_NAT_BEHAVIOUR };
  BsTopologyNetwork network = { .mtu = 1500 };
  BsTopologyInterface interface = { 0 };

  if (self->topology->networks->len == 1)
    interface.network = ((BsTopologyNetwork *) g_ptr_array_index (self->topology->networks, 0))->name;
  add (self, bs_fields_network, &network);
  add (self, bs_fields_nat, &nat);
  add (self, bs_fields_interface, &interface);
}

void
bs_encoder_add_defaults (BsEncoder *self)
{
  g_autoptr (BsTopology) topology = bs_topology_new (self->topology->file);
  BsTopologyCloudInit *cloud_init = bs_topology_cloud_init_new ((BsPosition){ 0, 0 });
  BsTopologyReady ready
      = { .within_usec = is_built_in (BS_SETTING_READY_TIMEOUT) ? BS_READY_WITHIN_USEC : 0, .kind = (BsReadyKind) -1 };
  BsTopologyDeploy deploy = { .mode = -1 };
  BsTopologyHealthcheck check = { 0 };

  topology->backend = g_strdup ("auto");
  topology->tags = g_new0 (char *, 1);
  add (self, bs_fields_topology, topology);
  add_network (self);
  add_node (self);
  add_scenario (self);
  add (self, bs_fields_cloud_init, cloud_init);
  add (self, bs_fields_ready, &ready);
  add (self, bs_fields_deploy, &deploy);
  add (self, bs_fields_healthcheck, &check);
  bs_topology_cloud_init_free (cloud_init);
}
