/* SPDX-License-Identifier: Apache-2.0 */
/* bs-flow.h — how far each flow is: the table in the memory that outlives the switch
 *
 * A flow has one of BS_FLOW_WAYS places. When all are taken by others, the one that was longest unseen is evicted, and
 * counted: should it come back, it begins at index 0. A switch that is killed at any instruction leaves a whole entry
 * or none: `key` is written last.
 */
#pragma once

#include "bs-switch-protocol.h"

#define BS_FLOW_WAYS 4

/* @key is not 0. Returns: the flow's place, a new one if it had none */
BsSwitchFlow *bs_flow_take (BsSwitchMemory *memory, uint64_t key, uint32_t now_sec);
