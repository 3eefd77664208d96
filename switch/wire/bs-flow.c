/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-flow.h"

static void
begin (BsSwitchFlow *flow, uint64_t key)
{
  __atomic_store_n (&flow->key, 0, __ATOMIC_RELEASE);
  flow->next_index = 0;
  flow->bad = 0;
  __atomic_store_n (&flow->key, key, __ATOMIC_RELEASE);
}

BsSwitchFlow *
bs_flow_take (BsSwitchMemory *memory, uint64_t key, uint32_t now_sec)
{
  BsSwitchFlow *bucket = &memory->flows[key % (BS_SWITCH_FLOWS_MAX / BS_FLOW_WAYS) * BS_FLOW_WAYS], *oldest = bucket;

  for (unsigned i = 0; i < BS_FLOW_WAYS; i++)
    {
      if (bucket[i].key == key)
        {
          bucket[i].seen_sec = now_sec;
          return &bucket[i];
        }
      if (bucket[i].key == 0)
        {
          if (oldest->key != 0)
            oldest = &bucket[i];
        }
      else if (oldest->key != 0 && (int32_t) (bucket[i].seen_sec - oldest->seen_sec) < 0)
        oldest = &bucket[i];
    }
  if (oldest->key != 0)
    __atomic_store_n (&memory->evicted_flows, memory->evicted_flows + 1, __ATOMIC_RELAXED);
  begin (oldest, key);
  oldest->seen_sec = now_sec;
  return oldest;
}
