/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-vnet.h"

#include "bs-bytes.h"
#include "bs-frame.h"

#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

#define FLAGS (VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID)
#define TCP_HEADER 20
#define TCP_CHECKSUM 16
#define UDP_HEADER 8
#define UDP_CHECKSUM 6

_Static_assert(sizeof (struct virtio_net_hdr) == BS_VNET_LENGTH, "the header without the number of buffers");

static bool
decode_checksum (BsOffload *self, const struct virtio_net_hdr *header, uint32_t length)
{
  if ((header->flags & ~FLAGS) != 0)
    return false;
  self->is_good = (header->flags & VIRTIO_NET_HDR_F_DATA_VALID) != 0;
  self->needs_checksum = (header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
  if (!self->needs_checksum)
    return true;
  self->checksum_start = header->csum_start;
  self->checksum_offset = header->csum_offset;
  return header->csum_start >= ETHER_HDR_LEN && header->csum_offset % 2 == 0
         && (uint32_t) header->csum_start + header->csum_offset + 2 <= length;
}

/* What an IP header says of its packet's length, as an end in the frame. */
static uint32_t
packet_end (const BsFrame *frame, const uint8_t *data)
{
  const uint8_t *header = data + frame->network_offset;

  return frame->version == 4 ? frame->network_offset + bs_load16 (header + 2)
                             : frame->network_offset + 40u + bs_load16 (header + 4);
}

static bool
is_whole (const BsFrame *frame, const uint8_t *data, uint32_t length)
{
  return frame->version != 0 && !frame->is_fragment && frame->transport_offset != 0
         && packet_end (frame, data) == length;
}

/* Returns: bytes of all headers, 0 when they are not all there */
static uint32_t
headers_length (const BsFrame *frame, const uint8_t *data, uint32_t length)
{
  uint32_t at = frame->transport_offset, own = UDP_HEADER;

  if (frame->protocol == IPPROTO_TCP)
    {
      if (length - at < TCP_HEADER)
        return 0;
      own = (uint32_t) (data[at + 12] >> 4) * 4;
      if (own < TCP_HEADER)
        return 0;
    }
  return length - at >= own ? at + own : 0;
}

static BsGso
kind_of (uint8_t type, const BsFrame *frame)
{
  if (type == VIRTIO_NET_HDR_GSO_UDP_L4 && frame->protocol == IPPROTO_UDP)
    return frame->version == 4 ? BS_GSO_UDP4 : BS_GSO_UDP6;
  if (type == VIRTIO_NET_HDR_GSO_TCPV4 && frame->protocol == IPPROTO_TCP && frame->version == 4)
    return BS_GSO_TCP4;
  if (type == VIRTIO_NET_HDR_GSO_TCPV6 && frame->protocol == IPPROTO_TCP && frame->version == 6)
    return BS_GSO_TCP6;
  return BS_GSO_NONE;
}

static bool
decode_segmentation (BsOffload *self, const struct virtio_net_hdr *header, const uint8_t *data, uint32_t length)
{
  BsFrame frame;
  uint32_t headers;
  bool is_tcp;

  if (header->gso_type == VIRTIO_NET_HDR_GSO_NONE)
    return true;
  bs_frame_parse (&frame, data, length);
  if (!self->needs_checksum || header->gso_size < BS_SEGMENT_MIN || !is_whole (&frame, data, length))
    return false;
  is_tcp = frame.protocol == IPPROTO_TCP;
  self->gso = kind_of (header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN, &frame);
  headers = headers_length (&frame, data, length);
  if (self->gso == BS_GSO_NONE || headers == 0 || self->checksum_start != frame.transport_offset
      || self->checksum_offset != (is_tcp ? TCP_CHECKSUM : UDP_CHECKSUM))
    return false;
  self->ecn = is_tcp && (header->gso_type & VIRTIO_NET_HDR_GSO_ECN) != 0;
  self->segment = header->gso_size;
  self->header = (uint16_t) headers;
  if (length - headers <= self->segment)
    *self = (BsOffload){ .is_good = self->is_good,
                         .needs_checksum = self->needs_checksum,
                         .checksum_start = self->checksum_start,
                         .checksum_offset = self->checksum_offset };
  return true;
}

bool
bs_vnet_decode (BsOffload *self, const uint8_t bytes[BS_VNET_LENGTH], const uint8_t *frame, uint32_t length)
{
  struct virtio_net_hdr header;

  *self = (BsOffload){ 0 };
  memcpy (&header, bytes, sizeof header);
  if (header.flags == 0 && header.gso_type == VIRTIO_NET_HDR_GSO_NONE)
    return true;
  if (decode_checksum (self, &header, length) && decode_segmentation (self, &header, frame, length))
    return true;
  *self = (BsOffload){ 0 };
  return false;
}

static uint8_t
type_of (BsGso kind)
{
  switch (kind)
    {
    case BS_GSO_TCP4:
      return VIRTIO_NET_HDR_GSO_TCPV4;
    case BS_GSO_TCP6:
      return VIRTIO_NET_HDR_GSO_TCPV6;
    case BS_GSO_UDP4:
    case BS_GSO_UDP6:
      return VIRTIO_NET_HDR_GSO_UDP_L4;
    default:
      return VIRTIO_NET_HDR_GSO_NONE;
    }
}

void
bs_vnet_encode (const BsOffload *self, uint8_t bytes[BS_VNET_LENGTH])
{
  struct virtio_net_hdr header = { .gso_type = type_of (self->gso) };

  if (self->is_good)
    header.flags |= VIRTIO_NET_HDR_F_DATA_VALID;
  if (self->needs_checksum)
    {
      header.flags |= VIRTIO_NET_HDR_F_NEEDS_CSUM;
      header.csum_start = self->checksum_start;
      header.csum_offset = self->checksum_offset;
    }
  if (self->gso != BS_GSO_NONE)
    {
      header.gso_type |= self->ecn ? VIRTIO_NET_HDR_GSO_ECN : 0;
      header.gso_size = self->segment;
      header.hdr_len = self->header;
    }
  memcpy (bytes, &header, sizeof header);
}

void
bs_vnet_trust (BsOffload *self, const uint8_t bytes[BS_VNET_LENGTH])
{
  struct virtio_net_hdr header;

  memcpy (&header, bytes, sizeof header);
  *self = (BsOffload){ .segment = header.gso_size, .header = header.hdr_len };
  self->gso = header.gso_type == VIRTIO_NET_HDR_GSO_NONE ? BS_GSO_NONE : BS_GSO_TCP4;
}
