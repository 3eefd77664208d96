/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tap.h — taps: copies of what passes, and of what was decided of it, for whoever asked (bs-switch-protocol.h)
 *
 * Goals. Nearly free when there is no tap: each hook below is one branch on `wanted`, the sum of what all taps ask for.
 * A tap never slows a packet nor takes one away: what its reader does not take is lost to it, and counted there. No
 * allocation: samples for sockets are copied into one buffer, which goes out by sendmmsg(2) at the end of a turn, or
 * when it is full; samples for a ring are written straight to their place.
 *
 * A frame is copied when the hook is called, because a later member of the chain may change it. A frame that its sender
 * left to be segmented is sampled as one, as the machine sent it.
 */
#pragma once

#include "bs-switch-protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define BS_TAP_SAMPLES 256         /* that wait for their sockets at most */
#define BS_TAP_BUFFER (256u << 10) /* bytes of those, besides the longest one */
#define BS_TAP_RING_MAX (UINT64_C (1) << 32)

typedef struct
{
  BsSwitchTap what;
  bool used;
  bool closed; /* its reader is gone: to be ended when the batch is over */
  int fd;
  uint32_t lost;      /* samples since the last one that was taken */
  uint32_t n_waiting; /* of the buffer */
  BsSwitchRing *ring; /* NULL: a socket */
  uint64_t size;      /* of the ring's data, as it was when it was mapped: nobody can change our copy */
  uint64_t oldest, next;
} BsTap;

/* Zeroed memory is no taps. */
typedef struct
{
  uint32_t wanted; /* BsSwitchTapWhat of all taps */
  uint32_t n_waiting;
  uint32_t bytes; /* of the buffer that are taken */
  struct
  {
    uint32_t tap, offset, length;
  } waiting[BS_TAP_SAMPLES];
  BsTap taps[BS_SWITCH_TAPS_MAX];
  struct mmsghdr messages[BS_TAP_SAMPLES];
  struct iovec parts[BS_TAP_SAMPLES];
  uint8_t scratch[BS_SWITCH_FRAME_MAX]; /* a frame of several parts in one piece */
  _Alignas(8) uint8_t buffer[BS_TAP_BUFFER + sizeof (BsSwitchSample) + BS_SWITCH_FRAME_MAX + 8];
} BsTaps;

/* What a sample tells. */
typedef struct
{
  uint32_t kind, cause;
  uint32_t network;
  uint32_t from, to; /* ports, or BS_SWITCH_ANY */
  const void *data;
  uint32_t length;
} BsTapEvent;

/* Whether a request says something that makes sense, whatever is there already. */
bool bs_tap_is_valid (const BsSwitchTap *what);
/* Returns: 0 and takes @fd; or the errno to answer with */
int bs_tap_add (BsTaps *self, const BsSwitchTap *what, int fd);
/* What waits for it is sent before. Returns: 0 or ENOENT */
int bs_tap_remove (BsTaps *self, uint32_t number);
void bs_tap_clear (BsTaps *self);

/* Copies @event to all taps that want it. */
void bs_tap_take (BsTaps *self, uint32_t want, const BsTapEvent *event);
/* Hands the sockets what waits for them; ends taps whose socket is closed. */
void bs_tap_send (BsTaps *self);

/* A frame in pieces. */
typedef struct
{
  const struct iovec *parts;
  size_t n;
} BsTapParts;

/* As bs_tap_take(), of a frame whose bytes are in @parts. */
void bs_tap_take_parts (BsTaps *self, uint32_t want, BsTapEvent event, BsTapParts parts);

/* Hooks: each costs one branch while nobody asks. */

/* A machine sent it, to @to or (BS_SWITCH_ANY) to whom it may concern; dropped ones too. */
static inline void
bs_tap_sent (BsTaps *self, uint32_t network, uint32_t from, uint32_t to, const void *data, uint32_t length)
{
  if (__builtin_expect ((self->wanted & BS_SWITCH_TAP_PACKETS) != 0, 0))
    bs_tap_take (self, BS_SWITCH_TAP_PACKETS,
                 &(BsTapEvent){ BS_SWITCH_SAMPLE_SENT, 0, network, from, to, data, length });
}

/* Whether it is worth gathering what bs_tap_received() wants. */
static inline bool
bs_tap_wants (const BsTaps *self, uint32_t what)
{
  return __builtin_expect ((self->wanted & what) != 0, 0);
}

/* A machine's socket took it. */
static inline void
bs_tap_received (BsTaps *self, uint32_t network, uint32_t from, uint32_t to, const void *data, uint32_t length)
{
  if (bs_tap_wants (self, BS_SWITCH_TAP_PACKETS))
    bs_tap_take (self, BS_SWITCH_TAP_PACKETS,
                 &(BsTapEvent){ BS_SWITCH_SAMPLE_RECEIVED, 0, network, from, to, data, length });
}

static inline void
bs_tap_dropped (BsTaps *self, uint32_t network, uint32_t from, uint32_t to, BsSwitchDrop cause, const void *data,
                uint32_t length)
{
  if (bs_tap_wants (self, BS_SWITCH_TAP_DROPS))
    bs_tap_take (self, BS_SWITCH_TAP_DROPS,
                 &(BsTapEvent){ BS_SWITCH_SAMPLE_DROPPED, cause, network, from, to, data, length });
}

static inline void
bs_tap_received_parts (BsTaps *self, uint32_t network, uint32_t from, uint32_t to, BsTapParts parts)
{
  if (bs_tap_wants (self, BS_SWITCH_TAP_PACKETS))
    bs_tap_take_parts (self, BS_SWITCH_TAP_PACKETS,
                       (BsTapEvent){ BS_SWITCH_SAMPLE_RECEIVED, 0, network, from, to, NULL, 0 }, parts);
}

static inline void
bs_tap_dropped_parts (BsTaps *self, uint32_t network, uint32_t from, uint32_t to, BsSwitchDrop cause, BsTapParts parts)
{
  if (bs_tap_wants (self, BS_SWITCH_TAP_DROPS))
    bs_tap_take_parts (self, BS_SWITCH_TAP_DROPS,
                       (BsTapEvent){ BS_SWITCH_SAMPLE_DROPPED, cause, network, from, to, NULL, 0 }, parts);
}

static inline void
bs_tap_decided (BsTaps *self, uint32_t network, uint32_t from, uint32_t to, const BsSwitchDecision *decision)
{
  if (bs_tap_wants (self, BS_SWITCH_TAP_DECISIONS))
    bs_tap_take (self, BS_SWITCH_TAP_DECISIONS,
                 &(BsTapEvent){ BS_SWITCH_SAMPLE_DECISION, 0, network, from, to, decision, sizeof *decision });
}

/* The end of a turn. */
static inline void
bs_tap_flush (BsTaps *self)
{
  if (__builtin_expect (self->n_waiting != 0, 0))
    bs_tap_send (self);
}
