/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port.c — ports come and go, and what a machine sends is taken in */
#include "bs-switch.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

static bool
is_unix_datagram (int fd)
{
  int domain = 0, type = 0;
  socklen_t size = sizeof domain;

  return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX
         && getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

static void
join_network (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];
  uint16_t *first = &self->networks[port->network].first;

  port->previous = 0;
  port->next = *first;
  if (port->next != 0)
    self->ports[port->next - 1].previous = number + 1;
  *first = number + 1;
}

static void
leave_network (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];

  if (port->next != 0)
    self->ports[port->next - 1].previous = port->previous;
  if (port->previous != 0)
    self->ports[port->previous - 1].next = port->next;
  else
    self->networks[port->network].first = port->next;
}

static void
publish (BsSwitchPortState *state, const BsSwitchRequest *request, int fd)
{
  state->network = request->add.network;
  state->kind = request->add.kind;
  state->offload = request->add.offload;
  state->identity = request->add.identity;
  for (unsigned i = 0; i < sizeof state->mac; i++)
    state->mac[i] = request->add.mac[i];
  __atomic_store_n (&state->descriptor, (uint32_t) fd, __ATOMIC_RELEASE);
}

int
bs_port_add (BsSwitch *self, const BsSwitchRequest *request, int fd)
{
  BsPort *port = &self->ports[request->port];
  uint64_t mac = bs_mac_load (request->add.mac);
  struct epoll_event event
      = { .events = EPOLLIN | EPOLLRDHUP, .data.u64 = bs_event_of_port (self, (uint16_t) request->port) };

  if (port->fd > 0)
    return EEXIST;
  if (mac != 0 && bs_pins_find (&self->pins, request->add.network, mac) != BS_PORT_NONE)
    return EADDRINUSE;
  if (!is_unix_datagram (fd))
    return EINVAL;
  if (epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    return errno;
  *port = (BsPort){ .fd = fd,
                    .events = event.events,
                    .network = request->add.network,
                    .epoch = port->epoch,
                    .mac = mac,
                    .wire = &self->deliver.impair,
                    .counters = &self->memory->ports[request->port] };
  join_network (self, request->port);
  if (mac != 0)
    bs_pins_add (&self->pins, request->add.network, mac, request->port);
  publish (&self->memory->state[request->port], request, fd);
  return 0;
}

/* The supervisor holds the same open socket: closing ours alone would leave it in the epoll set. */
int
bs_port_remove (BsSwitch *self, uint32_t number)
{
  BsPort *port = &self->ports[number];

  if (port->fd == 0)
    return ENOENT;
  __atomic_store_n (&self->memory->state[number].descriptor, 0, __ATOMIC_RELEASE);
  bs_port_hang_up (self, number);
  bs_pins_remove (&self->pins, number);
  leave_network (self, number);
  close (port->fd);
  port->fd = 0;
  port->epoch++;
  for (uint64_t *counter = (uint64_t *) port->counters; counter < (uint64_t *) (port->counters + 1); counter++)
    __atomic_store_n (counter, 0, __ATOMIC_RELAXED);
  return 0;
}

void
bs_port_hang_up (BsSwitch *self, uint16_t number)
{
  bs_port_drop_queue (self, number);
  bs_port_watch (self, number, 0);
}

void
bs_port_receive (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];
  int n = recvmmsg (port->fd, self->rx, BS_BATCH, MSG_DONTWAIT, NULL);

  for (int i = 0; i < n; i++)
    if ((self->rx[i].msg_hdr.msg_flags & MSG_TRUNC) == 0)
      bs_forward (self, number, self->rx_parts[i].iov_base, self->rx[i].msg_len);
    else
      {
        bs_count (&port->counters->rx_packets, 1);
        bs_count (&port->counters->rx_bytes, self->rx[i].msg_len);
        bs_drop (port, BS_SWITCH_DROP_OVERSIZE);
        bs_tap_dropped (&self->taps, port->network, number, BS_SWITCH_ANY, BS_SWITCH_DROP_OVERSIZE,
                        self->rx_parts[i].iov_base, BS_SWITCH_FRAME_MAX);
      }
  self->congested = false;
  bs_port_flush_all (self);
  if (self->congested && n == BS_BATCH)
    bs_pace_pause (self, number);
}
