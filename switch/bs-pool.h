/* SPDX-License-Identifier: Apache-2.0 */
/* bs-pool.h — the memory of all frames that must wait, under one budget
 *
 * Frames are kept in cells of 2 KiB: one for anything up to an ordinary MTU, a chain of 34 for the longest, so that
 * small frames do not pay for long ones and the budget counts what is really held. Cells never touched cost no memory:
 * the free list is a stack (the warmest cell is used next) over a mark up to which cells were ever used. Nothing is
 * allocated later.
 */
#pragma once

#include "bs-impair.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define BS_POOL_BYTES (256u << 20)
#define BS_CELL_SIZE 2048u
#define BS_CELL_DATA (BS_CELL_SIZE - 8u - (uint32_t) sizeof (BsPacket))
#define BS_POOL_CELLS (BS_POOL_BYTES / BS_CELL_SIZE)
#define BS_POOL_PARTS_MAX 34 /* cells of a frame of BS_SWITCH_FRAME_MAX bytes */
#define BS_CELL_NONE UINT32_MAX

typedef struct
{
  uint32_t next;   /* the frame's next cell, or the next free one */
  uint32_t after;  /* first cell of the frame behind it in a queue; in a frame's first cell only */
  BsPacket packet; /* in a frame's first cell only; here only its length is used */
  uint8_t data[BS_CELL_DATA];
} BsCell;

typedef struct
{
  BsCell *cells; /* BS_POOL_CELLS, mapped */
  uint32_t free; /* top of the stack of returned cells */
  uint32_t used; /* cells from here on were never used */
  uint32_t n_free;
} BsPool;

/* Maps the budget. Returns: false with errno */
bool bs_pool_init (BsPool *self);
void bs_pool_clear (BsPool *self);

/* How many cells a frame of @length bytes takes. */
static inline uint32_t
bs_pool_cells (uint32_t length)
{
  return length <= BS_CELL_DATA ? 1 : (length + BS_CELL_DATA - 1) / BS_CELL_DATA;
}

/* Copies a frame in. There must be bs_pool_cells(@length) free cells. Returns: its first cell */
uint32_t bs_pool_store (BsPool *self, const uint8_t *data, uint32_t length);
/* As bs_pool_store(), of a frame that is in the pool. */
uint32_t bs_pool_copy (BsPool *self, uint32_t cell);
/* Points @parts at the frame's bytes. Returns: how many of the %BS_POOL_PARTS_MAX were set */
uint32_t bs_pool_parts (const BsPool *self, uint32_t cell, struct iovec *parts);
/* Gives back the frame's cells. */
void bs_pool_release (BsPool *self, uint32_t cell);
