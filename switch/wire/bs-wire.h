/* SPDX-License-Identifier: Apache-2.0 */
/* bs-wire.h — conditions: what happens to packets between two ports, and the theory of it
 *
 * A packet meets up to two wires. The first is its sender's: the pair's (sender, receiver) if that pair has one, else
 * the sending port's. The second is its receiver's ingress. Both are the same chain of impairments, one function each:
 *
 *   cut → enter → dice → loss → duplicate → corrupt → rate → delay → ingress     (sender)
 *         enter → dice → loss → duplicate → corrupt → rate → delay → deliver     (ingress)
 *
 *   cut        a partition has them on different sides: dropped, whatever the wire is like
 *   enter      finds the wire; drops when it is down
 *   dice       bs_judge: the packet takes its place in its flow, and the seed says all that will happen to it
 *   loss, duplicate, corrupt   do what the dice said
 *   rate       lines up in a bucket, which carries so many bits a second, or follows a trace
 *   delay      waits; goes ahead without when the dice said so (reorder)
 *   ingress    enters the receiver's wire, if that does anything, else is delivered
 *
 * A port without any condition has no chain: it begins at `ingress`, which costs one branch.
 *
 * Judged before queued. The dice fall when a packet arrives, so its index counts what the machine sent, and neither a
 * queue that is full nor the time of day changes what happens to the packets behind it.
 *
 * Waiting. What waits for its rate or its delay is in the pool, in cells of its own, with its BsPacket in the first of
 * them: to go on is to read that back. Each packet waits in one place: a bucket's queue, which has one event in the
 * switch's schedule (when its head will have left), or the schedule itself. Time is what the schedule says: an event
 * that is served late happens at the time that it was due, so lateness never adds up, and rates are exact. A port
 * may not hold more cells than are still free, whatever it is that they wait for.
 *
 * Order. Between two ports packets keep their order under jitter: each is due not before the one ahead of it
 * (bs-order.h). Those that are reordered go ahead without a delay. When a wire is set anew, what is sent afterwards may
 * overtake what is under way: nobody wants to wait for an hour that was declared by mistake.
 *
 * A frame that goes to many ports was sent once: on the sending port's bucket its first copy that is taken carries the
 * cost, the others pass with it. Duplicates cost as much as what they are copies of.
 *
 * What is given up: memory is bounded, so a long fat delay may drop (BS_SWITCH_DROP_MEMORY); CoDel and the limits of
 * a queue see the packets of one bucket as one queue, without a fair share for each flow.
 */
#pragma once

#include "bs-codel.h"
#include "bs-impair.h"
#include "bs-order.h"
#include "bs-schedule.h"
#include "bs-switch-protocol.h"
#include "bs-trace.h"

#include <stdbool.h>

/* Oldest first, linked by BsCell.after. The head is the one that is carried now. */
typedef struct
{
  uint32_t head, tail;
  uint32_t n;
  bool is_carrying; /* the head will have left at end_nsec, which is in the schedule */
  uint64_t bytes;   /* what all will be charged, the head included */
  uint64_t end_nsec;
  uint64_t remainder; /* of end_nsec: in 1 / rate of a nanosecond */
  BsCodel codel;
  BsTrace trace;
} BsBucket;

struct _BsWire
{
  BsSwitchWire config;
  uint32_t epoch; /* changes whenever it is set */
  bool has_dice;
  BsBucket bucket;
};

/* Numbers of wires: the sending ports', the ingresses', the pairs'. */
#define BS_WIRES_MAX (2 * BS_SWITCH_PORTS_MAX + BS_SWITCH_PAIRS_MAX)
#define BS_WIRE_OF_INGRESS BS_SWITCH_PORTS_MAX
#define BS_WIRE_OF_PAIRS (2 * BS_SWITCH_PORTS_MAX)
#define BS_PAIR_HEADS 65536

/* Zeroed memory is no wires: numbers of pairs are stored plus one. */
typedef struct
{
  BsWire all[BS_WIRES_MAX];
  uint32_t heads[BS_PAIR_HEADS];
  uint32_t next[BS_SWITCH_PAIRS_MAX]; /* of the same head, or free */
  uint32_t keys[BS_SWITCH_PAIRS_MAX]; /* 0: free */
  uint32_t free, used;
} BsWires;

typedef struct
{
  BsImpair cut, enter, dice, loss, duplicate, corrupt, rate, delay;
} BsChain;

/* bs-chain.c */
void bs_chain_init (BsSwitch *self);

/* impair-*.c */
void bs_cut_push (BsImpair *self, BsPacket *packet);
void bs_enter_push (BsImpair *self, BsPacket *packet);
void bs_dice_push (BsImpair *self, BsPacket *packet);
void bs_loss_push (BsImpair *self, BsPacket *packet);
void bs_duplicate_push (BsImpair *self, BsPacket *packet);
void bs_corrupt_push (BsImpair *self, BsPacket *packet);
void bs_rate_push (BsImpair *self, BsPacket *packet);
void bs_delay_push (BsImpair *self, BsPacket *packet);
void bs_ingress_push (BsImpair *self, BsPacket *packet);

/* bs-judge.c */
/* What is to happen to @packet on @wire, as its next place in its flow and the seed say. */
BsSwitchDecision bs_judge (BsSwitch *self, const BsWire *wire, BsPacket *packet);

/* bs-wires.c */
/* The wire that @packet is on. */
BsWire *bs_wires_of (BsSwitch *self, const BsPacket *packet);
/* @fd: the trace, or -1. Returns: 0, or an errno as in bs-switch-protocol.h */
int bs_wires_set (BsSwitch *self, uint16_t port, const BsSwitchWire *config, int fd);
int bs_wires_cut (BsSwitch *self, uint16_t port, const BsSwitchCuts *cuts);
/* A port that is removed: nothing of it waits any more, and nothing is known of its wires. */
void bs_wires_forget_port (BsSwitch *self, uint16_t port);

/* bs-wire-check.c */
/* Whether a wire is one that may be. */
bool bs_wire_is_valid (const BsSwitchWire *config);
/* Whether it does nothing to anybody. */
bool bs_wire_is_plain (const BsSwitchWire *config);

/* bs-bucket.c */
/* Lines up an own packet. */
void bs_bucket_put (BsSwitch *self, BsWire *wire, BsPacket *packet);
/* The head has left. */
void bs_bucket_serve (BsSwitch *self, BsWire *wire);
/* How long a packet would wait. */
uint64_t bs_bucket_wait (const BsSwitch *self, const BsWire *wire);
/* The wire is like @config from now on; what waits goes on at the new rate. Takes @trace. */
void bs_bucket_change (BsSwitch *self, BsWire *wire, const BsSwitchWire *config, const BsTrace *trace);
/* Drops what waits. */
void bs_bucket_clear (BsSwitch *self, BsWire *wire);

/* bs-transit.c: packets that wait */
/* Gives @packet bytes of its own. Returns: false when there was no room: it was dropped */
bool bs_transit_own (BsSwitch *self, BsPacket *packet);
/* As bs_transit_own(), of an own packet: gives @twin a copy of its bytes. */
bool bs_transit_copy (BsSwitch *self, BsPacket *twin);
/* Counts @cause where the wire's drops are counted, and gives back what the packet owns. */
void bs_transit_drop (BsSwitch *self, BsPacket *packet, BsSwitchDrop cause);
/* An own packet begins to wait, and is in its cell from now on. */
void bs_transit_park (BsSwitch *self, BsPacket *packet);
/* It waits no longer. Returns: false when one of its ports is gone: it was dropped */
bool bs_transit_unpark (BsSwitch *self, uint32_t cell, BsPacket *packet);
/* Parks it until @due_nsec, when it goes on behind `delay`. */
void bs_transit_delay (BsSwitch *self, BsPacket *packet, uint64_t due_nsec);
/* All of a port that is removed is dropped. */
void bs_transit_forget_port (BsSwitch *self, uint16_t port);
/* All that is due at @now_nsec. */
void bs_transit_run (BsSwitch *self, uint64_t now_nsec);
/* The port that a wire's doings are counted at. */
BsSwitchPortCounters *bs_transit_counters (BsSwitch *self, const BsPacket *packet);
