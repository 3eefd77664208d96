/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-send.c — towards a machine: the batch, and the queue behind a socket that is full (see bs-switch.h) */
#include "bs-port-send.h"

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
      n = bs_port_describe_header (self, port, i, &frame->offload, parts);
      parts[n++] = (struct iovec){ frame->data, frame->length };
    }
  self->tx[i].msg_hdr = (struct msghdr){ .msg_iov = parts, .msg_iovlen = n };
  self->tx_from[i] = frame->in;
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
  while (!is_blocked (port) && bs_port_send_queue (self, port) == BS_BATCH)
    ;
  if (port->queue.cells == 0)
    {
      for (uint32_t i = 0; i < n; i++)
        describe (self, port, i);
      done = bs_port_transmit (self, port, n);
    }
  for (; done < n; done++)
    bs_port_enqueue (self, port, &port->out[done]);
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

/* A packet with bytes of its own goes straight into the queue, behind what came before it. */
static void
push_own (BsSwitch *self, const BsPacket *packet)
{
  BsPort *port = &self->ports[packet->out];

  if (port->n_out != 0 || port->n_ready == BS_BATCH)
    flush (self, packet->out);
  self->congested |= is_blocked (port);
  port->n_ready += bs_port_enqueue_own (self, port, packet);
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

  if (bs_port_send_queue (self, port) > 0)
    bs_pace_resume (self);
  if (port->queue.cells == 0)
    bs_port_watch (self, number, port->events & ~(uint32_t) EPOLLOUT);
}
