/* SPDX-License-Identifier: Apache-2.0 */
/* bs-frame.h — what a frame is, read with bounds: Ethernet II, VLAN tags (IEEE 802.1Q), ARP, IPv4 (RFC 791), IPv6 with
 * extension headers (RFC 8200, 4.), TCP and UDP
 *
 * Never reads behind @length; anything odd is less known, never an error.
 */
#pragma once

#include <stdint.h>

#define BS_FRAME_OTHER 255 /* not IP, not ARP */
#define BS_FRAME_ARP 0     /* protocol number 0 is no protocol that we report: hop-by-hop options are skipped */

typedef struct
{
  uint16_t network_offset;   /* of the IP or ARP header; 0: none */
  uint16_t transport_offset; /* of what `protocol` names; 0: none, or in a later fragment */
  uint8_t version;           /* 4, 6; 0: not IP */
  uint8_t protocol;          /* of the flow: IANA number, BS_FRAME_ARP or BS_FRAME_OTHER */
  uint8_t is_fragment;       /* any but a whole packet */
  uint16_t lower_port; /* the lower of both ports of TCP, UDP, SCTP, DCCP, UDP-Lite; 0: none; of a fragment 0, so that
                          all of a packet's fragments are in one flow */
} BsFrame;

void bs_frame_parse (BsFrame *self, const uint8_t *data, uint32_t length);
