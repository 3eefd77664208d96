/* SPDX-License-Identifier: Apache-2.0 */
/* bs-dice.h — what chance does to one packet: a function of the wire, its seed, and the packet's place in its flow
 *
 * The key of Philox is the wire's seed, its counter the packet's index, a block number and the flow's hash. Each
 * decision has words of its own, so that turning one impairment on or off changes none of the others:
 *
 *   block 0   0 loss; 1 duplicate; 2 reorder; 3 corrupt
 *   block 1   0 which bit is corrupted; 1 whether the burst begins or ends; 2 and 3 jitter
 *
 * Gilbert-Elliott: a packet meets the state that the one before it left, is lost by that state's chance (1 - k good,
 * 1 - h bad), and then the state may change (p, r). So it is the one thing that depends on earlier packets: of its own
 * flow only. A flow begins in the good state.
 */
#pragma once

#include "bs-switch-protocol.h"

#include <stdbool.h>

/* Whether anything of @wire is left to chance. */
bool bs_dice_has_any (const BsSwitchWire *wire);

/**
 * bs_dice_flow:
 * @decision: sender, receiver, protocol and port are set
 *
 * Returns: a hash of the flow; never 0
 */
uint64_t bs_dice_flow (const BsSwitchDecision *decision);

/**
 * bs_dice_throw:
 * @flow: as bs_dice_flow() gave it
 * @bad: (inout): the flow's state of Gilbert-Elliott
 * @length: of the frame, in bytes
 * @decision: (inout): index is set; the rest is what was decided
 */
void bs_dice_throw (const BsSwitchWire *wire, uint64_t flow, uint32_t *bad, uint32_t length,
                    BsSwitchDecision *decision);
