/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-model.h — the model's parts with their defaults, for the decoder */
#pragma once

#include "bs-settings.h"
#include "bs-time.h"
#include "bs-topology.h"

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
BsTopologyNode *bs_topology_node_new (BsPosition at);
BsTopologyInterface *bs_topology_interface_new (BsPosition at);
BsTopologyReady *bs_topology_ready_new (BsPosition at);
void bs_topology_ready_free (gpointer data);
BsTopologyScenario *bs_topology_scenario_new (BsPosition at);
BsTopologyStep *bs_topology_step_new (BsPosition at);
