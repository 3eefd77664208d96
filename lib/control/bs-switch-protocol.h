/* SPDX-License-Identifier: Apache-2.0 */
/* bs-switch-protocol.h — what the supervisor says to the switch, and the memory they share
 *
 * The switch is started as `benchscale-switch TAG` with descriptor 3 a SOCK_SEQPACKET socket to the supervisor and
 * descriptor 4 a memfd. Messages are one fixed struct each, host byte order (same machine, same build checked by
 * `version` and `size`); a descriptor rides beside the requests that need one. Each request is answered by one
 * BsSwitchReply.
 *
 * A request that is answered with an error changes nothing, and what descriptors came with it are closed:
 *   EPROTO      broken: wrong length, version, size, op, kind, a number out of range, a group address as mac, a
 *               reserved byte that is not zero, or not the right number of descriptors
 *   EEXIST      ADD_PORT of a port that is there, ADD_TAP of a tap that is there
 *   EADDRINUSE  ADD_PORT with a mac that another port of the same network was added with
 *   EINVAL      a descriptor of another kind than the request says; a trace or log that does not validate
 *   EMFILE      a descriptor that did not fit into the switch's table
 *   ENOENT      REMOVE_PORT, SET_WIRE (to one too), SET_CUTS of a port that is not there; REMOVE_TAP of no tap
 *   ENOSPC      SET_WIRE of one pair more than BS_SWITCH_PAIRS_MAX
 * The supervisor may send many requests before it reads the answers; a switch whose answers are not read takes no more
 * requests, and goes on carrying packets. All requests that are there are applied before frames are read: so send a new
 * switch its ports and wires at once, without waiting for each answer, and no frame that waited for it meets half of a
 * network.
 *
 * When descriptor 3 reads end of file the supervisor is gone: the switch goes on carrying packets; a new supervisor
 * cannot speak to it. It takes the memfd (descriptor 4) and the ports' descriptors (`state` below says which) with
 * pidfd_getfd(2), ends the old switch by SIGKILL, and starts a new one with the same memfd, to which it adds the ports
 * and their wires.
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
#define BS_SWITCH_VERSION 2
#define BS_SWITCH_MAGIC UINT64_C (0x6863746957736221)
#define BS_SWITCH_PORTS_MAX 4096
#define BS_SWITCH_NETWORKS_MAX 4096
#define BS_SWITCH_PAIRS_MAX 65536 /* wires of pairs, all ports together */
#define BS_SWITCH_FLOWS_MAX 65536
#define BS_SWITCH_TAPS_MAX 64
#define BS_SWITCH_FRAME_MAX 65535
#define BS_SWITCH_ANY UINT32_MAX /* as port or network: all of them */

typedef enum
{
  BS_SWITCH_ADD_PORT = 1,    /* port, add; one descriptor */
  BS_SWITCH_REMOVE_PORT = 2, /* port */
  BS_SWITCH_PING = 3,        /* answered when all earlier requests took effect */
  BS_SWITCH_SET_WIRE = 4,    /* port, wire; one descriptor when wire.trace_bytes is not 0: the trace */
  BS_SWITCH_SET_CUTS = 5,    /* port, cuts */
  BS_SWITCH_ADD_TAP = 6,     /* tap; one descriptor: where the samples go */
  BS_SWITCH_REMOVE_TAP = 7,  /* tap.number */
  BS_SWITCH_SET_REPLAY = 8,  /* replay; one descriptor (the log), none when replay.bytes is 0: ends it */
} BsSwitchOp;

typedef enum
{
  BS_SWITCH_PORT_DGRAM = 1, /* unix SOCK_DGRAM, one Ethernet frame without FCS a message (QEMU's -netdev dgram) */
  BS_SWITCH_PORT_TAP = 2,   /* /dev/net/tun, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, 10 byte header, non-blocking */
  BS_SWITCH_PORT_UDP = 3,   /* connected UDP socket, one frame a datagram (libvirt's <interface type='udp'>) */
} BsSwitchPortKind;

/* What a TAP's machine takes in without our help, as TUNSETOFFLOAD was told: linux/if_tun.h's TUN_F_*. */
typedef enum
{
  BS_SWITCH_OFFLOAD_CSUM = 1 << 0,
  BS_SWITCH_OFFLOAD_TSO4 = 1 << 1,
  BS_SWITCH_OFFLOAD_TSO6 = 1 << 2,
  BS_SWITCH_OFFLOAD_USO = 1 << 3, /* UDP, both versions */
} BsSwitchOffload;

typedef struct
{
  uint32_t network; /* 0 … BS_SWITCH_NETWORKS_MAX - 1: one learning segment each */
  uint32_t kind;
  uint32_t offload; /* BsSwitchOffload; 0 but for TAPs */
  uint8_t mac[6];   /* the machine's, known from the plan: bound to this port for ever; zero if unknown */
  uint8_t reserved[2];
  uint64_t identity; /* of the interface, the same on every host and in every run (from its node's and its own name):
                        decisions depend on it, never on the port's number; 0: the port's number */
} BsSwitchAddPort;

/* Chances are in 1/2^32: 0 never, BS_SWITCH_ALWAYS always. */
#define BS_SWITCH_ALWAYS (UINT64_C (1) << 32)
#define BS_SWITCH_DELAY_MAX_NSEC (UINT64_C (3600) * 1000000000)
#define BS_SWITCH_RATE_MAX (UINT64_C (1000000000000)) /* bit/s */

typedef enum
{
  BS_SWITCH_JITTER_UNIFORM = 1, /* delay ± jitter, flat */
  BS_SWITCH_JITTER_NORMAL = 2,  /* standard deviation = jitter */
  BS_SWITCH_JITTER_PARETO = 3,  /* mean 0 and standard deviation = jitter about delay, long tail above: shape 3 */
} BsSwitchJitter;

typedef enum
{
  BS_SWITCH_WIRE_DOWN = 1 << 0,       /* carries nothing */
  BS_SWITCH_WIRE_BURST = 1 << 1,      /* loss by Gilbert-Elliott; `loss` is 0 */
  BS_SWITCH_WIRE_OWN_BUCKET = 1 << 2, /* a pair's rate, queue or trace is its own; else the sending port's is used */
  BS_SWITCH_WIRE_CODEL = 1 << 3,      /* RFC 8289, target 5 ms, interval 100 ms; else drop-tail */
} BsSwitchWireFlag;

typedef enum
{
  BS_SWITCH_DIRECTION_OUT = 1, /* what `port` sends: to `to`, or (BS_SWITCH_ANY) to all of whom no pair speaks */
  BS_SWITCH_DIRECTION_IN = 2,  /* ingress: all that `port` receives, besides; `to` is BS_SWITCH_ANY */
} BsSwitchDirection;

/* What one wire does; all zero but `direction` and `to`: nothing, and a pair's is forgotten (one that does nothing but
 * has a seed stands in for its port's wire). Setting a wire keeps what waits in it: packets under way keep their due
 * times, and may be overtaken by what is sent later; a queue drains at the new rate. A port that is removed takes its
 * wires, its pairs' and its cuts with it. */
typedef struct
{
  uint32_t direction;
  uint32_t to;
  uint32_t flags;
  uint32_t jitter_kind; /* BsSwitchJitter; 0 only when jitter_nsec is 0 */
  uint64_t delay_nsec, jitter_nsec;
  uint64_t loss, duplicate, reorder, corrupt;
  uint64_t burst_enter, burst_leave;                /* p, r: per packet */
  uint64_t burst_bad_delivers, burst_good_delivers; /* h, k */
  uint64_t rate;                                    /* bit/s of Ethernet bytes without FCS; 0: unlimited, or a trace */
  uint64_t queue_bytes; /* both 0 only without rate and trace: defaults were computed before */
  uint64_t queue_nsec;  /* limit in time: of the wait that a packet would have */
  uint64_t trace_bytes; /* length of the trace in the descriptor that came along; 0: none */
  uint64_t seed;
} BsSwitchWire;

/* A trace is an array of uint32_t: milliseconds, ascending, of each opportunity to send BS_SWITCH_TRACE_BYTES; it
 * begins when it is set and starts over after its last (Mahimahi: Netravali et al., USENIX ATC 2015). */
#define BS_SWITCH_TRACE_BYTES 1504
#define BS_SWITCH_TRACE_MAX (64u << 20)

/* Partitions: a frame is dropped when some bit is in its sender's `sends` and in its receiver's `receives`. A cut of a
 * set from another is one bit, of k groups from each other 2 log2 k. Wins over all conditions. */
typedef struct
{
  uint64_t sends, receives;
} BsSwitchCuts;

typedef enum
{
  BS_SWITCH_SINK_SOCKET = 1, /* a unix datagram or seqpacket socket: one sample a message; what it does not take is lost
                                and counted in the next sample; a closed one ends the tap */
  BS_SWITCH_SINK_RING = 2,   /* a memfd that begins with BsSwitchRing: the oldest samples are overwritten */
} BsSwitchSink;

typedef enum
{
  BS_SWITCH_TAP_PACKETS = 1 << 0,   /* frames as a machine sent them, and as a machine was given them */
  BS_SWITCH_TAP_DROPS = 1 << 1,     /* frames that were dropped, with the cause */
  BS_SWITCH_TAP_DECISIONS = 1 << 2, /* what the dice said of each packet: BsSwitchDecision */
} BsSwitchTapWhat;

typedef struct
{
  uint32_t number; /* 0 … BS_SWITCH_TAPS_MAX - 1, chosen by the supervisor */
  uint32_t sink, what;
  uint32_t snap;       /* bytes of a frame at most; 0: all */
  uint32_t network;    /* or BS_SWITCH_ANY */
  uint32_t port, peer; /* or BS_SWITCH_ANY; both: the pair, both ways */
  uint32_t reserved;
} BsSwitchTap;

typedef enum
{
  BS_SWITCH_SAMPLE_SENT = 1,     /* a machine sent it: `from` */
  BS_SWITCH_SAMPLE_RECEIVED = 2, /* a machine was given it: `from` and `to` */
  BS_SWITCH_SAMPLE_DROPPED = 3,  /* `cause` */
  BS_SWITCH_SAMPLE_DECISION = 4, /* a BsSwitchDecision follows */
} BsSwitchSampleKind;

/* Before each sample; `length` bytes follow. */
typedef struct
{
  uint16_t kind;
  uint16_t cause;     /* BsSwitchDrop */
  uint32_t length;    /* of what follows */
  uint32_t original;  /* of the frame */
  uint32_t lost;      /* samples that were lost before this one */
  uint64_t time_nsec; /* CLOCK_REALTIME */
  uint32_t from, to;  /* ports; BS_SWITCH_ANY: not known */
} BsSwitchSample;

typedef enum
{
  BS_SWITCH_VERDICT_LOST = 1 << 0,
  BS_SWITCH_VERDICT_DUPLICATE = 1 << 1,
  BS_SWITCH_VERDICT_REORDER = 1 << 2,
  BS_SWITCH_VERDICT_CORRUPT = 1 << 3,
} BsSwitchVerdict;

/* What was decided of one packet, and what it depends on: a log of them is what `net record` writes and what a replay
 * follows. Written in host byte order to files that say so; see docs/switch.md. */
typedef struct
{
  uint64_t sender, receiver; /* identities; `sender` is inverted (~) in decisions of the receiver's ingress */
  uint64_t index;            /* of the packet in its flow, from 0 */
  uint16_t port;             /* the lower of both; 0 without */
  uint8_t protocol;          /* IANA protocol number; 0 and 255: not IP (docs/switch.md) */
  uint8_t verdict;           /* BsSwitchVerdict */
  uint32_t corrupt_bit;      /* which bit of the frame was changed */
  int64_t jitter_nsec;       /* added to the delay */
} BsSwitchDecision;

typedef struct
{
  uint64_t bytes; /* of the log: BsSwitchDecision, sorted by all fields up to `protocol`, as memcmp never does but
                     sender, receiver, protocol, port, index do; a packet that is not in it is decided by the seed */
} BsSwitchReplay;

typedef struct
{
  uint64_t magic; /* BS_SWITCH_RING_MAGIC */
  uint64_t size;  /* bytes of `data` */
  /* Where in the endless stream of samples the oldest whole one begins, and where the next one will: each is at its
   * value modulo size; a sample begins at a multiple of 8 and may wrap. One writer; a reader copies, then looks at
   * `oldest` again. */
  uint64_t oldest, next;
  uint8_t data[];
} BsSwitchRing;
#define BS_SWITCH_RING_MAGIC UINT64_C (0x676e695277736221)

typedef struct
{
  uint16_t version; /* BS_SWITCH_VERSION */
  uint16_t size;    /* sizeof (BsSwitchRequest) */
  uint32_t op;
  uint32_t serial; /* echoed */
  uint32_t port;   /* 0 … BS_SWITCH_PORTS_MAX - 1, chosen by the supervisor; 0 in requests that name none */
  union
  {
    BsSwitchAddPort add;
    BsSwitchWire wire;
    BsSwitchCuts cuts;
    BsSwitchTap tap;
    BsSwitchReplay replay;
    uint64_t zero[17]; /* what a request does not use is zero */
  };
} BsSwitchRequest;
_Static_assert(sizeof (BsSwitchWire) <= 17 * sizeof (uint64_t), "the union is as long as its longest member");

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
  BS_SWITCH_DROP_MEMORY, /* the memory budget of all queues is spent, or as good as */
  /* counted at the port that it came from; by the ingress of a port: there */
  BS_SWITCH_DROP_LOSS,    /* the wire lost it, as declared */
  BS_SWITCH_DROP_QUEUE,   /* the queue before a limited rate was full */
  BS_SWITCH_DROP_CODEL,   /* the queue's discipline took it out */
  BS_SWITCH_DROP_DOWN,    /* the link is down */
  BS_SWITCH_DROP_CUT,     /* a partition */
  BS_SWITCH_DROP_OFFLOAD, /* a header of an offloaded packet that is broken */
  BS_SWITCH_DROPS,
} BsSwitchDrop;

typedef struct
{
  uint64_t rx_packets, rx_bytes; /* from the machine, dropped ones too; Ethernet bytes without FCS */
  uint64_t tx_packets, tx_bytes; /* to the machine, as its socket took them */
  uint64_t drops[BS_SWITCH_DROPS];
  uint64_t duplicated, reordered, corrupted; /* of what it sent, and by its ingress */
  uint64_t queued_packets, queued_bytes;     /* now: of what it sent, waiting for its rate or its delay */
  uint64_t reserved[2];
} BsSwitchPortCounters;

/* A port as the switch has it, for a new supervisor. */
typedef struct
{
  uint32_t descriptor; /* its number in the switch's table; 0: no such port. Written last. */
  uint32_t network;
  uint32_t kind;
  uint32_t offload;
  uint8_t mac[6];
  uint8_t reserved[2];
  uint64_t identity;
} BsSwitchPortState;

/* How far a flow of one sender to one receiver is: a decision depends on its place, not on what happens beside it. The
 * flow is (sender, receiver, protocol, lower port); `key` is a hash of it, 0: free. The table is hashed with a few
 * places a key; when all are taken the one that was longest unseen is evicted, which is counted. */
typedef struct
{
  uint64_t key;
  uint64_t next_index;
  uint32_t seen_sec;
  uint32_t bad; /* Gilbert-Elliott: in the bad state */
} BsSwitchFlow;

typedef struct
{
  uint64_t magic;
  uint32_t version;
  uint32_t size;       /* sizeof (BsSwitchMemory) */
  uint64_t generation; /* how many switches have used it */
  uint64_t evicted_flows;
  uint64_t queue_bytes; /* of the budget, now */
  uint64_t reserved[4];
  BsSwitchPortCounters ports[BS_SWITCH_PORTS_MAX];
  BsSwitchPortState state[BS_SWITCH_PORTS_MAX];
  BsSwitchFlow flows[BS_SWITCH_FLOWS_MAX];
} BsSwitchMemory;
