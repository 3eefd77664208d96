/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-segment.h"

#include "bs-bytes.h"
#include "bs-checksum.h"
#include "bs-frame.h"

#include <string.h>

#define IP6_HEADER 40
#define TCP_FIN_PSH 0x09
#define TCP_CWR 0x80

void
bs_segmenter_init (BsSegmenter *self, const uint8_t *data, uint32_t length, const BsOffload *offload)
{
  BsFrame frame;

  *self = (BsSegmenter){ .data = data, .length = length, .offload = *offload };
  if (offload->gso == BS_GSO_NONE)
    return;
  bs_frame_parse (&frame, data, length);
  self->network_offset = frame.network_offset;
  self->is_ip4 = frame.version == 4;
  self->is_tcp = offload->gso == BS_GSO_TCP4 || offload->gso == BS_GSO_TCP6;
}

static void
write_ip4 (const BsSegmenter *self, uint8_t *header, uint32_t length)
{
  uint32_t header_length = (header[0] & 0xfu) * 4;

  bs_store16 (header + 2, (uint16_t) length);
  bs_store16 (header + 4, (uint16_t) (bs_load16 (header + 4) + self->number));
  bs_store16 (header + 10, 0);
  bs_store16 (header + 10, bs_checksum_finish (bs_checksum_sum (header, header_length)));
}

static void
write_tcp (const BsSegmenter *self, uint8_t *header, bool is_last)
{
  bs_store32 (header + 4, bs_load32 (header + 4) + self->done);
  if (!is_last)
    header[13] &= (uint8_t) ~TCP_FIN_PSH;
  if (self->offload.ecn && self->number > 0)
    header[13] &= (uint8_t) ~TCP_CWR;
}

/* The pseudo header's sum counts the length of the whole packet: its complement takes that away again. */
static void
correct_pseudo_sum (const BsSegmenter *self, uint8_t *field, uint32_t length)
{
  uint16_t whole = (uint16_t) (self->length - self->offload.checksum_start);
  uint64_t sum = bs_checksum_word (bs_load16 (field)) + bs_checksum_word ((uint16_t) ~whole)
                 + bs_checksum_word ((uint16_t) length);

  bs_store16 (field, (uint16_t) ~bs_checksum_finish (sum));
}

static void
write_headers (const BsSegmenter *self, uint8_t *frame, uint32_t length, bool is_last)
{
  uint8_t *network = frame + self->network_offset, *transport = frame + self->offload.checksum_start;
  uint32_t transport_length = length - self->offload.checksum_start;

  if (self->is_ip4)
    write_ip4 (self, network, length - self->network_offset);
  else
    bs_store16 (network + 4, (uint16_t) (length - self->network_offset - IP6_HEADER));
  if (self->is_tcp)
    write_tcp (self, transport, is_last);
  else
    bs_store16 (transport + 4, (uint16_t) transport_length);
  correct_pseudo_sum (self, transport + self->offload.checksum_offset, transport_length);
}

static uint32_t
take_whole (BsSegmenter *self, uint8_t *room)
{
  self->is_over = true;
  memcpy (room, self->data, self->length);
  if (self->offload.needs_checksum)
    bs_checksum_complete (room, self->length, &self->offload);
  return self->length;
}

uint32_t
bs_segmenter_next (BsSegmenter *self, uint8_t *room)
{
  uint32_t header = self->offload.header, left = self->length - header - self->done, payload;

  if (self->is_over)
    return 0;
  if (self->offload.gso == BS_GSO_NONE)
    return take_whole (self, room);
  payload = left < self->offload.segment ? left : self->offload.segment;
  self->is_over = payload == left;
  memcpy (room, self->data, header);
  memcpy (room + header, self->data + header + self->done, payload);
  write_headers (self, room, header + payload, self->is_over);
  bs_checksum_complete (room, header + payload, &self->offload);
  self->done += payload;
  self->number++;
  return header + payload;
}
