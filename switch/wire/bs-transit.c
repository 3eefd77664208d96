/* SPDX-License-Identifier: Apache-2.0 */
/* bs-transit.c — packets on their way that wait: their memory, their count, and their time (see bs-wire.h) */
#include "bs-switch.h"

BsSwitchPortCounters *
bs_transit_counters (BsSwitch *self, const BsPacket *packet)
{
  return self->ports[packet->is_ingress ? packet->out : packet->in].counters;
}

static void
release (BsSwitch *self, BsPacket *packet)
{
  if (packet->cell != BS_CELL_NONE)
    bs_pool_release (&self->pool, packet->cell);
  packet->cell = BS_CELL_NONE;
}

static void
show_drop (BsSwitch *self, const BsPacket *packet, BsSwitchDrop cause)
{
  struct iovec whole = { packet->data, packet->length };
  BsTapParts parts = { &whole, 1 };

  if (packet->cell != BS_CELL_NONE)
    parts = (BsTapParts){ self->tx_parts, bs_pool_parts (&self->pool, packet->cell, self->tx_parts) };
  bs_tap_dropped_parts (&self->taps, self->ports[packet->in].network, packet->in, packet->out, cause, parts);
}

void
bs_transit_drop (BsSwitch *self, BsPacket *packet, BsSwitchDrop cause)
{
  bs_count (&bs_transit_counters (self, packet)->drops[cause], 1);
  if (bs_tap_wants (&self->taps, BS_SWITCH_TAP_DROPS))
    show_drop (self, packet, cause);
  release (self, packet);
}

/* Whether the sender may hold so much more; if not, its packet is lost, and counted where it was to go. */
static bool
has_room (BsSwitch *self, const BsPacket *packet)
{
  uint32_t cells = bs_pool_cells (packet->length);

  if (self->ports[packet->in].held + cells <= self->pool.n_free)
    return true;
  bs_drop (&self->ports[packet->out], BS_SWITCH_DROP_MEMORY);
  if (bs_tap_wants (&self->taps, BS_SWITCH_TAP_DROPS))
    show_drop (self, packet, BS_SWITCH_DROP_MEMORY);
  return false;
}

static void
give (BsSwitch *self, BsPacket *packet, uint32_t cell)
{
  packet->cell = cell;
  packet->data = self->pool.cells[cell].data;
}

bool
bs_transit_own (BsSwitch *self, BsPacket *packet)
{
  if (packet->cell != BS_CELL_NONE)
    return true;
  if (!has_room (self, packet))
    return false;
  give (self, packet, bs_pool_store (&self->pool, packet->data, packet->length));
  return true;
}

bool
bs_transit_copy (BsSwitch *self, BsPacket *twin)
{
  if (!has_room (self, twin))
    return false;
  give (self, twin, bs_pool_copy (&self->pool, twin->cell));
  return true;
}

/* Adds what @packet holds to what its sender has waiting; @sign is 1 or -1. */
static void
account (BsSwitch *self, const BsPacket *packet, int64_t sign)
{
  BsPort *port = &self->ports[packet->in];

  port->held += (uint32_t) (sign * (int64_t) bs_pool_cells (packet->length));
  bs_count (&port->counters->queued_packets, (uint64_t) sign);
  bs_count (&port->counters->queued_bytes, (uint64_t) (sign * (int64_t) packet->length));
}

void
bs_transit_park (BsSwitch *self, BsPacket *packet)
{
  packet->in_epoch = self->ports[packet->in].epoch;
  packet->out_epoch = self->ports[packet->out].epoch;
  packet->wire = NULL;
  account (self, packet, 1);
  self->pool.cells[packet->cell].packet = *packet;
}

bool
bs_transit_unpark (BsSwitch *self, uint32_t cell, BsPacket *packet)
{
  bool has_sender, has_receiver;

  *packet = self->pool.cells[cell].packet;
  has_sender = self->ports[packet->in].epoch == packet->in_epoch;
  has_receiver = self->ports[packet->out].epoch == packet->out_epoch;
  if (has_sender)
    account (self, packet, -1);
  if (has_sender && has_receiver)
    return true;
  release (self, packet);
  return false;
}

void
bs_transit_delay (BsSwitch *self, BsPacket *packet, uint64_t due_nsec)
{
  bs_transit_park (self, packet);
  bs_schedule_put (&self->schedule, due_nsec, packet->cell);
}

static void
arrive (BsSwitch *self, uint32_t cell)
{
  BsPacket packet;

  if (bs_transit_unpark (self, cell, &packet))
    bs_impair_push (packet.is_ingress ? self->receiving.delay.next : self->sending.delay.next, &packet);
}

void
bs_transit_run (BsSwitch *self, uint64_t now_nsec)
{
  if (bs_schedule_due (&self->schedule) > now_nsec)
    return;
  do
    {
      BsEvent event = bs_schedule_take (&self->schedule);

      self->now_nsec = event.due_nsec;
      if (event.what < BS_POOL_CELLS)
        arrive (self, event.what);
      else
        bs_bucket_serve (self, &self->wires.all[event.what - BS_POOL_CELLS]);
    }
  while (bs_schedule_due (&self->schedule) <= now_nsec);
  self->now_nsec = now_nsec;
  bs_port_flush_all (self);
}

typedef struct
{
  BsSwitch *owner;
  uint16_t port;
} Removal;

static bool
forget (uint32_t what, void *data)
{
  const Removal *removal = data;
  BsPacket packet;

  if (what >= BS_POOL_CELLS)
    return false;
  packet = removal->owner->pool.cells[what].packet;
  if (packet.in != removal->port && packet.out != removal->port)
    return false;
  if (bs_transit_unpark (removal->owner, what, &packet))
    release (removal->owner, &packet);
  return true;
}

void
bs_transit_forget_port (BsSwitch *self, uint16_t port)
{
  Removal removal = { self, port };

  bs_schedule_take_out (&self->schedule, forget, &removal);
}
