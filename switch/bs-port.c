/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port.c — ports come and go, and what a machine sends is taken in */
#include "bs-switch.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

static const BsPortKind *const kinds[] = {
  [BS_SWITCH_PORT_DGRAM] = &bs_port_dgram,
  [BS_SWITCH_PORT_TAP] = &bs_port_tap,
  [BS_SWITCH_PORT_UDP] = &bs_port_udp,
};

bool
bs_port_is_valid_kind (uint32_t kind, uint32_t offload)
{
  const uint32_t all = BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_TSO4 | BS_SWITCH_OFFLOAD_TSO6 | BS_SWITCH_OFFLOAD_USO;

  return kind < sizeof kinds / sizeof *kinds && kinds[kind] != NULL
         && (offload == 0 || (kind == BS_SWITCH_PORT_TAP && (offload & ~all) == 0));
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
  const BsPortKind *kind = kinds[request->add.kind];
  uint64_t mac = bs_mac_load (request->add.mac);
  struct epoll_event event
      = { .events = EPOLLIN | EPOLLRDHUP, .data.u64 = bs_event_of_port (self, (uint16_t) request->port) };

  if (port->fd > 0)
    return EEXIST;
  if (mac != 0 && bs_pins_find (&self->pins, request->add.network, mac) != BS_PORT_NONE)
    return EADDRINUSE;
  if (kind->check (fd) != 0)
    return EINVAL;
  if (epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    return errno;
  *port = (BsPort){ .fd = fd,
                    .events = event.events,
                    .network = request->add.network,
                    .epoch = port->epoch,
                    .mac = mac,
                    .kind = kind,
                    .offload = request->add.offload,
                    .identity = request->add.identity != 0 ? request->add.identity : request->port,
                    .wire = &self->ingress,
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
  bs_wires_forget_port (self, (uint16_t) number);
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
bs_port_refuse (BsSwitch *self, uint16_t number, const uint8_t *data, uint32_t length, BsSwitchDrop cause)
{
  const BsPort *port = &self->ports[number];

  bs_count (&port->counters->rx_packets, 1);
  bs_count (&port->counters->rx_bytes, length);
  bs_drop (port, cause);
  if (length > BS_SWITCH_FRAME_MAX)
    length = BS_SWITCH_FRAME_MAX;
  bs_tap_sent (&self->taps, port->network, number, BS_SWITCH_ANY, data, length);
  bs_tap_dropped (&self->taps, port->network, number, BS_SWITCH_ANY, cause, data, length);
}

void
bs_port_receive (BsSwitch *self, uint16_t number)
{
  bool is_full = self->ports[number].kind->receive (self, number);

  self->congested = false;
  bs_port_flush_all (self);
  if (self->congested && is_full)
    bs_pace_pause (self, number);
}
