/* SPDX-License-Identifier: Apache-2.0 */
/* bs-switch-protocol.h — what the supervisor says to the switch, and the memory they share
 *
 * The switch is started as `benchscale-switch TAG` with descriptor 3 a SOCK_SEQPACKET socket to the supervisor and
 * descriptor 4 a memfd. Messages are one fixed struct each, host byte order (same machine, same build checked by
 * `version` and `size`); the port's descriptor rides beside ADD_PORT. Each request is answered by one BsSwitchReply.
 *
 * A request that is answered with an error changes nothing, and what descriptors came with it are closed:
 *   EPROTO      broken: wrong length, version, size, op, kind, a number out of range, a group address as mac, a
 *               reserved byte that is not zero, or not the right number of descriptors (1 for ADD_PORT, else 0)
 *   EEXIST      ADD_PORT of a port that is there
 *   EADDRINUSE  ADD_PORT with a mac that another port of the same network was added with
 *   EINVAL      ADD_PORT with a descriptor that is no unix SOCK_DGRAM socket
 *   EMFILE      ADD_PORT whose descriptor did not fit into the switch's table
 *   ENOENT      REMOVE_PORT of a port that is not there
 * The supervisor may send many requests before it reads the answers; a switch whose answers are not read takes no more
 * requests, and goes on carrying packets. All requests that are there are applied before frames are read: so send a new
 * switch its ports at once, without waiting for each answer, and no frame that waited for it meets half of a network.
 *
 * When descriptor 3 reads end of file the supervisor is gone: the switch goes on carrying packets; a new supervisor
 * cannot speak to it. It takes the memfd (descriptor 4) and the ports' descriptors (`state` below says which) with
 * pidfd_getfd(2), ends the old switch by SIGKILL, and starts a new one with the same memfd, to which it adds the ports.
 *
 * The memfd outlives a switch: the supervisor maps it too, reads the counters there and hands it to the next switch,
 * which validates it (magic, version, size; grown when it is too small) and starts from zero where it is not plausible.
 * Counters have one writer (the switch), are 64 bit and naturally aligned, and are read without locks. A port's begin
 * at zero again when it is removed, not when it is added: re-adding after a restart keeps them.
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
  uint8_t mac[6]; /* the machine's, known from the plan: bound to this port for ever; zero if unknown */
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
  /* counted at the port that it came from */
  BS_SWITCH_DROP_RUNT,     /* shorter than an Ethernet header */
  BS_SWITCH_DROP_OVERSIZE, /* longer than BS_SWITCH_FRAME_MAX, or than the receiver's socket buffer (counted there) */
  /* counted at the port that it was for */
  BS_SWITCH_DROP_FULL, /* the receiver does not keep up: its socket buffer and its queue are full */
  BS_SWITCH_DROP_GONE, /* the receiver has closed */
  /* counted at the port that it came from */
  BS_SWITCH_DROP_SOURCE,   /* group address as source */
  BS_SWITCH_DROP_RESERVED, /* 01:80:c2:00:00:0x (IEEE 802.1Q, 8.6.3) is never forwarded */
  /* counted at the port that it was for */
  BS_SWITCH_DROP_MEMORY, /* the receiver's queue may not grow: the memory budget of all queues is nearly spent */
  BS_SWITCH_DROPS,
} BsSwitchDrop;

typedef struct
{
  uint64_t rx_packets, rx_bytes; /* from the machine, dropped ones too; Ethernet bytes without FCS */
  uint64_t tx_packets, tx_bytes; /* to the machine, as its socket took them */
  uint64_t drops[BS_SWITCH_DROPS];
} BsSwitchPortCounters;

/* A port as the switch has it, for a new supervisor. */
typedef struct
{
  uint32_t descriptor; /* its number in the switch's table; 0: no such port. Written last. */
  uint32_t network;
  uint32_t kind;
  uint8_t mac[6];
  uint8_t reserved[2];
} BsSwitchPortState;

typedef struct
{
  uint64_t magic;
  uint32_t version;
  uint32_t size;       /* sizeof (BsSwitchMemory) */
  uint64_t generation; /* how many switches have used it */
  BsSwitchPortCounters ports[BS_SWITCH_PORTS_MAX];
  BsSwitchPortState state[BS_SWITCH_PORTS_MAX];
} BsSwitchMemory;
