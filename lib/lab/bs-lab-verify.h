/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-verify.h — does a path do what is declared of it? Measured between two nodes
 *
 * Numbered datagrams go from one node to the other and back. Each direction's loss is what the numbers say. The round
 * trip, without the time that the other node had it, takes one clock; how long one direction takes needs both, which
 * are not the same: so each node's clock is asked over the control channel, as NTP would (RFC 5905, 8.), and the answer
 * that took least time bounds how far it is from ours. Where that bound is tight enough, each direction's delay is
 * given, with the bound; else only the round trip. What is declared agrees when it lies within the bounds, after an
 * allowance for what the nodes themselves add to a delay. Rates are measured where some are declared, by sending half
 * as much again.
 */
#pragma once

#include "bs-lab-private.h"

typedef struct
{
  guint count;           /* datagrams; 0: 200 */
  gint64 interval_usec;  /* between them; 0: 10 ms */
  gint64 allowance_usec; /* what a node may add to one direction; negative: 1 ms */
} BsLabVerifySpec;

/**
 * bs_lab_verify:
 * @a, @b: nodes, or NODE/INTERFACE
 *
 * Returns: (transfer full): {"lab","agrees","round_trip":DELAY,"directions":[{"from","to","loss":{"declared_percent",
 * "percent","low","high","agrees","sent","received"},"delay"?:DELAY,"rate"?:{"declared_kbps","kbps","low","high",
 * "agrees"?}}],"clock_error_ms"}; DELAY is {"declared_ms","median_ms","low","high","agrees"}, absent when nothing came
 * back; %BS_ERROR_INVALID when they share no network
 */
json_t *bs_lab_verify (BsLab *lab, const char *a, const char *b, const BsLabVerifySpec *spec, GCancellable *cancellable,
                       GError **error);
