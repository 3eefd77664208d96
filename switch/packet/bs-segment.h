/* SPDX-License-Identifier: Apache-2.0 */
/* bs-segment.h — one offloaded packet becomes what goes on a wire
 *
 * TCP and UDP over IPv4 and IPv6. Each segment gets the packet's headers, with: the lengths of IP and UDP; in IPv4 an
 * identification one higher than the segment's before; in TCP the sequence number of its first byte, FIN and PSH only
 * in the last, and CWR only in the first where the sender asked for that (`ecn`); all checksums. A packet that is not
 * to be cut yields itself once, its checksum completed.
 *
 *   bs_segmenter_init (&cut, data, length, &offload);
 *   while ((n = bs_segmenter_next (&cut, room)) > 0)
 *     …
 *
 * The checksum starts from the sum of the pseudo header that the sender left in its field, corrected by the length, as
 * the packet's header may not name the address that counts (IPv6 routing header).
 */
#pragma once

#include "bs-offload.h"

typedef struct
{
  const uint8_t *data; /* borrowed */
  uint32_t length;
  BsOffload offload;
  uint32_t done; /* payload bytes of earlier segments */
  uint16_t number;
  uint16_t network_offset;
  bool is_ip4, is_tcp, is_over;
} BsSegmenter;

/* @offload as bs_vnet_decode() made it for this frame. */
void bs_segmenter_init (BsSegmenter *self, const uint8_t *data, uint32_t length, const BsOffload *offload);
/* Writes the next segment to @room, which holds bs_segment_length_max() bytes. Returns: its length; 0: that was all */
uint32_t bs_segmenter_next (BsSegmenter *self, uint8_t *room);

/* The longest segment of a packet. */
static inline uint32_t
bs_segment_length_max (const BsOffload *offload, uint32_t length)
{
  return offload->gso != BS_GSO_NONE ? (uint32_t) offload->header + offload->segment : length;
}

/* How many frames it is on a wire, and how many bytes they have together. */
static inline uint32_t
bs_segment_count (const BsOffload *offload, uint32_t length)
{
  return offload->gso != BS_GSO_NONE ? (length - offload->header + offload->segment - 1) / offload->segment : 1;
}

static inline uint32_t
bs_segment_bytes (const BsOffload *offload, uint32_t length)
{
  return length + (bs_segment_count (offload, length) - 1) * offload->header;
}
