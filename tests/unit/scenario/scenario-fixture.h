/* SPDX-License-Identifier: Apache-2.0 */
/* scenario-fixture.h — scenarios made by hand */
#pragma once

#include "bs-topology.h"

typedef BsTopology FixtureTopology;
BsTopology *fixture_topology_new (void);
void fixture_topology_free (BsTopology *topology);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FixtureTopology, fixture_topology_free)

/* Ten minutes at most. */
BsTopologyScenario *fixture_scenario (BsTopology *topology, const char *name);
/* Added to the last scenario, "step N" on node "here", on line 20 plus its number, column 9; @script is for sh -c. */
BsTopologyStep *fixture_step (BsTopology *topology, const char *script);
