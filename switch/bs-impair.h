/* SPDX-License-Identifier: Apache-2.0 */
/* bs-impair.h — what a wire does to packets: a chain of small things, each with one function and a next
 *
 * A packet on its way is one frame for one receiving port: a broadcast is as many packets as it has receivers, so that
 * each is judged for itself. It enters the chain of the port that it came from (conditions act once, on what a machine
 * sends) and every member drops it, changes it, keeps it for later or pushes it on. The last member is always
 * `deliver`, which lays the packet into the receiving port's batch.
 *
 * Ownership: `data` is borrowed. It is valid and writable until the push returns; whoever keeps a packet longer copies
 * it into the pool (bs-pool.h) first. `deliver` is the one exception: it keeps the pointer until the end of the batch.
 */
#pragma once

#include "bs-offload.h"

#include <stdint.h>

typedef struct
{
  uint8_t *data;     /* Ethernet frame without FCS, at least its 14 byte header */
  uint32_t length;   /* at most BS_SWITCH_FRAME_MAX */
  uint16_t in;       /* the port it came from */
  uint16_t out;      /* the port it is for; never the same, always of the same network */
  BsOffload offload; /* what is left to do before it may go on a wire; all zero: nothing */
} BsPacket;

typedef struct _BsImpair BsImpair;
struct _BsImpair
{
  void (*push) (BsImpair *self, BsPacket *packet);
  BsImpair *next; /* NULL in the last */
};

static inline void
bs_impair_push (BsImpair *self, BsPacket *packet)
{
  self->push (self, packet);
}

typedef struct _BsSwitch BsSwitch;

/* The end of every chain. */
typedef struct
{
  BsImpair impair;
  BsSwitch *owner;
} BsDeliver;

void bs_deliver_init (BsDeliver *self, BsSwitch *owner);
