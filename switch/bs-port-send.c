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
          done += sent;
        }
      else if (sent == 0 || errno == EAGAIN)
        break;
      else if (errno == EMSGSIZE || errno == ENOBUFS || errno == ENOMEM)
        {
          bs_drop (port, errno == EMSGSIZE ? BS_SWITCH_DROP_OVERSIZE : BS_SWITCH_DROP_FULL);
          done++;
        }
      else if (errno != EINTR)
        {
          bs_count (&port->counters->drops[BS_SWITCH_DROP_GONE], n - done);
          done = n;
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
enqueue (BsSwitch *self, BsPort *port, const struct iovec *frame)
{
  BsQueue *queue = &port->queue;
  uint32_t cells = bs_pool_cells (frame->iov_len), cell;
  BsSwitchDrop cause = refusal (self, port, cells);

  self->congested |= cause != BS_SWITCH_DROP_GONE;
  if (cause != BS_SWITCH_DROPS)
    {
      bs_drop (port, cause);
      return;
    }
  cell = bs_pool_store (&self->pool, frame->iov_base, frame->iov_len);
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
        self->tx[i].msg_hdr = (struct msghdr){ .msg_iov = &port->out[i], .msg_iovlen = 1 };
      done = transmit (self, port, n);
    }
  for (; done < n; done++)
    enqueue (self, port, &port->out[done]);
  if (port->queue.cells != 0)
    bs_port_watch (self, number, port->events | EPOLLOUT);
}

void
bs_port_push (BsSwitch *self, uint16_t number, uint8_t *data, uint32_t length)
{
  BsPort *port = &self->ports[number];

  if (port->n_out == BS_BATCH)
    flush (self, number);
  else if (port->n_out == 0)
    self->dirty[self->n_dirty++] = number;
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
      bs_drop (port, BS_SWITCH_DROP_GONE);
      dequeue (self, &port->queue);
    }
}
