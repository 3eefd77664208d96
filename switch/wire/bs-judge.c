/* SPDX-License-Identifier: Apache-2.0 */
/* bs-judge.c — which packet it is, and so what the dice say of it */
#include "bs-switch.h"

#include "bs-dice.h"
#include "bs-flow.h"
#include "bs-frame.h"

/* Once a frame, as its machine sent it: a bit that was flipped on the way does not make it another's. Of an own packet
 * only the first part is looked at: what is behind it is no header. */
static void
parse (BsPacket *packet)
{
  uint32_t length = packet->cell != BS_CELL_NONE && packet->length > BS_CELL_DATA ? BS_CELL_DATA : packet->length;
  BsFrame frame;

  bs_frame_parse (&frame, packet->data, length);
  packet->protocol = frame.protocol;
  packet->lower_port = frame.lower_port;
  packet->is_parsed = true;
}

/* A replay wins over the dice, which were thrown all the same, so that what it does not know goes on as the seed says.
 */
static void
follow (const BsSwitch *self, BsSwitchDecision *decision)
{
  const BsSwitchDecision *past = bs_replay_find (&self->replay, decision);

  if (past != NULL)
    *decision = *past;
}

BsSwitchDecision
bs_judge (BsSwitch *self, const BsWire *wire, BsPacket *packet)
{
  uint64_t sender = self->ports[packet->in].identity;
  BsSwitchDecision decision;
  BsSwitchFlow *flow;
  uint64_t key;

  if (!packet->is_parsed)
    parse (packet);
  decision = (BsSwitchDecision){ .sender = packet->is_ingress ? ~sender : sender,
                                 .receiver = self->ports[packet->out].identity,
                                 .protocol = packet->protocol,
                                 .port = packet->lower_port };
  key = bs_dice_flow (&decision);
  flow = bs_flow_take (self->memory, key, self->now_sec);
  decision.index = flow->next_index++;
  bs_dice_throw (&wire->config, key, &flow->bad, packet->length, &decision);
  follow (self, &decision);
  bs_tap_decided (&self->taps, self->ports[packet->in].network, packet->in, packet->out, &decision);
  return decision;
}
