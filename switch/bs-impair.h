/* SPDX-License-Identifier: Apache-2.0 */
/* bs-impair.h — what a wire does to packets: a chain of small things, each with one function and a next
 *
 * A packet on its way is one frame for one receiving port: a broadcast is as many packets as it has receivers, so that
 * each is judged for itself. Every member of a chain drops it, changes it, keeps it for later or pushes it on. The last
 * member is always `deliver`, which lays the packet into the receiving port's batch. Which members there are, and in
 * what order: wire/bs-wire.h.
 *
 * Ownership: a packet's bytes are borrowed (`cell` is BS_CELL_NONE) or its own, in the pool (bs-pool.h). Borrowed bytes
 * are valid until the push returns, and not to be written, as other packets may be of the same frame; whoever keeps the
 * packet longer or changes it copies it into the pool first (bs_transit_own). `deliver` is the one exception: it keeps
 * the pointer until the end of the batch. Own bytes go with the packet: who drops it gives them back.
 * The BsPacket itself is borrowed too; what a member changes in it the caller may see.
 */
#pragma once

#include "bs-offload.h"

#include <stdint.h>

typedef struct _BsSwitch BsSwitch;
typedef struct _BsWire BsWire;

typedef struct
{
  uint8_t *data;     /* Ethernet frame without FCS, at least its 14 byte header; of an own one: its first part */
  uint32_t length;   /* at most BS_SWITCH_FRAME_MAX */
  uint16_t in;       /* the port it came from */
  uint16_t out;      /* the port it is for; never the same, always of the same network */
  BsOffload offload; /* what is left to do before it may go on a wire; all zero: nothing */
  uint32_t cell;     /* its first cell; BS_CELL_NONE: borrowed */

  /* Of the wire that it is on. */
  BsWire *wire; /* only within one push */
  bool is_ingress;
  bool is_charged; /* another copy of the frame has paid for it at the sender's bucket */
  bool is_parsed;  /* its flow is known: as its machine sent it, whatever the wires did to it since */
  uint8_t protocol;
  uint16_t lower_port;
  uint8_t verdict; /* BsSwitchVerdict */
  uint32_t corrupt_bit;
  uint32_t cost; /* bytes that its bucket charges */
  int64_t jitter_nsec;
  uint64_t since_nsec;          /* when it began to wait for its rate */
  uint16_t in_epoch, out_epoch; /* of its ports, while it waits */
} BsPacket;

typedef struct _BsImpair BsImpair;
struct _BsImpair
{
  void (*push) (BsImpair *self, BsPacket *packet);
  BsImpair *next; /* NULL in the last */
  BsSwitch *owner;
};

static inline void
bs_impair_push (BsImpair *self, BsPacket *packet)
{
  self->push (self, packet);
}

/* impair-deliver.c: the end of every chain. */
void bs_deliver_push (BsImpair *self, BsPacket *packet);
