/* SPDX-License-Identifier: Apache-2.0 */
/* bs-jitter.h — how much a delay varies: distributions as functions of 64 random bits
 *
 * Exact on every host: integers, or additions, multiplications and divisions of doubles, which IEEE 754 rounds in one
 * way only; never libm, whose functions differ in their last bit, nor contraction into fused operations
 * (switch/meson.build forbids it).
 *
 *   uniform  flat from -size to +size
 *   normal   standard deviation = size: inverse of the distribution by Wichura's PPND16 (AS 241, Applied Statistics,
 *            1988), with about 16 digits
 *   pareto   shape 3, mean 0, standard deviation = size: a long tail above
 *
 * A delay is never below 0: the caller clips.
 */
#pragma once

#include "bs-switch-protocol.h"

/* Nanoseconds to add to the delay, within ± BS_SWITCH_DELAY_MAX_NSEC; @size is at most that. */
int64_t bs_jitter (BsSwitchJitter kind, uint64_t size_nsec, uint64_t random);
/* Parts of it, for tests. @p is within (0, 1). */
double bs_jitter_log (double x);
double bs_jitter_normal_quantile (double p);
