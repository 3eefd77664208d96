/* SPDX-License-Identifier: Apache-2.0 */
/* bs-codel.h — controlled delay: which packets a queue should drop (RFC 8289, section 5)
 *
 * The state machine of the RFC's dequeue, one head of the queue at a time: ask of each head until the answer is no,
 * drop those it says yes to; when that empties the queue, say so. Target 5 ms, interval 100 ms.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BS_CODEL_TARGET_NSEC UINT64_C (5000000)
#define BS_CODEL_INTERVAL_NSEC UINT64_C (100000000)
#define BS_CODEL_PACKET_MAX 1514

typedef struct
{
  uint64_t first_above_nsec; /* 0: below the target */
  uint64_t drop_next_nsec;
  uint32_t count, last_count;
  bool is_dropping;
  uint8_t after; /* what the drop before asks for */
} BsCodel;

/**
 * bs_codel_judge:
 * @sojourn_nsec: how long the head has waited
 * @bytes: of the queue, the head included
 *
 * Returns: whether the head is to be dropped
 */
bool bs_codel_judge (BsCodel *self, uint64_t now_nsec, uint64_t sojourn_nsec, uint64_t bytes);
void bs_codel_empty (BsCodel *self);
