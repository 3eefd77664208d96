/* SPDX-License-Identifier: Apache-2.0 */
/* bs-philox.h — Philox4x32-10, a counter-based random number generator (Salmon et al., SC'11)
 *
 * Four words of 32 bits are a function of a counter and a key and of nothing else: no state, so the same question gets
 * the same answer on every host, in any order.
 */
#pragma once

#include <stdint.h>

typedef struct
{
  uint32_t word[4];
} BsPhilox;

BsPhilox bs_philox (BsPhilox counter, uint64_t key);
