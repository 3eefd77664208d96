/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-vnet — ten bytes of a header and a frame: refused, or cut into segments that are the packet again
 *
 * Segments are written into just the room that was promised. Their payloads together are the packet's, in order; as
 * many and as long as counted; each IPv4 header sums up; what is written back of a header reads as the same.
 */
#include "bs-checksum.h"
#include "bs-frame.h"
#include "bs-segment.h"
#include "bs-vnet.h"

#include <stdlib.h>
#include <string.h>

static void
check (bool truth)
{
  if (!truth)
    abort ();
}

static void
check_round_trip (const BsOffload *offload, const uint8_t *frame, uint32_t length)
{
  uint8_t header[BS_VNET_LENGTH];
  BsOffload again;

  bs_vnet_encode (offload, header);
  check (bs_vnet_decode (&again, header, frame, length));
  check (memcmp (offload, &again, sizeof again) == 0);
  bs_vnet_trust (&again, header);
  check (bs_segment_count (offload, length) == bs_segment_count (&again, length));
  check (bs_segment_bytes (offload, length) == bs_segment_bytes (&again, length));
}

static void
check_ip4 (const uint8_t *segment, uint32_t length)
{
  BsFrame frame;
  const uint8_t *header = segment;

  bs_frame_parse (&frame, segment, length);
  header += frame.network_offset;
  check (frame.version == 4);
  check (bs_checksum_finish (bs_checksum_sum (header, (header[0] & 0xfu) * 4)) == 0);
}

static void
cut (const uint8_t *frame, uint32_t length, const BsOffload *offload)
{
  uint32_t most = bs_segment_length_max (offload, length), n = 0, bytes = 0, done = offload->header, part;
  uint8_t *segment = malloc (most);
  BsSegmenter segmenter;

  bs_segmenter_init (&segmenter, frame, length, offload);
  while ((part = bs_segmenter_next (&segmenter, segment)) > 0)
    {
      check (part <= most && part > offload->header);
      if (offload->gso != BS_GSO_NONE)
        {
          check (memcmp (segment + offload->header, frame + done, part - offload->header) == 0);
          done += part - offload->header;
        }
      if (offload->gso == BS_GSO_TCP4 || offload->gso == BS_GSO_UDP4)
        check_ip4 (segment, part);
      n++;
      bytes += part;
    }
  check (n == bs_segment_count (offload, length) && bytes == bs_segment_bytes (offload, length));
  check (offload->gso == BS_GSO_NONE || done == length);
  free (segment);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  BsOffload offload;
  uint32_t length = (uint32_t) size - BS_VNET_LENGTH;

  if (size < BS_VNET_LENGTH + 14 || size > BS_VNET_LENGTH + 65535)
    return 0;
  data += BS_VNET_LENGTH;
  if (!bs_vnet_decode (&offload, data - BS_VNET_LENGTH, data, length))
    {
      check (bs_offload_is_nothing (&offload));
      return 0;
    }
  check_round_trip (&offload, data, length);
  cut (data, length, &offload);
  return 0;
}
