/* SPDX-License-Identifier: Apache-2.0 */
/* bs-vnet.h — the header before each frame of a TAP with IFF_VNET_HDR (virtio 1.2, 5.1.6; linux/virtio_net.h)
 *
 * Ten bytes in the host's byte order. What it says is checked against the frame, so that whoever works by a BsOffload
 * needs to look at nothing again:
 *   - the checksum's field and all that is summed lie in the frame, behind the Ethernet header, the field at an even
 *     distance from where the sum begins;
 *   - segmentation is of TCP or UDP over the version it says, as the frame itself shows (tags and extension headers
 *     are fine, fragments are not), its checksum is left to us and is that protocol's, the headers are all there, and
 *     the packet's own length is the frame's;
 *   - segments carry at least BS_SEGMENT_MIN bytes, so that one packet cannot become tens of thousands.
 * The header's own length of headers is a hint that nobody needs: not read. UDP fragmentation (GSO_UDP) is never
 * asked for by TUNSETOFFLOAD and refused. One segment that is the whole packet is no segmentation.
 */
#pragma once

#include "bs-offload.h"

#define BS_VNET_LENGTH 10
#define BS_SEGMENT_MIN 8

/* Returns: false when the header is broken; @self is then nothing */
bool bs_vnet_decode (BsOffload *self, const uint8_t header[BS_VNET_LENGTH], const uint8_t *frame, uint32_t length);
void bs_vnet_encode (const BsOffload *self, uint8_t header[BS_VNET_LENGTH]);
/* What bs_vnet_encode() wrote: how it is cut and no more. */
void bs_vnet_trust (BsOffload *self, const uint8_t header[BS_VNET_LENGTH]);
