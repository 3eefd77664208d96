/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decision-order.h — how a log of decisions is sorted, and when it can be followed; for both sides of the protocol
 *
 * Plain C: the switch includes it, too.
 */
#pragma once

#include "bs-switch-protocol.h"

#include <stdbool.h>
#include <stddef.h>

/* By sender, receiver, protocol, port, index: what names a packet. Returns: <0, 0, >0 */
static inline int
bs_decision_compare (const BsSwitchDecision *a, const BsSwitchDecision *b)
{
  if (a->sender != b->sender)
    return a->sender < b->sender ? -1 : 1;
  if (a->receiver != b->receiver)
    return a->receiver < b->receiver ? -1 : 1;
  if (a->protocol != b->protocol)
    return a->protocol < b->protocol ? -1 : 1;
  if (a->port != b->port)
    return a->port < b->port ? -1 : 1;
  return a->index < b->index ? -1 : a->index > b->index;
}

static inline bool
bs_decision_is_valid (const BsSwitchDecision *decision)
{
  const int64_t most = (int64_t) BS_SWITCH_DELAY_MAX_NSEC;
  const unsigned verdicts
      = BS_SWITCH_VERDICT_LOST | BS_SWITCH_VERDICT_DUPLICATE | BS_SWITCH_VERDICT_REORDER | BS_SWITCH_VERDICT_CORRUPT;

  return (decision->verdict & ~verdicts) == 0 && decision->jitter_nsec >= -most && decision->jitter_nsec <= most
         && decision->corrupt_bit < 8u * BS_SWITCH_FRAME_MAX;
}

/* Whether @decisions can be followed: sorted, no packet twice, nothing out of range. */
static inline bool
bs_decisions_are_valid (const BsSwitchDecision *decisions, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!bs_decision_is_valid (&decisions[i]) || (i > 0 && bs_decision_compare (&decisions[i - 1], &decisions[i]) >= 0))
      return false;
  return true;
}
