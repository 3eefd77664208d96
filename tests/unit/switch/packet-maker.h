/* SPDX-License-Identifier: Apache-2.0 */
/* packet-maker.h — packets as a sender with offload makes them, and whether one on a wire is right; shares no code with
 * the switch */
#pragma once

#include "bs-switch-protocol.h"

#include <glib.h>

#define PACKET_ROOM (BS_SWITCH_FRAME_MAX + 1)

typedef struct
{
  guint version;   /* 4, 6 */
  gboolean is_udp; /* else TCP */
  guint tags;      /* VLANs */
  guint extra;     /* bytes of IPv4 options or of an IPv6 extension header, 0 … 40, a multiple of 8 */
  guint options;   /* bytes of TCP options, 0 … 40, a multiple of 4 */
  guint8 tcp_flags;
  guint16 identity; /* IPv4 */
  guint32 sequence;
  guint payload;
} PacketShape;

typedef struct
{
  guint network, transport, headers, length; /* offsets, and bytes of all */
  guint8 data[PACKET_ROOM];
} Packet;

/* Payload is a pattern that never repeats within a packet; the checksum's field holds the sum of the pseudo header. */
void packet_make (Packet *self, const PacketShape *shape);
/* The header of virtio-net that goes with it; @segment 0: only the checksum is left to the wire. */
void packet_vnet (const Packet *self, const PacketShape *shape, guint segment, guint8 header[10]);

/* Asserts what @data of a segment of such a packet must say of itself: lengths and all checksums. */
void packet_assert_right (const Packet *whole, const PacketShape *shape, const guint8 *data, guint length);
guint16 packet_get16 (const guint8 *at);
guint32 packet_get32 (const guint8 *at);
/* The same as RFC 1071 says it, byte by byte: 0xffff for what holds a right checksum. */
guint packet_sum (guint sum, const guint8 *data, guint length);
