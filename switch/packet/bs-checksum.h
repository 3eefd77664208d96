/* SPDX-License-Identifier: Apache-2.0 */
/* bs-checksum.h — the Internet checksum (RFC 1071) */
#pragma once

#include "bs-offload.h"

#include <stddef.h>
#include <stdint.h>

/* Sums are of 16 bit words as they lie in memory, not folded: add them freely, as long as all but the last began at an
 * even place. An odd last byte counts as if a zero were behind it. */
uint64_t bs_checksum_sum (const uint8_t *data, size_t length);
/* A number of the header as it is summed. */
uint64_t bs_checksum_word (uint16_t value);
/* Returns: what the checksum field says, for bs_store16() */
uint16_t bs_checksum_finish (uint64_t sum);

/* Stores the checksum that the sender left to the wire; its field holds the sum of the pseudo header. Never stores 0,
 * which means "none" in UDP. */
void bs_checksum_complete (uint8_t *frame, uint32_t length, const BsOffload *offload);
