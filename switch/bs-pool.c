/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-pool.h"

#include <string.h>
#include <sys/mman.h>

_Static_assert(sizeof (BsCell) == BS_CELL_SIZE, "a cell must be 2 KiB");

bool
bs_pool_init (BsPool *self)
{
  void *map = mmap (NULL, BS_POOL_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (map == MAP_FAILED)
    return false;
  *self = (BsPool){ .cells = map, .free = BS_CELL_NONE, .n_free = BS_POOL_CELLS };
  return true;
}

void
bs_pool_clear (BsPool *self)
{
  if (self->cells != NULL)
    munmap (self->cells, BS_POOL_BYTES);
  *self = (BsPool){ .free = BS_CELL_NONE };
}

static uint32_t
take_cell (BsPool *self)
{
  uint32_t cell = self->free;

  self->n_free--;
  if (cell == BS_CELL_NONE)
    return self->used++;
  self->free = self->cells[cell].next;
  return cell;
}

uint32_t
bs_pool_store (BsPool *self, const uint8_t *data, uint32_t length)
{
  uint32_t first = take_cell (self), cell = first, offset = 0;

  self->cells[first].after = BS_CELL_NONE;
  self->cells[first].packet.length = length;
  for (;;)
    {
      uint32_t part = length - offset < BS_CELL_DATA ? length - offset : BS_CELL_DATA;

      memcpy (self->cells[cell].data, data + offset, part);
      self->cells[cell].next = BS_CELL_NONE;
      offset += part;
      if (offset >= length)
        return first;
      self->cells[cell].next = take_cell (self);
      cell = self->cells[cell].next;
    }
}

uint32_t
bs_pool_copy (BsPool *self, uint32_t cell)
{
  uint32_t first = take_cell (self), to = first;

  for (;;)
    {
      uint32_t next = self->cells[cell].next;

      memcpy (&self->cells[to], &self->cells[cell], sizeof *self->cells);
      self->cells[to].next = next != BS_CELL_NONE ? take_cell (self) : BS_CELL_NONE;
      if (next == BS_CELL_NONE)
        return first;
      to = self->cells[to].next;
      cell = next;
    }
}

uint32_t
bs_pool_parts (const BsPool *self, uint32_t cell, struct iovec *parts)
{
  uint32_t left = self->cells[cell].packet.length, n = 0;

  for (; cell != BS_CELL_NONE; cell = self->cells[cell].next)
    {
      uint32_t part = left < BS_CELL_DATA ? left : BS_CELL_DATA;

      parts[n++] = (struct iovec){ self->cells[cell].data, part };
      left -= part;
    }
  return n;
}

void
bs_pool_release (BsPool *self, uint32_t cell)
{
  while (cell != BS_CELL_NONE)
    {
      uint32_t next = self->cells[cell].next;

      self->cells[cell].next = self->free;
      self->free = cell;
      self->n_free++;
      cell = next;
    }
}
