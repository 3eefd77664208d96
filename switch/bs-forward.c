/* SPDX-License-Identifier: Apache-2.0 */
/* bs-forward.c — classify: what a frame is and whom it is for
 *
 * As a bridge of IEEE 802.1Q without VLANs: a tag is payload (one learning segment a network), so tagged frames pass as
 * they are. Reads 14 bytes of a frame and nothing else.
 */
#include "bs-switch.h"

#include "bs-segment.h"

#include <net/ethernet.h>
#include <string.h>

static bool
is_group (const uint8_t *mac)
{
  return (mac[0] & 1) != 0;
}

static bool
is_reserved (const uint8_t *mac)
{
  static const uint8_t prefix[5] = { 0x01, 0x80, 0xc2, 0x00, 0x00 };

  return memcmp (mac, prefix, sizeof prefix) == 0 && (mac[5] & 0xf0) == 0;
}

/* A port's own pinned address is known without a look; an address that is pinned to another is not learnt here. */
static void
learn (BsSwitch *self, uint16_t in, uint64_t mac)
{
  const BsPort *port = &self->ports[in];

  if (mac == port->mac || bs_pins_find (&self->pins, port->network, mac) != BS_PORT_NONE)
    return;
  bs_mac_table_learn (&self->networks[port->network].learnt, mac, in, port->epoch, self->now_sec);
}

static uint16_t
find (const BsSwitch *self, uint16_t network, uint64_t mac)
{
  uint16_t port = bs_pins_find (&self->pins, network, mac);
  const BsMacEntry *entry;

  if (port != BS_PORT_NONE)
    return port;
  entry = bs_mac_table_find (&self->networks[network].learnt, mac, self->now_sec);
  if (entry == NULL || self->ports[entry->port].epoch != entry->epoch)
    return BS_PORT_NONE;
  return entry->port;
}

static void
flood (BsSwitch *self, BsPacket *packet)
{
  const BsPort *from = &self->ports[packet->in];

  packet->is_charged = false;
  for (uint16_t link = self->networks[from->network].first; link != 0; link = self->ports[link - 1].next)
    {
      if (link - 1 == packet->in)
        continue;
      packet->out = link - 1;
      bs_impair_push (from->wire, packet);
    }
}

/* To the receiver, or to all; the chain sees a packet for each. */
void
bs_spread_push (BsImpair *self, BsPacket *packet)
{
  BsSwitch *owner = self->owner;

  if (packet->out == BS_PORT_NONE)
    flood (owner, packet);
  else if (packet->out != packet->in)
    bs_impair_push (owner->ports[packet->in].wire, packet);
}

/* Returns: why a frame may not pass, or BS_SWITCH_DROPS */
static BsSwitchDrop
refusal (const uint8_t *data, uint32_t length)
{
  if (length < ETHER_HDR_LEN)
    return BS_SWITCH_DROP_RUNT;
  if (is_group (data + ETHER_ADDR_LEN))
    return BS_SWITCH_DROP_SOURCE;
  if (is_reserved (data))
    return BS_SWITCH_DROP_RESERVED;
  return BS_SWITCH_DROPS;
}

void
bs_forward (BsSwitch *self, uint16_t in, uint8_t *data, uint32_t length, const BsOffload *offload)
{
  BsPort *port = &self->ports[in];
  BsPacket packet = { .data = data, .length = length, .in = in, .offload = *offload, .cell = BS_CELL_NONE };
  BsSwitchDrop cause = refusal (data, length);

  bs_count (&port->counters->rx_packets, bs_segment_count (offload, length));
  bs_count (&port->counters->rx_bytes, bs_segment_bytes (offload, length));
  if (cause != BS_SWITCH_DROPS)
    {
      bs_drop (port, cause);
      bs_tap_sent (&self->taps, port->network, in, BS_SWITCH_ANY, data, length);
      bs_tap_dropped (&self->taps, port->network, in, BS_SWITCH_ANY, cause, data, length);
      return;
    }
  learn (self, in, bs_mac_load (data + ETHER_ADDR_LEN));
  packet.out = is_group (data) ? BS_PORT_NONE : find (self, port->network, bs_mac_load (data));
  bs_tap_sent (&self->taps, port->network, in, packet.out == BS_PORT_NONE ? BS_SWITCH_ANY : packet.out, data, length);
  if (port->wire == &self->ingress || bs_offload_is_nothing (offload))
    bs_spread_push (&self->spread, &packet);
  else
    bs_segments_push (self, &packet, &self->spread);
}
