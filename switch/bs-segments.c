/* SPDX-License-Identifier: Apache-2.0 */
/* bs-segments.c — the room in which offloaded packets become wire segments
 *
 * `deliver` keeps pointers until the end of the batch, so segments have room of their own until then. When it is full
 * the batch ends early; a packet has any number of segments.
 */
#include "bs-switch.h"

#include "bs-segment.h"

static uint8_t *
make_room (BsSwitch *self, uint32_t length)
{
  if (self->segments_used + BS_HEAD_ROOM + length > BS_SEGMENTS_ROOM)
    bs_port_flush_all (self);
  return self->segments + self->segments_used + BS_HEAD_ROOM;
}

void
bs_segments_push (BsSwitch *self, const BsPacket *packet, BsImpair *next)
{
  uint32_t most = bs_segment_length_max (&packet->offload, packet->length);
  BsPacket segment = *packet;
  BsSegmenter cut;

  segment.offload = (BsOffload){ 0 };
  bs_segmenter_init (&cut, packet->data, packet->length, &packet->offload);
  for (;;)
    {
      segment.out = packet->out;
      segment.data = make_room (self, most);
      segment.length = bs_segmenter_next (&cut, segment.data);
      if (segment.length == 0)
        return;
      self->segments_used += (BS_HEAD_ROOM + segment.length + 7u) & ~7u;
      bs_impair_push (next, &segment);
    }
}
