/* SPDX-License-Identifier: Apache-2.0 */
/* bs-offload.h — work on a packet that its sender left to the wire: checksums and segmentation
 *
 * As the header of virtio-net says it (virtio 1.2, 5.1.6; linux/virtio_net.h), in host byte order and checked: offsets
 * lie within the frame, a kind of segmentation fits what the frame is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum
{
  BS_GSO_NONE,
  BS_GSO_TCP4,
  BS_GSO_TCP6,
  BS_GSO_UDP4, /* many datagrams in one (VIRTIO_NET_HDR_GSO_UDP_L4), never fragments */
  BS_GSO_UDP6,
} BsGso;

typedef struct
{
  uint8_t gso;            /* BsGso */
  uint8_t ecn;            /* CWR only in the first segment */
  uint8_t needs_checksum; /* from `checksum_start` to the end, to be stored at `checksum_start` + `checksum_offset` */
  uint8_t is_good;        /* the checksum is known to be right (VIRTIO_NET_HDR_F_DATA_VALID) */
  uint16_t segment;       /* payload bytes of a segment (MSS), when gso */
  uint16_t header;        /* all headers, when gso */
  uint16_t checksum_start, checksum_offset;
} BsOffload;

static inline bool
bs_offload_is_nothing (const BsOffload *self)
{
  return self->gso == BS_GSO_NONE && !self->needs_checksum;
}
