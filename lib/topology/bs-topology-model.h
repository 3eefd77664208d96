/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-model.h — the model's parts with their defaults, for the decoder */
#pragma once

#include "bs-settings.h"
#include "bs-time.h"
#include "bs-topology.h"

#define BS_NAT_BEHAVIOUR "endpoint-independent"
#define BS_NAT_LIFETIME_USEC (120 * BS_USEC_PER_SEC)
/* Defaults that a user may change. */
#define BS_MEMORY_MIB ((guint) bs_setting_number (BS_SETTING_NODE_MEMORY_MB))
#define BS_VCPUS ((guint) bs_setting_number (BS_SETTING_NODE_VCPUS))
#define BS_READY_WITHIN_USEC bs_setting_number (BS_SETTING_READY_TIMEOUT)
#define BS_SCENARIO_TIMEOUT_USEC bs_setting_number (BS_SETTING_SCENARIO_TIMEOUT)
#define BS_RETRY_EVERY_USEC bs_setting_number (BS_SETTING_SCENARIO_RETRY_EVERY)

BsTopology *bs_topology_new (const char *file);
/* Makes bs_topology_node() quick; no node may come or go after it. */
void bs_topology_index (BsTopology *self);
BsTopologyNetwork *bs_topology_network_new (BsPosition at);
BsTopologyNat *bs_topology_nat_new (BsPosition at);
BsTopologyPair *bs_topology_pair_new (BsPosition at);
BsTopologyInterface *bs_topology_interface_new (BsPosition at);
void bs_topology_interface_free (gpointer data);

/* What `count` makes of one node shares all but its name with the first of them, and must not outlive it. */
BsTopologyNode *bs_topology_node_new (BsPosition at);
BsTopologyNode *bs_topology_node_member (BsTopologyNode *first, guint index);
void bs_topology_node_free (gpointer data);
BsTopologyReady *bs_topology_ready_new (BsPosition at);
BsTopologyPackage *bs_topology_package_new (BsPosition at);
BsTopologyFile *bs_topology_file_new (BsPosition at);
BsTopologyDeploy *bs_topology_deploy_new (BsPosition at);
BsTopologyVolume *bs_topology_volume_new (BsPosition at);
BsTopologyUlimit *bs_topology_ulimit_new (BsPosition at);
BsTopologyHealthcheck *bs_topology_healthcheck_new (BsPosition at);
BsTopologyScenario *bs_topology_scenario_new (BsPosition at);
void bs_topology_scenario_free (gpointer data);
BsTopologyStep *bs_topology_step_new (BsPosition at);
void bs_topology_step_free (gpointer data);

/* Parts that are made with the first of their keys, by BsFieldPart. */
gpointer bs_topology_cloud_init_new (BsPosition at);
gpointer bs_topology_container_new (BsPosition at);
gpointer bs_topology_machine_new (BsPosition at);
gpointer bs_topology_copy_new (BsPosition at);
gpointer bs_topology_action_new (BsPosition at);

void bs_topology_cloud_init_free (BsTopologyCloudInit *self);
void bs_topology_ready_free (gpointer data);
void bs_topology_package_free (gpointer data);
void bs_topology_file_free (gpointer data);
void bs_topology_deploy_free (gpointer data);
void bs_topology_volume_free (gpointer data);
void bs_topology_ulimit_free (gpointer data);
void bs_topology_healthcheck_free (BsTopologyHealthcheck *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTopologyPackage, bs_topology_package_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTopologyFile, bs_topology_file_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTopologyVolume, bs_topology_volume_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTopologyUlimit, bs_topology_ulimit_free)

/* Private marks of a node that is not yet told apart by `count`: its group_size is what `count` says, its group NULL.
 */
static inline gboolean
bs_topology_node_is_group (const BsTopologyNode *node)
{
  return node->group_size > 0 && node->group == NULL;
}
