/* SPDX-License-Identifier: Apache-2.0 */
/* bs-wire-values.h — what a wire does, as commands and the supervisor tell each other: a JSON object of numbers
 *
 * Levels are merged key by key, so an object holds only what its level says:
 *  delay_nsec, jitter_nsec             0 to BS_SWITCH_DELAY_MAX_NSEC
 *  jitter_kind                         BsSwitchJitter; normal when absent
 *  loss, duplicate, reorder, corrupt   chances in 1/2^32, up to BS_SWITCH_ALWAYS
 *  burst                               [enter, leave, bad delivers, good delivers]: takes the place of loss, and the
 *                                      reverse
 *  rate                                bit/s; 0: unlimited
 *  queue_bytes, queue_nsec             0: computed
 *  codel                               true or false
 *  trace                               {"path","bytes","rate"}: below the lab's folder, its length, and the bit/s that
 *                                      it comes to; null: none
 *  own_bucket                          of a pair: rate, queue and trace are its own
 *  down                                carries nothing
 */
#pragma once

#include "bs-json.h"
#include "bs-switch-protocol.h"

/* The limit of a queue that nobody gave one: as much as comes in while a packet is under way (rate × (delay + jitter)),
 * at least 20 ms of the rate, and at least this. */
#define BS_WIRE_QUEUE_LEAST (64 * 1024)
#define BS_WIRE_QUEUE_LEAST_NSEC (UINT64_C (20) * 1000000)

/* FALSE with %BS_ERROR_INVALID naming the member. */
gboolean bs_wire_values_check (const json_t *values, GError **error);

/* Puts each key of @over into @values. */
void bs_wire_values_merge (json_t *values, const json_t *over);

/* Removes rate, queue, codel and trace: of a pair that shares the bucket of its sender. */
void bs_wire_values_share_bucket (json_t *values);

/* (nullable) the path of the trace, and with it its length */
const char *bs_wire_values_trace (const json_t *values, guint64 *bytes);

guint64 bs_wire_default_queue (guint64 rate, guint64 delay_nsec, guint64 jitter_nsec);

/* All but `direction` and `to`. @values must have been checked. @seed: less than 2^63 */
void bs_wire_values_fill (const json_t *values, guint64 seed, BsSwitchWire *wire);
