/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-order.h"

#define GOLDEN 0x9e3779b1u
#define BUCKET_BITS 14

_Static_assert(1 << BUCKET_BITS == BS_ORDER_BUCKETS, "a bucket is named by so many bits");

uint64_t
bs_order_keep (BsOrder *self, uint32_t key, uint32_t epoch, uint64_t due_nsec)
{
  BsOrderEntry *bucket = self->buckets[key * GOLDEN >> (32 - BUCKET_BITS)], *entry = bucket;

  for (unsigned i = 0; i < BS_ORDER_WAYS; i++)
    {
      if (bucket[i].key == key)
        {
          entry = &bucket[i];
          break;
        }
      if (bucket[i].due_nsec < entry->due_nsec)
        entry = &bucket[i];
    }
  if (entry->key == key && entry->epoch == epoch && entry->due_nsec > due_nsec)
    due_nsec = entry->due_nsec;
  *entry = (BsOrderEntry){ key, epoch, due_nsec };
  return due_nsec;
}
