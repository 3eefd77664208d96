/* SPDX-License-Identifier: Apache-2.0 */
/* plan-fixture.h — topologies made by hand */
#pragma once

#include "bs-topology.h"

BsTopology *fixture_topology_new (void);
void fixture_topology_free (BsTopology *topology);
typedef BsTopology FixtureTopology;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FixtureTopology, fixture_topology_free)

/* @subnet: (nullable). On line 10 plus its number, column 5; the subnet at column 20. */
BsTopologyNetwork *fixture_network (BsTopology *topology, const char *name, const char *subnet);
/* On @networks, names separated by spaces; "" for none. */
BsTopologyNode *fixture_node (BsTopology *topology, const char *name, const char *networks);
/* The @index-th interface of the node added last; it is on line 100 plus its number, its address at column 30. */
BsTopologyInterface *fixture_interface (BsTopology *topology, guint index);
