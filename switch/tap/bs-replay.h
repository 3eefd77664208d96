/* SPDX-License-Identifier: Apache-2.0 */
/* bs-replay.h — decisions of an earlier run, which take the place of the dice (bs-switch-protocol.h: SET_REPLAY)
 *
 * The log is a memfd that nobody can change any more (sealed), mapped read-only and checked as a whole before it is
 * used: so looking a packet up is a binary search that trusts what it reads, and allocates nothing.
 */
#pragma once

#include "bs-switch-protocol.h"

#include <stddef.h>

#define BS_REPLAY_BYTES_MAX (UINT64_C (1) << 33)

/* Zeroed memory is no replay. */
typedef struct
{
  const BsSwitchDecision *decisions; /* NULL: no replay */
  size_t n;
  int fd; /* kept open for a new supervisor, which takes it from us */
} BsReplay;

/* @bytes 0 ends the replay. Returns: 0, and has taken @fd; or the errno to answer with, and nothing has changed */
int bs_replay_set (BsReplay *self, uint64_t bytes, int fd);

/* The log's decision of the packet that @wanted names (its fields up to `protocol`), or NULL: the seed decides */
const BsSwitchDecision *bs_replay_search (const BsReplay *self, const BsSwitchDecision *wanted);

static inline const BsSwitchDecision *
bs_replay_find (const BsReplay *self, const BsSwitchDecision *wanted)
{
  if (__builtin_expect (self->decisions == NULL, 1))
    return NULL;
  return bs_replay_search (self, wanted);
}
