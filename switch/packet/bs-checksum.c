/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-checksum.h"

#include "bs-bytes.h"

#include <arpa/inet.h>
#include <string.h>

#define STEP 32

/* Four sums at once, of 32 bits each time: 2^32 of these fit. */
static uint64_t
sum_steps (const uint8_t *data, size_t steps)
{
  uint64_t sums[4] = { 0 };

  for (; steps > 0; steps--, data += STEP)
    {
      uint32_t words[STEP / 4];

      memcpy (words, data, STEP);
      for (int i = 0; i < 4; i++)
        sums[i] += (uint64_t) words[i] + words[i + 4];
    }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

uint64_t
bs_checksum_sum (const uint8_t *data, size_t length)
{
  uint64_t sum = sum_steps (data, length / STEP);
  uint16_t word;

  data += length / STEP * STEP;
  for (length %= STEP; length >= 2; length -= 2, data += 2)
    {
      memcpy (&word, data, 2);
      sum += word;
    }
  if (length > 0)
    sum += bs_checksum_word ((uint16_t) (*data << 8));
  return sum;
}

uint64_t
bs_checksum_word (uint16_t value)
{
  return htons (value);
}

uint16_t
bs_checksum_finish (uint64_t sum)
{
  while (sum > UINT16_MAX)
    sum = (sum & UINT16_MAX) + (sum >> 16);
  return (uint16_t) ~ntohs ((uint16_t) sum);
}

void
bs_checksum_complete (uint8_t *frame, uint32_t length, const BsOffload *offload)
{
  uint32_t start = offload->checksum_start;
  uint16_t sum = bs_checksum_finish (bs_checksum_sum (frame + start, length - start));

  bs_store16 (frame + start + offload->checksum_offset, sum != 0 ? sum : UINT16_MAX);
}
