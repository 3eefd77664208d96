/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-queue.c — the packets that wait for a port's socket, in the pool */
#include "bs-port-send.h"

/* Returns: why the queue may not grow by so many cells, or BS_SWITCH_DROPS */
static BsSwitchDrop
refusal (const BsSwitch *self, const BsPort *port, uint32_t cells)
{
  if (port->events == 0)
    return BS_SWITCH_DROP_GONE; /* nobody would wait for the socket */
  if (port->queue.cells + cells > BS_PORT_QUEUE_CELLS)
    return BS_SWITCH_DROP_FULL;
  if (port->queue.cells + cells > self->pool.n_free)
    return BS_SWITCH_DROP_MEMORY;
  return BS_SWITCH_DROPS;
}

static void
append (BsSwitch *self, BsQueue *queue, uint32_t cell, uint32_t cells)
{
  self->pool.cells[cell].after = BS_CELL_NONE;
  if (queue->cells == 0)
    queue->head = cell;
  else
    self->pool.cells[queue->tail].after = cell;
  queue->tail = cell;
  queue->cells += cells;
}

void
bs_port_enqueue (BsSwitch *self, BsPort *port, const BsOut *frame)
{
  uint32_t cells = bs_pool_cells (frame->length), cell;
  BsSwitchDrop cause = refusal (self, port, cells);

  self->congested |= cause != BS_SWITCH_DROP_GONE;
  if (cause != BS_SWITCH_DROPS)
    {
      bs_drop (port, cause);
      bs_tap_dropped (&self->taps, port->network, frame->in, (uint32_t) (port - self->ports), cause, frame->data,
                      frame->length);
      return;
    }
  cell = bs_pool_store (&self->pool, frame->data, frame->length);
  self->pool.cells[cell].packet = (BsPacket){ .length = frame->length, .in = frame->in, .offload = frame->offload };
  append (self, &port->queue, cell, cells);
}

static void
dequeue (BsSwitch *self, BsQueue *queue)
{
  const BsCell *first = &self->pool.cells[queue->head];
  uint32_t cell = queue->head;

  queue->cells -= bs_pool_cells (first->packet.length);
  queue->head = first->after;
  bs_pool_release (&self->pool, cell);
}

/* Counts and shows a packet in the pool that is not sent, and stays where it is. */
static void
drop_own (BsSwitch *self, const BsPort *port, uint32_t cell, uint16_t from, BsSwitchDrop cause)
{
  BsTapParts parts = { self->tx_parts, 0 };

  bs_drop (port, cause);
  if (!bs_tap_wants (&self->taps, BS_SWITCH_TAP_DROPS))
    return;
  parts.n = bs_pool_parts (&self->pool, cell, self->tx_parts);
  bs_tap_dropped_parts (&self->taps, port->network, from, (uint32_t) (port - self->ports), cause, parts);
}

bool
bs_port_enqueue_own (BsSwitch *self, BsPort *port, const BsPacket *packet)
{
  uint32_t cells = bs_pool_cells (packet->length);
  BsSwitchDrop cause = refusal (self, port, cells);

  self->pool.cells[packet->cell].packet = *packet;
  if (cause == BS_SWITCH_DROPS)
    {
      append (self, &port->queue, packet->cell, cells);
      return true;
    }
  drop_own (self, port, packet->cell, packet->in, cause);
  bs_pool_release (&self->pool, packet->cell);
  return false;
}

uint32_t
bs_port_send_queue (BsSwitch *self, BsPort *port)
{
  struct iovec *parts = self->tx_parts;
  uint32_t n = 0, done;

  if (port->queue.cells != 0)
    for (uint32_t cell = port->queue.head; cell != BS_CELL_NONE && n < BS_BATCH; cell = self->pool.cells[cell].after)
      {
        uint32_t n_parts = bs_port_describe_header (self, port, n, &self->pool.cells[cell].packet.offload, parts);

        n_parts += bs_pool_parts (&self->pool, cell, parts + n_parts);
        self->tx_from[n] = self->pool.cells[cell].packet.in;
        self->tx[n++].msg_hdr = (struct msghdr){ .msg_iov = parts, .msg_iovlen = n_parts };
        parts += n_parts;
      }
  done = bs_port_transmit (self, port, n);
  for (uint32_t i = 0; i < done; i++)
    dequeue (self, &port->queue);
  return done;
}

void
bs_port_drop_queue (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];

  while (port->queue.cells != 0)
    {
      drop_own (self, port, port->queue.head, self->pool.cells[port->queue.head].packet.in, BS_SWITCH_DROP_GONE);
      dequeue (self, &port->queue);
    }
}
