/* SPDX-License-Identifier: Apache-2.0 */
/* bs-wires.c — which wire is between two ports, and how it is set */
#include "bs-switch.h"

#include "bs-dice.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define GOLDEN 0x9e3779b1u
#define NONE UINT32_MAX

_Static_assert(BS_PAIR_HEADS == 1 << 16, "a head is named by 16 bits");

static uint32_t
key_of (uint16_t in, uint16_t out)
{
  return 1u << 24 | (uint32_t) in << 12 | out;
}

static uint32_t *
head_of (BsWires *self, uint32_t key)
{
  return &self->heads[key * GOLDEN >> 16];
}

/* Returns: the pair's number, or NONE */
static uint32_t
find_pair (BsWires *self, uint32_t key)
{
  for (uint32_t link = *head_of (self, key); link != 0; link = self->next[link - 1])
    if (self->keys[link - 1] == key)
      return link - 1;
  return NONE;
}

static uint32_t
add_pair (BsWires *self, uint32_t key)
{
  uint32_t *head = head_of (self, key), pair;

  if (self->free != 0)
    {
      pair = self->free - 1;
      self->free = self->next[pair];
    }
  else if (self->used < BS_SWITCH_PAIRS_MAX)
    pair = self->used++;
  else
    return NONE;
  self->keys[pair] = key;
  self->next[pair] = *head;
  *head = pair + 1;
  return pair;
}

static void
remove_pair (BsWires *self, uint32_t pair)
{
  uint32_t *link = head_of (self, self->keys[pair]);

  while (*link != pair + 1)
    link = &self->next[*link - 1];
  *link = self->next[pair];
  self->keys[pair] = 0;
  self->next[pair] = self->free;
  self->free = pair + 1;
}

BsWire *
bs_wires_of (BsSwitch *self, const BsPacket *packet)
{
  uint32_t pair;

  if (packet->is_ingress)
    return &self->wires.all[BS_WIRE_OF_INGRESS + packet->out];
  if (self->ports[packet->in].n_pairs == 0)
    return &self->wires.all[packet->in];
  pair = find_pair (&self->wires, key_of (packet->in, packet->out));
  return &self->wires.all[pair != NONE ? BS_WIRE_OF_PAIRS + pair : packet->in];
}

/* A port's packets go the short way when nothing can happen to them. */
static void
choose_way (BsSwitch *self, uint16_t number)
{
  BsPort *port = &self->ports[number];
  bool is_plain = port->n_pairs == 0 && port->cuts.sends == 0 && bs_wire_is_plain (&self->wires.all[number].config);

  port->wire = is_plain ? &self->ingress : &self->sending.cut;
  port->has_ingress = !bs_wire_is_plain (&self->wires.all[BS_WIRE_OF_INGRESS + number].config);
}

/* All zero but where it is. */
static bool
is_nothing (const BsSwitchWire *config)
{
  static const BsSwitchWire zero;

  return memcmp (&config->flags, &zero.flags, sizeof zero - offsetof (BsSwitchWire, flags)) == 0;
}

/* Returns: a wire's number, or NONE when there are too many */
static uint32_t
take_place (BsSwitch *self, uint16_t port, const BsSwitchWire *config)
{
  uint32_t pair, key;

  if (config->direction == BS_SWITCH_DIRECTION_IN)
    return BS_WIRE_OF_INGRESS + port;
  if (config->to == BS_SWITCH_ANY)
    return port;
  key = key_of (port, (uint16_t) config->to);
  pair = find_pair (&self->wires, key);
  if (pair != NONE)
    return BS_WIRE_OF_PAIRS + pair;
  pair = add_pair (&self->wires, key);
  if (pair == NONE)
    return NONE;
  self->ports[port].n_pairs++;
  return BS_WIRE_OF_PAIRS + pair;
}

static void
change (BsSwitch *self, BsWire *wire, const BsSwitchWire *config, const BsTrace *trace)
{
  wire->epoch++;
  wire->has_dice = bs_dice_has_any (config);
  bs_bucket_change (self, wire, config, trace);
}

int
bs_wires_set (BsSwitch *self, uint16_t port, const BsSwitchWire *config, int fd)
{
  bool is_pair = config->to != BS_SWITCH_ANY;
  BsTrace trace = { 0 };
  uint32_t number;
  int result = 0;

  if (self->ports[port].fd == 0 || (is_pair && self->ports[config->to].fd == 0))
    return ENOENT;
  if (config->trace_bytes != 0)
    result = bs_trace_open (&trace, fd, config->trace_bytes, self->now_nsec);
  if (result != 0)
    return result;
  number = take_place (self, port, config);
  if (number == NONE)
    {
      bs_trace_close (&trace);
      return ENOSPC;
    }
  change (self, &self->wires.all[number], config, &trace);
  if (is_pair && is_nothing (config))
    {
      remove_pair (&self->wires, number - BS_WIRE_OF_PAIRS);
      self->ports[port].n_pairs--;
    }
  choose_way (self, port);
  bs_port_flush_all (self);
  return 0;
}

int
bs_wires_cut (BsSwitch *self, uint16_t port, const BsSwitchCuts *cuts)
{
  if (self->ports[port].fd == 0)
    return ENOENT;
  self->ports[port].cuts = *cuts;
  choose_way (self, port);
  return 0;
}

static void
forget_wire (BsSwitch *self, uint32_t number)
{
  BsWire *wire = &self->wires.all[number];

  bs_bucket_clear (self, wire);
  *wire = (BsWire){ .epoch = wire->epoch + 1 };
}

static void
forget_pairs (BsSwitch *self, uint16_t port)
{
  BsWires *wires = &self->wires;

  for (uint32_t pair = 0; pair < wires->used; pair++)
    {
      uint16_t in = wires->keys[pair] >> 12 & 0xfff, out = wires->keys[pair] & 0xfff;

      if (wires->keys[pair] == 0 || (in != port && out != port))
        continue;
      forget_wire (self, BS_WIRE_OF_PAIRS + pair);
      remove_pair (wires, pair);
      self->ports[in].n_pairs--;
      choose_way (self, in);
    }
}

void
bs_wires_forget_port (BsSwitch *self, uint16_t port)
{
  if (self->schedule.n != 0)
    bs_transit_forget_port (self, port);
  forget_wire (self, port);
  forget_wire (self, BS_WIRE_OF_INGRESS + port);
  forget_pairs (self, port);
}
