/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-send.c — towards a machine: the batch, and the queue behind a socket that is full (see bs-switch.h) */
#include "bs-switch.h"

#include "bs-segment.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

void
bs_port_watch (BsSwitch *self, uint16_t number, uint32_t events)
{
  BsPort *port = &self->ports[number];
  struct epoll_event event = { .events = events, .data.u64 = bs_event_of_port (self, number) };

  if (port->events == 0 || port->events == events)
    return;
  epoll_ctl (self->epoll, events != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_DEL, port->fd, &event);
  port->events = events;
}

static void
count_sent (BsPort *port, const struct mmsghdr *messages, uint32_t n)
{
  uint64_t bytes = 0, packets = 0;

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t length = messages[i].msg_len - port->kind->header;
      BsOffload offload = { 0 };

      if (port->kind->header != 0)
        bs_vnet_trust (&offload, messages[i].msg_hdr.msg_iov->iov_base);
      packets += bs_segment_count (&offload, length);
      bytes += bs_segment_bytes (&offload, length);
    }
  bs_count (&port->counters->tx_packets, packets);
  bs_count (&port->counters->tx_bytes, bytes);
}

/* Returns: why the next frame was not taken; @is_lasting: nor will be those behind it */
static BsSwitchDrop
cause_of (int error, bool *is_lasting)
{
  *is_lasting = false;
  switch (error)
    {
    case EMSGSIZE:
      return BS_SWITCH_DROP_OVERSIZE;
    case EINVAL: /* a TAP's kernel does not like a header that we let pass */
      return BS_SWITCH_DROP_OFFLOAD;
    case ENOBUFS:
    case ENOMEM:
      return BS_SWITCH_DROP_FULL;
    case ECONNREFUSED: /* of a socket pair ENOTCONN follows */
      return BS_SWITCH_DROP_GONE;
    default:
      *is_lasting = true;
      return BS_SWITCH_DROP_GONE;
    }
}

/* Shows taps message @i of tx; @cause is BS_SWITCH_DROPS when the machine was given it. */
static void
show (BsSwitch *self, const BsPort *port, uint32_t i, BsSwitchDrop cause)
{
  const struct msghdr *message = &self->tx[i].msg_hdr;
  uint32_t first = port->kind->header != 0;
  BsTapParts parts = { message->msg_iov + first, message->msg_iovlen - first };
  uint16_t to = (uint16_t) (port - self->ports);

  if (cause == BS_SWITCH_DROPS)
    bs_tap_received_parts (&self->taps, port->network, self->tx_from[i], to, parts);
  else
    bs_tap_dropped_parts (&self->taps, port->network, self->tx_from[i], to, cause, parts);
}

static void
show_sent (BsSwitch *self, const BsPort *port, uint32_t first, uint32_t n)
{
  if (bs_tap_wants (&self->taps, BS_SWITCH_TAP_PACKETS))
    for (uint32_t i = 0; i < n; i++)
      show (self, port, first + i, BS_SWITCH_DROPS);
}

/* Returns: how many of the @n frames are done with, sent or dropped; fewer than @n when the socket is full */
static uint32_t
transmit (BsSwitch *self, BsPort *port, uint32_t n)
{
  uint32_t done = 0;

  while (done < n)
    {
      int sent = port->kind->send (self, port, self->tx + done, n - done);
      bool is_lasting;

      if (sent > 0)
        {
          count_sent (port, self->tx + done, sent);
          show_sent (self, port, done, (uint32_t) sent);
          done += sent;
        }
      else if (sent == 0 || errno == EAGAIN)
        break;
      else if (errno != EINTR)
        {
          BsSwitchDrop cause = cause_of (errno, &is_lasting);
          uint32_t lost = is_lasting ? n - done : 1;

          bs_count (&port->counters->drops[cause], lost);
          for (; lost > 0; lost--)
            show (self, port, done++, cause);
        }
    }
  return done;
}

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

static void
enqueue (BsSwitch *self, BsPort *port, const BsOut *frame)
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

/* Returns: how many parts the header takes, which the port wants before message @i */
static uint32_t
describe_header (BsSwitch *self, const BsPort *port, uint32_t i, const BsOffload *offload, struct iovec *part)
{
  if (port->kind->header == 0)
    return 0;
  bs_vnet_encode (offload, self->tx_headers[i]);
  *part = (struct iovec){ self->tx_headers[i], BS_VNET_LENGTH };
  return 1;
}

/* What was received, or cut, has room before it (bs-switch.h); what waited in a queue has none. */
static bool
has_room (const BsSwitch *self, const uint8_t *data)
{
  return data >= self->staging && data < self->segments + BS_SEGMENTS_ROOM;
}

static void
describe (BsSwitch *self, const BsPort *port, uint32_t i)
{
  const BsOut *frame = &port->out[i];
  struct iovec *parts = &self->tx_parts[2 * i];
  uint32_t n = 0;

  if (port->kind->header != 0 && has_room (self, frame->data))
    {
      bs_vnet_encode (&frame->offload, frame->data - BS_VNET_LENGTH);
      parts[n++] = (struct iovec){ frame->data - BS_VNET_LENGTH, frame->length + BS_VNET_LENGTH };
    }
  else
    {
      n = describe_header (self, port, i, &frame->offload, parts);
      parts[n++] = (struct iovec){ frame->data, frame->length };
    }
  self->tx[i].msg_hdr = (struct msghdr){ .msg_iov = parts, .msg_iovlen = n };
  self->tx_from[i] = frame->in;
}

/* Sends a batch of the queue. Returns: how many frames are done with; fewer than a batch: it is empty, or the socket is
 * full */
static uint32_t
send_queue (BsSwitch *self, BsPort *port)
{
  struct iovec *parts = self->tx_parts;
  uint32_t n = 0, done;

  if (port->queue.cells != 0)
    for (uint32_t cell = port->queue.head; cell != BS_CELL_NONE && n < BS_BATCH; cell = self->pool.cells[cell].after)
      {
        uint32_t n_parts = describe_header (self, port, n, &self->pool.cells[cell].packet.offload, parts);

        n_parts += bs_pool_parts (&self->pool, cell, parts + n_parts);
        self->tx_from[n] = self->pool.cells[cell].packet.in;
        self->tx[n++].msg_hdr = (struct msghdr){ .msg_iov = parts, .msg_iovlen = n_parts };
        parts += n_parts;
      }
  done = transmit (self, port, n);
  for (uint32_t i = 0; i < done; i++)
    dequeue (self, &port->queue);
  return done;
}

static bool
is_blocked (const BsPort *port)
{
  return (port->events & EPOLLOUT) != 0;
}

static void
flush (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];
  uint32_t n = port->n_out, done = 0;

  port->n_out = 0;
  port->n_ready = 0;
  while (!is_blocked (port) && send_queue (self, port) == BS_BATCH)
    ;
  if (port->queue.cells == 0)
    {
      for (uint32_t i = 0; i < n; i++)
        describe (self, port, i);
      done = transmit (self, port, n);
    }
  for (; done < n; done++)
    enqueue (self, port, &port->out[done]);
  if (port->queue.cells != 0)
    bs_port_watch (self, number, port->events | EPOLLOUT);
}

static bool
takes (const BsPort *port, const BsOffload *offload)
{
  static const uint32_t needs[] = {
    [BS_GSO_NONE] = BS_SWITCH_OFFLOAD_CSUM,
    [BS_GSO_TCP4] = BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_TSO4,
    [BS_GSO_TCP6] = BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_TSO6,
    [BS_GSO_UDP4] = BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_USO,
    [BS_GSO_UDP6] = BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_USO,
  };

  return bs_offload_is_nothing (offload) || (port->offload & needs[offload->gso]) == needs[offload->gso];
}

static void
mark_dirty (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];

  if (!port->is_dirty)
    self->dirty[self->n_dirty++] = number;
  port->is_dirty = true;
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

/* A packet with bytes of its own goes straight into the queue, behind what came before it. */
static void
push_own (BsSwitch *self, const BsPacket *packet)
{
  BsPort *port = &self->ports[packet->out];
  uint32_t cells = bs_pool_cells (packet->length);
  BsSwitchDrop cause;

  if (port->n_out != 0 || port->n_ready == BS_BATCH)
    flush (self, packet->out);
  cause = refusal (self, port, cells);
  self->congested |= is_blocked (port);
  if (cause != BS_SWITCH_DROPS)
    {
      self->pool.cells[packet->cell].packet = *packet;
      drop_own (self, port, packet->cell, packet->in, cause);
      bs_pool_release (&self->pool, packet->cell);
      return;
    }
  self->pool.cells[packet->cell].packet = *packet;
  append (self, &port->queue, packet->cell, cells);
  port->n_ready++;
}

void
bs_port_push (BsSwitch *self, const BsPacket *packet)
{
  BsPort *port = &self->ports[packet->out];

  if (!takes (port, &packet->offload))
    {
      bs_segments_push (self, packet, &self->deliver);
      return;
    }
  mark_dirty (self, packet->out);
  if (packet->cell != BS_CELL_NONE)
    {
      push_own (self, packet);
      return;
    }
  if (port->n_out == BS_BATCH)
    flush (self, packet->out);
  port->out[port->n_out++] = (BsOut){ packet->data, packet->length, packet->in, packet->offload };
}

void
bs_port_flush_all (BsSwitch *self)
{
  for (uint32_t i = 0; i < self->n_dirty; i++)
    {
      self->ports[self->dirty[i]].is_dirty = false;
      flush (self, self->dirty[i]);
    }
  self->n_dirty = 0;
  self->segments_used = 0;
}

void
bs_port_drain (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];

  if (send_queue (self, port) > 0)
    bs_pace_resume (self);
  if (port->queue.cells == 0)
    bs_port_watch (self, number, port->events & ~(uint32_t) EPOLLOUT);
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
