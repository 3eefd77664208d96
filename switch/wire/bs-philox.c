/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-philox.h"

#define ROUNDS 10
#define MULTIPLIER_0 UINT64_C (0xd2511f53)
#define MULTIPLIER_1 UINT64_C (0xcd9e8d57)
#define WEYL_0 0x9e3779b9u
#define WEYL_1 0xbb67ae85u

BsPhilox
bs_philox (BsPhilox counter, uint64_t key)
{
  uint32_t key_0 = (uint32_t) key, key_1 = (uint32_t) (key >> 32);

  for (unsigned i = 0; i < ROUNDS; i++)
    {
      uint64_t a = MULTIPLIER_0 * counter.word[0], b = MULTIPLIER_1 * counter.word[2];

      counter = (BsPhilox){ { (uint32_t) (b >> 32) ^ counter.word[1] ^ key_0, (uint32_t) b,
                              (uint32_t) (a >> 32) ^ counter.word[3] ^ key_1, (uint32_t) a } };
      key_0 += WEYL_0;
      key_1 += WEYL_1;
    }
  return counter;
}
