/* SPDX-License-Identifier: Apache-2.0 */
/* bs-switch.h — the whole state of one switch, and a packet's way through it
 *
 * A packet's way: port → classify → the sender's wire → the receiver's → port. What wires do, and the theory of it, is
 * in wire/bs-wire.h; where nothing is declared they cost a branch.
 *
 *   bs_port_receive   takes a batch of frames from one socket (recvmmsg) into the staging area
 *   bs_forward        looks at one frame: counts it, drops what may not pass, learns its source, finds its receivers
 *   bs_impair_push    takes it through the wires to one receiver (bs-impair.h); ends in `deliver`
 *   bs_port_push      lays it into the receiver's batch: a pointer into the staging area, no copy; or what waited on a
 *                     wire into its queue, no copy either
 *   bs_port_flush     when the whole batch was looked at, hands each receiver its part (sendmmsg)
 *
 * What a receiver does not take at once is copied into its queue (bs-pool.h) and sent when its socket can be written
 * again. Until then frames for it join the queue, so that order is kept. The queue is bounded; what does not fit is
 * dropped (drop-tail). So no port ever waits for another. The bound smooths bursts: a guest under emulation takes one
 * frame per turn of its main loop, and TCP pays dearly for each needless loss. A port may hold no more cells than are
 * still free, so the first ports that stop reading cannot spend the whole budget: each further one finds half of what
 * the former left.
 *
 * Unix datagram socket pairs, as measured: a sender gets EAGAIN when its own SO_SNDBUF is full (208 KiB: 93 frames of
 * 1514 bytes, 278 of 64); net.unix.max_dgram_qlen does not apply between a connected pair. EPOLLOUT comes when three
 * quarters of it were read: so a slow receiver costs one wake-up for some 70 frames and never a spin. A closed peer is
 * not reported at all, only by the next send (ECONNREFUSED, then ENOTCONN).
 *
 * Taking in at full speed what must then be dropped would cost the processor time that the receiver needs to catch up
 * (receive livelock: Mogul and Ramakrishnan, 1997). So a source that had a full batch waiting, of which some must wait
 * for a receiver, is paced: it is read again when some queue moves, or after 250 us, whichever is first. So a receiver
 * that is alive slows a flooding sender to its own pace, with few losses; a deaf one cannot hold the sender below a
 * rate that guests hardly reach. A source with less than a batch waiting is never paced, nor any other port.
 *
 * One thread, level-triggered epoll, and one timer: the wait for events ends when that pause does, or when the first
 * of the packets that wait for their rate or delay is due. So nothing runs when nothing comes. All is in fixed arrays;
 * a page that was never needed is never touched, so the arrays may be wide. No cost depends on how many ports there
 * are, but a flood's on how many its network has.
 *
 * What is given up: a receiver that is slow loses packets rather than slowing its sender (QEMUs back to back do that);
 * wires are lossy, and a stalled receiver must not stall the others.
 */
#pragma once

#include "bs-impair.h"
#include "bs-mac.h"
#include "bs-port-kind.h"
#include "bs-pool.h"
#include "bs-replay.h"
#include "bs-switch-protocol.h"
#include "bs-tap.h"
#include "bs-vnet.h"
#include "bs-wire.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>

#define BS_BATCH 64
/* Cells of 2 KiB that wait for one port at most: 1 MiB, or 512 frames. */
#define BS_PORT_QUEUE_CELLS 512
/* A source that is paced is read after so long at the latest: at least 256 frames a millisecond. */
#define BS_PAUSE_NSEC UINT64_C (250000)
/* What is due within so short a time is done at once. A timer wakes us, and the receiver wakes, late by about as much;
 * and what is due together needs one wake-up. In the time of the schedule nothing moves by that. */
#define BS_EARLY_NSEC UINT64_C (30000)
/* Apart in memory so that the slots do not all begin in the same set of the cache. */
#define BS_STAGING_STRIDE (BS_SWITCH_FRAME_MAX + 1 + 33 * 64)
/* Before each frame of the staging area and of the segments: for the header that a port may want. */
#define BS_HEAD_ROOM 16
/* What a batch's offloaded packets may become (bs-segments.c); more ends the batch early. */
#define BS_SEGMENTS_ROOM (256u << 10)

/* Oldest frame first; each links to the one behind it. */
typedef struct
{
  uint32_t head, tail;
  uint32_t cells;
} BsQueue;

/* A frame of this batch. */
typedef struct
{
  uint8_t *data;
  uint32_t length;
  uint16_t in;
  BsOffload offload;
} BsOut;

struct _BsPort
{
  int fd;          /* 0: no such port, so that untouched memory is a free port */
  uint32_t events; /* what epoll watches; 0: no longer registered */
  uint16_t network;
  uint16_t epoch;          /* changes when the port is removed: older learnt addresses are void */
  uint16_t next, previous; /* of the same network */
  uint64_t mac;            /* pinned; 0: none */
  uint64_t identity;       /* what decisions depend on */
  const BsPortKind *kind;
  uint32_t offload; /* BsSwitchOffload: what it takes in without our help */
  BsImpair *wire;   /* what its frames go through */
  bool has_ingress; /* what is for it goes through a wire of its own */
  bool is_dirty;    /* has something to be flushed */
  uint32_t n_pairs; /* wires to single receivers */
  uint32_t held;    /* cells of what it sent, which waits for its rate or its delay */
  BsSwitchCuts cuts;
  BsQueue queue;
  BsSwitchPortCounters *counters;
  uint32_t n_ready; /* frames that were laid into its queue since it was flushed */
  uint32_t n_out;   /* this batch's frames for it */
  BsOut out[BS_BATCH];
};

typedef struct
{
  uint16_t first; /* port, plus one; 0: none */
  BsMacTable learnt;
} BsNetwork;

typedef int (*BsSendFunc) (int fd, struct mmsghdr *messages, unsigned n, int flags);

struct _BsSwitch
{
  int epoll;
  int control;              /* -1: the supervisor is gone */
  uint64_t (*clock) (void); /* monotonic nanoseconds, but for tests */
  uint64_t now_nsec;        /* when what is being done happens: read once a batch, or the due time of an event */
  uint32_t now_sec;         /* the same, once a turn of the loop */
  bool congested;           /* a frame of this batch must wait, or found no room to */
  uint32_t n_paused;        /* sources that are not read until pause_end_usec, or a queue moves */
  uint16_t paused[BS_SWITCH_PORTS_MAX];
  uint64_t pause_end_nsec;
  BsSendFunc send; /* sendmmsg(2), but for the fuzzer */
  BsSwitchMemory *memory;
  BsImpair spread, ingress, deliver;
  BsChain sending, receiving;
  BsSchedule schedule;
  BsPool pool;
  uint32_t n_dirty; /* ports with frames in this batch */
  uint16_t dirty[BS_SWITCH_PORTS_MAX];
  bool reply_waits; /* the supervisor does not read its answers */
  BsSwitchReply reply;

  uint8_t *staging; /* BS_BATCH slots, mapped, and room for segments */
  uint8_t *segments;
  uint32_t segments_used;
  struct mmsghdr rx[BS_BATCH];
  struct iovec rx_parts[BS_BATCH];
  struct mmsghdr tx[BS_BATCH];
  struct iovec tx_parts[BS_BATCH * (BS_POOL_PARTS_MAX + 1)];
  uint8_t tx_headers[BS_BATCH][BS_VNET_LENGTH];
  uint16_t tx_from[BS_BATCH]; /* who sent each */

  BsTaps taps;
  BsReplay replay;
  BsPins pins;
  BsOrder order;
  BsWires wires;
  BsPort ports[BS_SWITCH_PORTS_MAX];
  BsNetwork networks[BS_SWITCH_NETWORKS_MAX];
};

/* Data of epoll events: this, or a port's number and epoch. */
#define BS_EVENT_CONTROL UINT64_MAX

static inline uint64_t
bs_event_of_port (const BsSwitch *self, uint16_t port)
{
  return (uint64_t) self->ports[port].epoch << 32 | port;
}

/* bs-switch.c */
/* @self is zeroed static memory, @memory as validated, @control may be -1. Returns: false with errno */
bool bs_switch_init (BsSwitch *self, BsSwitchMemory *memory, int control);
void bs_switch_clear (BsSwitch *self);
/* Waits for events once and serves them. Returns: false with errno when waiting is impossible */
bool bs_switch_turn (BsSwitch *self);

/* bs-port.c */
bool bs_port_is_valid_kind (uint32_t kind, uint32_t offload);
/* Returns: 0, or an errno as in bs-switch-protocol.h; takes @fd only on 0 */
int bs_port_add (BsSwitch *self, const BsSwitchRequest *request, int fd);
int bs_port_remove (BsSwitch *self, uint32_t port);
void bs_port_receive (BsSwitch *self, uint16_t port);
/* Counts a frame of the port that goes no further. */
void bs_port_refuse (BsSwitch *self, uint16_t port, const uint8_t *data, uint32_t length, BsSwitchDrop cause);
/* Stops listening to a port whose socket was shut down, and forgets its queue. */
void bs_port_hang_up (BsSwitch *self, uint16_t port);

/* bs-port-send.c */
/* A packet whose offload the port does not take in becomes wire segments. */
void bs_port_push (BsSwitch *self, const BsPacket *packet);
/* Ends the batch: every receiver gets its part. */
void bs_port_flush_all (BsSwitch *self);
/* The socket can be written again. */
void bs_port_drain (BsSwitch *self, uint16_t port);
void bs_port_drop_queue (BsSwitch *self, uint16_t port);

/* bs-pace.c */
/* Leaves a source alone that filled a batch for a receiver that has no room. */
void bs_pace_pause (BsSwitch *self, uint16_t port);
/* Reads all paused sources again. */
void bs_pace_resume (BsSwitch *self);
/* Until when to leave them alone; BS_NEVER when nobody is paused. */
uint64_t bs_pace_due (const BsSwitch *self);
/* Tells epoll what to watch; 0 ends it for good. */
void bs_port_watch (BsSwitch *self, uint16_t port, uint32_t events);

/* bs-segments.c */
/* Pushes what a wire carries of @packet, whose offload is not nothing: frames without offload, checksums complete, that
 * are valid and writable until the batch is flushed. May flush the batch. */
void bs_segments_push (BsSwitch *self, const BsPacket *packet, BsImpair *next);

/* bs-forward.c */
/* @length may be anything up to BS_SWITCH_FRAME_MAX; @data is writable and valid until the batch is flushed. @offload
 * is checked. */
void bs_forward (BsSwitch *self, uint16_t in, uint8_t *data, uint32_t length, const BsOffload *offload);

/* Pushes a packet to its receiver's wire, or (`out` is BS_PORT_NONE) to those of all. */
void bs_spread_push (BsImpair *self, BsPacket *packet);

/* bs-control-server.c */
/* Takes requests of the supervisor and answers them, until there are none. */
void bs_control_serve (BsSwitch *self, uint32_t events);
/**
 * bs_control_apply:
 * @fds: what came with it; one that is taken is replaced by -1
 *
 * Returns: 0 or the errno to answer with; @serial is as much of the request's as came
 */
int bs_control_apply (BsSwitch *self, const void *message, size_t length, int *fds, uint32_t n_fds, uint32_t *serial);

/* Counters have one writer; a reader must not see half a number. */
static inline void
bs_count (uint64_t *counter, uint64_t n)
{
  __atomic_store_n (counter, *counter + n, __ATOMIC_RELAXED);
}

static inline void
bs_drop (const BsPort *port, BsSwitchDrop cause)
{
  bs_count (&port->counters->drops[cause], 1);
}
