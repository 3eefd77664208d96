/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-send.c — towards a machine: the batch, and the queue behind a socket that is full (see bs-switch.h) */
#include "bs-switch.h"

#include <errno.h>
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
  uint64_t bytes = 0;

  for (uint32_t i = 0; i < n; i++)
    bytes += messages[i].msg_len;
  bs_count (&port->counters->tx_packets, n);
  bs_count (&port->counters->tx_bytes, bytes);
}

/* Shows taps a message of tx; @cause is BS_SWITCH_DROPS when the machine was given it. */
static void
show (BsSwitch *self, const BsPort *port, uint32_t i, BsSwitchDrop cause)
{
  const struct msghdr *message = &self->tx[i].msg_hdr;
  BsTapParts parts = { message->msg_iov, message->msg_iovlen };
  uint16_t to = (uint16_t) (port - self->ports);

  if (cause == BS_SWITCH_DROPS)
    bs_tap_received_parts (&self->taps, port->network, self->tx_from[i], to, parts);
  else
    bs_tap_dropped_parts (&self->taps, port->network, self->tx_from[i], to, cause, parts);
}

/* Returns: how many of the @n frames are done with, sent or dropped; fewer than @n when the socket is full */
static uint32_t
transmit (BsSwitch *self, BsPort *port, uint32_t n)
{
  uint32_t done = 0;

  while (done < n)
    {
      int sent = self->send (port->fd, self->tx + done, n - done, MSG_DONTWAIT | MSG_NOSIGNAL);

      if (sent > 0)
        {
          count_sent (port, self->tx + done, sent);
          for (int i = 0; bs_tap_wants (&self->taps, BS_SWITCH_TAP_PACKETS) && i < sent; i++)
            show (self, port, done + i, BS_SWITCH_DROPS);
          done += sent;
        }
      else if (sent == 0 || errno == EAGAIN)
        break;
      else if (errno == EMSGSIZE || errno == ENOBUFS || errno == ENOMEM)
        {
          BsSwitchDrop cause = errno == EMSGSIZE ? BS_SWITCH_DROP_OVERSIZE : BS_SWITCH_DROP_FULL;

          bs_drop (port, cause);
          show (self, port, done++, cause);
        }
      else if (errno != EINTR)
        {
          bs_count (&port->counters->drops[BS_SWITCH_DROP_GONE], n - done);
          while (done < n)
            show (self, port, done++, BS_SWITCH_DROP_GONE);
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
enqueue (BsSwitch *self, BsPort *port, const struct iovec *frame, uint16_t from)
{
  BsQueue *queue = &port->queue;
  uint32_t cells = bs_pool_cells (frame->iov_len), cell;
  BsSwitchDrop cause = refusal (self, port, cells);

  self->congested |= cause != BS_SWITCH_DROP_GONE;
  if (cause != BS_SWITCH_DROPS)
    {
      bs_drop (port, cause);
      bs_tap_dropped (&self->taps, port->network, from, (uint32_t) (port - self->ports), cause, frame->iov_base,
                      (uint32_t) frame->iov_len);
      return;
    }
  cell = bs_pool_store (&self->pool, frame->iov_base, frame->iov_len);
  self->pool.cells[cell].from = from;
  if (queue->cells == 0)
    queue->head = cell;
  else
    self->pool.cells[queue->tail].after = cell;
  queue->tail = cell;
  queue->cells += cells;
}

static void
dequeue (BsSwitch *self, BsQueue *queue)
{
  const BsCell *first = &self->pool.cells[queue->head];
  uint32_t cell = queue->head;

  queue->cells -= bs_pool_cells (first->length);
  queue->head = first->after;
  bs_pool_release (&self->pool, cell);
}

static void
flush (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];
  uint32_t n = port->n_out, done = 0;

  port->n_out = 0;
  if (port->queue.cells == 0)
    {
      for (uint32_t i = 0; i < n; i++)
        {
          self->tx[i].msg_hdr = (struct msghdr){ .msg_iov = &port->out[i], .msg_iovlen = 1 };
          self->tx_from[i] = port->out_from[i];
        }
      done = transmit (self, port, n);
    }
  for (; done < n; done++)
    enqueue (self, port, &port->out[done], port->out_from[done]);
  if (port->queue.cells != 0)
    bs_port_watch (self, number, port->events | EPOLLOUT);
}

void
bs_port_push (BsSwitch *self, uint16_t number, uint16_t from, uint8_t *data, uint32_t length)
{
  BsPort *port = &self->ports[number];

  if (port->n_out == BS_BATCH)
    flush (self, number);
  else if (port->n_out == 0)
    self->dirty[self->n_dirty++] = number;
  port->out_from[port->n_out] = from;
  port->out[port->n_out++] = (struct iovec){ data, length };
}

void
bs_port_flush_all (BsSwitch *self)
{
  for (uint32_t i = 0; i < self->n_dirty; i++)
    flush (self, self->dirty[i]);
  self->n_dirty = 0;
}

void
bs_port_drain (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];
  struct iovec *parts = self->tx_parts;
  uint32_t n = 0, done;

  if (port->queue.cells != 0)
    for (uint32_t cell = port->queue.head; cell != BS_CELL_NONE && n < BS_BATCH; cell = self->pool.cells[cell].after)
      {
        uint32_t n_parts = bs_pool_parts (&self->pool, cell, parts);

        self->tx_from[n] = (uint16_t) self->pool.cells[cell].from;
        self->tx[n++].msg_hdr = (struct msghdr){ .msg_iov = parts, .msg_iovlen = n_parts };
        parts += n_parts;
      }
  done = transmit (self, port, n);
  if (done > 0)
    bs_pace_resume (self);
  for (; done > 0; done--)
    dequeue (self, &port->queue);
  if (port->queue.cells == 0)
    bs_port_watch (self, number, port->events & ~(uint32_t) EPOLLOUT);
}

void
bs_port_drop_queue (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];

  while (port->queue.cells != 0)
    {
      BsTapParts parts = { self->tx_parts, bs_pool_parts (&self->pool, port->queue.head, self->tx_parts) };

      bs_drop (port, BS_SWITCH_DROP_GONE);
      bs_tap_dropped_parts (&self->taps, port->network, self->pool.cells[port->queue.head].from, number,
                            BS_SWITCH_DROP_GONE, parts);
      dequeue (self, &port->queue);
    }
}
