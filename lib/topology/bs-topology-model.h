/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-model.h — the model's parts with their defaults, for the decoder */
#pragma once

#include "bs-time.h"
#include "bs-topology.h"

#define BS_MEMORY_MIB 512
#define BS_NAT_BEHAVIOUR "endpoint-independent"
#define BS_NAT_LIFETIME_USEC (120 * BS_USEC_PER_SEC)
#define BS_READY_WITHIN_USEC (60 * BS_USEC_PER_SEC)
#define BS_SCENARIO_TIMEOUT_USEC (600 * BS_USEC_PER_SEC)
#define BS_RETRY_EVERY_USEC (500 * BS_USEC_PER_MSEC)

BsTopology *bs_topology_new (const char *file);
/* Makes bs_topology_node() quick; no node may come or go after it. */
void bs_topology_index (BsTopology *self);
BsTopologyNetwork *bs_topology_network_new (BsPosition at);
BsTopologyNat *bs_topology_nat_new (BsPosition at);
BsTopologyPair *bs_topology_pair_new (BsPosition at);
BsTopologyNode *bs_topology_node_new (BsPosition at);
BsTopologyInterface *bs_topology_interface_new (BsPosition at);
BsTopologyReady *bs_topology_ready_new (BsPosition at);
void bs_topology_ready_free (gpointer data);
BsTopologyScenario *bs_topology_scenario_new (BsPosition at);
BsTopologyStep *bs_topology_step_new (BsPosition at);
