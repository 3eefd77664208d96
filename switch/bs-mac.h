/* SPDX-License-Identifier: Apache-2.0 */
/* bs-mac.h — which port a hardware address is behind
 *
 * Two tables. *Pins* are the addresses that the plan gave to the machines: bound to their port when it is added, never
 * learnt, aged or evicted, so that no machine can draw another's traffic to itself by sending with its address.
 * *Learnt* addresses (of bridges and machines inside a node) come from traffic and so are the guests' to write: each
 * network has a table of its own, of fixed size, and a machine that invents addresses by the million can only evict
 * those of its own network, where frames to them are then flooded as if never learnt. That is all it can gain, so the
 * hash has no secret: the same traffic meets the same table on every host.
 *
 * Ageing needs no timer: an entry carries the second it was last seen, and one that is too old is not found, and is the
 * first to be replaced. An entry also carries the epoch of its port, which changes when the port is removed, so that
 * removing one touches no table.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bs-switch-protocol.h"

#define BS_MAC_WAYS 4
#define BS_MAC_BUCKETS 256
#define BS_MAC_AGE_SEC 300 /* IEEE 802.1Q, 8.8.3: the recommended ageing time */
#define BS_PORT_NONE UINT16_MAX
#define BS_PINS_HEADS 8192

typedef struct
{
  uint64_t mac; /* 0: empty */
  uint32_t seen_sec;
  uint16_t port;
  uint16_t epoch;
} BsMacEntry;

typedef struct
{
  BsMacEntry buckets[BS_MAC_BUCKETS][BS_MAC_WAYS]; /* a bucket is one cache line */
} BsMacTable;

/* The address as a number; any 6 bytes. */
static inline uint64_t
bs_mac_load (const uint8_t *bytes)
{
  return (uint64_t) bytes[0] << 40 | (uint64_t) bytes[1] << 32 | (uint64_t) bytes[2] << 24 | (uint64_t) bytes[3] << 16
         | (uint64_t) bytes[4] << 8 | bytes[5];
}

/* The entry of @mac, however old, or NULL. Whether its port still has that epoch is the caller's to check. */
const BsMacEntry *bs_mac_table_find (const BsMacTable *self, uint64_t mac, uint32_t now_sec);
/* Notes that @mac was just seen at @port; replaces the oldest of its bucket when there is no room. 0 is never learnt.
 */
void bs_mac_table_learn (BsMacTable *self, uint64_t mac, uint16_t port, uint16_t epoch, uint32_t now_sec);

/* One pin a port at most: chains of port numbers. Zeroed memory is an empty table: numbers are stored plus one. */
typedef struct
{
  uint16_t heads[BS_PINS_HEADS];
  uint16_t next[BS_SWITCH_PORTS_MAX];
  uint64_t keys[BS_SWITCH_PORTS_MAX]; /* network and address; 0: no pin */
} BsPins;

/* The port that @mac is pinned to on @network, or %BS_PORT_NONE. */
uint16_t bs_pins_find (const BsPins *self, uint32_t network, uint64_t mac);
/* @mac must not be 0 nor pinned on @network, and @port have no pin. */
void bs_pins_add (BsPins *self, uint32_t network, uint64_t mac, uint16_t port);
/* No pin is fine. */
void bs_pins_remove (BsPins *self, uint16_t port);
