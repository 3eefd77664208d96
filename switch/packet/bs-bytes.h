/* SPDX-License-Identifier: Apache-2.0 */
/* bs-bytes.h — numbers in network byte order, at any address */
#pragma once

#include <stdint.h>

static inline uint16_t
bs_load16 (const uint8_t *at)
{
  return (uint16_t) (at[0] << 8 | at[1]);
}

static inline uint32_t
bs_load32 (const uint8_t *at)
{
  return (uint32_t) bs_load16 (at) << 16 | bs_load16 (at + 2);
}

static inline void
bs_store16 (uint8_t *at, uint16_t value)
{
  at[0] = (uint8_t) (value >> 8);
  at[1] = (uint8_t) value;
}

static inline void
bs_store32 (uint8_t *at, uint32_t value)
{
  bs_store16 (at, (uint16_t) (value >> 16));
  bs_store16 (at + 2, (uint16_t) value);
}
