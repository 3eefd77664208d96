/* SPDX-License-Identifier: Apache-2.0 */
/* bs-switch-protocol.h — what the supervisor says to the switch, and the memory they share
 *
 * The switch is started as `benchscale-switch TAG` with descriptor 3 a SOCK_SEQPACKET socket to the supervisor and
 * descriptor 4 a memfd. Messages are one fixed struct each, host byte order (same machine, same build checked by `version`
 * and `size`); the port's descriptor rides beside ADD_PORT. Each request is answered by one BsSwitchReply. A broken message is
 * answered with EPROTO and changes nothing. When descriptor 3 reads end of file the supervisor is gone: the switch goes on
 * carrying packets; a new supervisor cannot speak to it and starts a new one (see docs/architecture.md), which ends the old by SIGKILL.
 *
 * The memfd outlives a switch: the supervisor maps it too, reads the counters there and hands it to the next switch, which
 * validates it (magic, version, sizes) and starts from zero where it is not plausible. Counters have one writer (the switch),
 * are 64 bit and naturally aligned, and are read without locks.
 */
#pragma once

#include <stdint.h>

#define BS_SWITCH_CONTROL_FD 3
#define BS_SWITCH_MEMORY_FD 4
#define BS_SWITCH_VERSION 1
#define BS_SWITCH_MAGIC UINT64_C (0x6863746957736221)
#define BS_SWITCH_PORTS_MAX 4096
#define BS_SWITCH_NETWORKS_MAX 4096
#define BS_SWITCH_FRAME_MAX 65535

typedef enum
{
  BS_SWITCH_ADD_PORT = 1,    /* port, network, kind, mac; one descriptor */
  BS_SWITCH_REMOVE_PORT = 2, /* port */
  BS_SWITCH_PING = 3,        /* answered when all earlier requests took effect */
} BsSwitchOp;

typedef enum
{
  BS_SWITCH_PORT_DGRAM = 1, /* unix SOCK_DGRAM, one Ethernet frame without FCS a message (QEMU's -netdev dgram) */
} BsSwitchPortKind;

typedef struct
{
  uint16_t version; /* BS_SWITCH_VERSION */
  uint16_t size;    /* sizeof (BsSwitchRequest) */
  uint32_t op;
  uint32_t serial;  /* echoed */
  uint32_t port;    /* 0 … BS_SWITCH_PORTS_MAX - 1, chosen by the supervisor */
  uint32_t network; /* 0 … BS_SWITCH_NETWORKS_MAX - 1: one learning segment each */
  uint32_t kind;
  uint8_t mac[6];   /* the machine's, known from the plan: learnt from the start; zero if unknown */
  uint8_t reserved[2];
} BsSwitchRequest;

typedef struct
{
  uint16_t version;
  uint16_t size;
  uint32_t serial;
  int32_t result; /* 0 or an errno */
  uint32_t reserved;
} BsSwitchReply;

/* Why a frame was dropped: index into BsSwitchPortCounters.drops. */
typedef enum
{
  BS_SWITCH_DROP_RUNT,     /* shorter than an Ethernet header */
  BS_SWITCH_DROP_OVERSIZE,
  BS_SWITCH_DROP_FULL,     /* the receiver did not take it (its socket buffer is full) */
  BS_SWITCH_DROP_GONE,     /* the receiver has closed */
  BS_SWITCH_DROP_SOURCE,   /* group address as source */
  BS_SWITCH_DROP_RESERVED, /* 01:80:c2:00:00:0x (IEEE 802.1Q, 8.6.3) is never forwarded */
  BS_SWITCH_DROPS,
} BsSwitchDrop;

typedef struct
{
  uint64_t rx_packets, rx_bytes; /* from the machine */
  uint64_t tx_packets, tx_bytes; /* to the machine */
  uint64_t drops[BS_SWITCH_DROPS];
} BsSwitchPortCounters;

typedef struct
{
  uint64_t magic;
  uint32_t version;
  uint32_t size; /* of the whole mapping */
  uint64_t generation; /* how many switches have used it */
  BsSwitchPortCounters ports[BS_SWITCH_PORTS_MAX];
} BsSwitchMemory;
