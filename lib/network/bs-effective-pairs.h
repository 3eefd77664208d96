/* SPDX-License-Identifier: Apache-2.0 */
/* bs-effective-pairs.h — which pairs speak of two nodes, without looking at all pairs */
#pragma once

#include "bs-topology.h"

typedef struct _BsEffectivePairs BsEffectivePairs;

BsEffectivePairs *bs_effective_pairs_new (const GPtrArray *pairs);
void bs_effective_pairs_free (BsEffectivePairs *self);

/* Those of what @from sends to @to, on any network, in the order of the file; (element-type BsTopologyPair)
 * (transfer full) */
GPtrArray *bs_effective_pairs_find (const BsEffectivePairs *self, const char *from, const char *to);
