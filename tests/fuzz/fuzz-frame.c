/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-frame — what any bytes are taken for
 *
 * The input is read where it lies, so that the sanitizer sees a byte behind its end. Besides: what is found lies inside
 * and in order, fragments have no ports, and what is behind the packet's own end changes nothing.
 */
#include "bs-frame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
check (bool truth)
{
  if (!truth)
    abort ();
}

static void
check_frame (const BsFrame *frame, size_t size)
{
  check (frame->version == 0 || frame->version == 4 || frame->version == 6);
  check (frame->is_fragment <= 1);
  check (frame->network_offset == 0 || (frame->network_offset >= 14 && frame->network_offset < size));
  check (frame->transport_offset == 0
         || (frame->version != 0 && frame->transport_offset >= frame->network_offset + 20u
             && frame->transport_offset < size));
  check (frame->lower_port == 0 || (frame->transport_offset != 0 && !frame->is_fragment));
  check (frame->version == 0 || frame->protocol != BS_FRAME_ARP);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static uint8_t padded[70000];
  BsFrame frame, again;

  if (size > 65535)
    return 0;
  bs_frame_parse (&frame, data, (uint32_t) size);
  check_frame (&frame, size);
  memcpy (padded, data, size);
  memset (padded + size, 0xa5, 64);
  bs_frame_parse (&again, padded, (uint32_t) size);
  check (memcmp (&frame, &again, sizeof frame) == 0);
  return 0;
}
