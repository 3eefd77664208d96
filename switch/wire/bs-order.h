/* SPDX-License-Identifier: Apache-2.0 */
/* bs-order.h — jitter does not reorder: when the last packet of each pair of ports is due
 *
 * What counts is only what lies in the future, so a table with few places a key is as good as one that is exact: the
 * place that is needed least, the one due first, is given away. Zeroed memory is an empty table.
 */
#pragma once

#include <stdint.h>

#define BS_ORDER_WAYS 4
#define BS_ORDER_BUCKETS 16384

typedef struct
{
  uint32_t key;
  uint32_t epoch; /* of the wire: what was sent before it changed is not waited for */
  uint64_t due_nsec;
} BsOrderEntry;

typedef struct
{
  BsOrderEntry buckets[BS_ORDER_BUCKETS][BS_ORDER_WAYS];
} BsOrder;

/* Returns: when a packet may be due that would be at @due_nsec: not before the last one of @key and @epoch */
uint64_t bs_order_keep (BsOrder *self, uint32_t key, uint32_t epoch, uint64_t due_nsec);
