/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-frame.h"

#include "bs-bytes.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>

#define TAGS_MAX 4        /* of VLANs; what is behind more is not looked for */
#define EXTENSIONS_MAX 16 /* of IPv6: a frame of nothing else must not cost more than a batch of others */
#define TAG_LENGTH 4
#define TAG_SERVICE 0x88a8    /* IEEE 802.1ad */
#define TAG_OLD_DOUBLE 0x9100 /* before 802.1ad */
#define IP4_HEADER 20
#define IP4_FRAGMENT 0x3fff /* more fragments, and the offset */
#define IP6_HEADER 40
#define IP6_FRAGMENT 0xfff9 /* the offset, and more fragments */
#define UDPLITE 136

/* What is left of the frame: from `at` to `end`. */
typedef struct
{
  const uint8_t *data;
  uint32_t at, end;
} Rest;

static bool
has (const Rest *rest, uint32_t n)
{
  return rest->end - rest->at >= n;
}

/* A length that the packet says of itself: what is behind it is padding. */
static void
limit (Rest *rest, uint32_t begin, uint32_t length)
{
  if (length < rest->end - begin)
    rest->end = begin + length;
  if (rest->end < rest->at)
    rest->end = rest->at;
}

static bool
has_ports (uint8_t protocol)
{
  return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP
         || protocol == UDPLITE;
}

/* 0 is our word for ARP; a packet that says so of itself is none that anyone would make. */
static void
set_protocol (BsFrame *self, uint8_t protocol)
{
  self->protocol = protocol != BS_FRAME_ARP ? protocol : BS_FRAME_OTHER;
}

static void
parse_transport (BsFrame *self, const Rest *rest)
{
  uint16_t source, destination;

  if (!has (rest, 1))
    return;
  self->transport_offset = (uint16_t) rest->at;
  if (self->is_fragment || !has_ports (self->protocol) || !has (rest, 4))
    return;
  source = bs_load16 (rest->data + rest->at);
  destination = bs_load16 (rest->data + rest->at + 2);
  self->lower_port = source < destination ? source : destination;
}

static void
parse_ip4 (BsFrame *self, Rest *rest)
{
  const uint8_t *header = rest->data + rest->at;
  uint32_t begin = rest->at, length;
  uint16_t fragment;

  if (!has (rest, IP4_HEADER) || header[0] >> 4 != 4)
    return;
  length = (header[0] & 0xfu) * 4;
  if (length < IP4_HEADER || !has (rest, length))
    return;
  fragment = bs_load16 (header + 6) & IP4_FRAGMENT;
  self->version = 4;
  self->network_offset = (uint16_t) begin;
  self->is_fragment = fragment != 0;
  set_protocol (self, header[9]);
  rest->at += length;
  limit (rest, begin, bs_load16 (header + 2));
  if ((fragment & 0x1fff) == 0)
    parse_transport (self, rest);
}

/* Returns: bytes of the extension header that begins at the rest, 0 when @next is no such header or not all there */
static uint32_t
extension_length (const Rest *rest, uint8_t next)
{
  const uint8_t *header = rest->data + rest->at;
  uint32_t length = 0;

  if (!has (rest, 8))
    return 0;
  if (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS)
    length = (header[1] + 1u) * 8;
  else if (next == IPPROTO_AH)
    length = (header[1] + 2u) * 4;
  else if (next == IPPROTO_FRAGMENT)
    length = 8;
  return has (rest, length) ? length : 0;
}

/* A fragment is of what its fragment header names, even when that is one more extension header: of later fragments
 * nothing else is known, and all of a packet must be the same. One that is the whole packet is no fragment (RFC 6946).
 */
static void
parse_ip6 (BsFrame *self, Rest *rest)
{
  const uint8_t *header = rest->data + rest->at;
  uint32_t begin = rest->at, length;
  uint16_t fragment = 0;
  uint8_t next;

  if (!has (rest, IP6_HEADER) || header[0] >> 4 != 6)
    return;
  self->version = 6;
  self->network_offset = (uint16_t) begin;
  next = header[6];
  rest->at += IP6_HEADER;
  limit (rest, begin, IP6_HEADER + bs_load16 (header + 4));
  for (int i = 0; i < EXTENSIONS_MAX && fragment == 0; i++)
    {
      length = extension_length (rest, next);
      if (length == 0)
        break;
      header = rest->data + rest->at;
      if (next == IPPROTO_FRAGMENT)
        fragment = bs_load16 (header + 2) & IP6_FRAGMENT;
      next = header[0];
      rest->at += length;
    }
  self->is_fragment = fragment != 0;
  set_protocol (self, next);
  if (fragment >> 3 == 0)
    parse_transport (self, rest);
}

static bool
is_tag (uint16_t type)
{
  return type == ETHERTYPE_VLAN || type == TAG_SERVICE || type == TAG_OLD_DOUBLE;
}

void
bs_frame_parse (BsFrame *self, const uint8_t *data, uint32_t length)
{
  Rest rest = { data, ETHER_HDR_LEN, length };
  uint16_t type;

  *self = (BsFrame){ .protocol = BS_FRAME_OTHER };
  if (length < ETHER_HDR_LEN)
    return;
  type = bs_load16 (data + 12);
  for (int i = 0; i < TAGS_MAX && is_tag (type) && has (&rest, TAG_LENGTH); i++)
    {
      type = bs_load16 (data + rest.at + 2);
      rest.at += TAG_LENGTH;
    }
  if (type == ETHERTYPE_IP)
    parse_ip4 (self, &rest);
  else if (type == ETHERTYPE_IPV6)
    parse_ip6 (self, &rest);
  else if (type == ETHERTYPE_ARP)
    {
      self->protocol = BS_FRAME_ARP;
      self->network_offset = has (&rest, 1) ? (uint16_t) rest.at : 0;
    }
}
