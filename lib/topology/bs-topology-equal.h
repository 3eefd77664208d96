/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-equal.h — whether two models say the same */
#pragma once

#include "bs-topology.h"

/* Neither positions count, nor files, nor what variables there were, nor what is not acted on; and what an interface is
 * called or carries at most is the same whether it was said or is its default. */
gboolean bs_topology_equal (const BsTopology *a, const BsTopology *b);
