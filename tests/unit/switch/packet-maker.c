/* SPDX-License-Identifier: Apache-2.0 */
#include "packet-maker.h"

#include <string.h>

static void
put16 (guint8 *at, guint value)
{
  at[0] = (guint8) (value >> 8);
  at[1] = (guint8) value;
}

guint16
packet_get16 (const guint8 *at)
{
  return (guint16) (at[0] << 8 | at[1]);
}

guint32
packet_get32 (const guint8 *at)
{
  return (guint32) packet_get16 (at) << 16 | packet_get16 (at + 2);
}

guint
packet_sum (guint sum, const guint8 *data, guint length)
{
  for (guint i = 0; i < length; i++)
    {
      sum += i % 2 == 0 ? (guint) data[i] << 8 : data[i];
      sum = (sum & 0xffff) + (sum >> 16);
    }
  return sum;
}

static guint8
protocol_of (const PacketShape *shape)
{
  return shape->is_udp ? 17 : 6;
}

static guint
pseudo_sum (const guint8 *network, const PacketShape *shape, guint length)
{
  guint8 tail[4] = { 0, protocol_of (shape), (guint8) (length >> 8), (guint8) length };
  guint sum = shape->version == 4 ? packet_sum (0, network + 12, 8) : packet_sum (0, network + 8, 32);

  return packet_sum (sum, tail, sizeof tail);
}

static guint
make_ethernet (guint8 *data, const PacketShape *shape)
{
  static const guint8 addresses[12] = { 2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa };
  guint at = sizeof addresses;

  memcpy (data, addresses, sizeof addresses);
  for (guint i = 0; i < shape->tags; i++, at += 4)
    {
      put16 (data + at, 0x8100);
      put16 (data + at + 2, 100 + i);
    }
  put16 (data + at, shape->version == 4 ? 0x0800 : 0x86dd);
  return at + 2;
}

static guint
make_ip4 (guint8 *header, const PacketShape *shape, guint payload)
{
  guint length = 20 + shape->extra;

  memset (header, 1, length); /* options: no operation */
  header[0] = (guint8) (0x40 | length / 4);
  put16 (header + 2, length + payload);
  put16 (header + 4, shape->identity);
  put16 (header + 6, 0x4000);
  header[8] = 64;
  header[9] = protocol_of (shape);
  memcpy (header + 12, "\x0a\0\0\1\x0a\0\xff\2", 8);
  put16 (header + 10, 0);
  put16 (header + 10, ~packet_sum (0, header, length) & 0xffff);
  return length;
}

static guint
make_ip6 (guint8 *header, const PacketShape *shape, guint payload)
{
  memset (header, 0, 40 + shape->extra);
  header[0] = 0x60;
  put16 (header + 4, shape->extra + payload);
  header[6] = shape->extra > 0 ? 60 : protocol_of (shape);
  header[7] = 64;
  for (guint i = 8; i < 40; i++)
    header[i] = (guint8) (i * 7);
  if (shape->extra > 0)
    {
      header[40] = protocol_of (shape);
      header[41] = (guint8) (shape->extra / 8 - 1);
      header[42] = 1; /* padding */
      header[43] = (guint8) (shape->extra - 4);
    }
  return 40 + shape->extra;
}

static guint
make_transport (guint8 *header, const PacketShape *shape)
{
  put16 (header, 40000);
  put16 (header + 2, 5201);
  if (shape->is_udp)
    {
      put16 (header + 4, 8 + shape->payload);
      return 8;
    }
  memset (header + 4, 1, 16 + shape->options);
  put16 (header + 4, shape->sequence >> 16);
  put16 (header + 6, shape->sequence & 0xffff);
  header[12] = (guint8) ((20 + shape->options) / 4 << 4);
  header[13] = shape->tcp_flags;
  return 20 + shape->options;
}

void
packet_make (Packet *self, const PacketShape *shape)
{
  guint own = shape->is_udp ? 8 : 20 + shape->options;
  guint8 *network;

  self->network = make_ethernet (self->data, shape);
  network = self->data + self->network;
  self->transport = self->network
                    + (shape->version == 4 ? make_ip4 (network, shape, own + shape->payload)
                                           : make_ip6 (network, shape, own + shape->payload));
  self->headers = self->transport + make_transport (self->data + self->transport, shape);
  self->length = self->headers + shape->payload;
  g_assert_cmpuint (self->length, <=, BS_SWITCH_FRAME_MAX);
  for (guint i = 0; i < shape->payload; i++)
    self->data[self->headers + i] = (guint8) (i * 31 + (i >> 8) * 17);
  put16 (self->data + self->transport + (shape->is_udp ? 6 : 16), pseudo_sum (network, shape, own + shape->payload));
}

static void
put_native (guint8 *at, guint value)
{
  guint16 native = (guint16) value;

  memcpy (at, &native, 2);
}

void
packet_vnet (const Packet *self, const PacketShape *shape, guint segment, guint8 header[10])
{
  memset (header, 0, 10);
  header[0] = 1;
  if (segment != 0)
    header[1] = shape->is_udp ? 5 : shape->version == 4 ? 1 : 4;
  put_native (header + 2, self->headers);
  put_native (header + 4, segment);
  put_native (header + 6, self->transport);
  put_native (header + 8, shape->is_udp ? 6 : 16);
}

void
packet_assert_right (const Packet *whole, const PacketShape *shape, const guint8 *data, guint length)
{
  const guint8 *network = data + whole->network, *transport = data + whole->transport;
  guint own = length - whole->transport;

  g_assert_cmpuint (length, >=, whole->headers);
  if (shape->version == 4)
    {
      g_assert_cmpuint (packet_get16 (network + 2), ==, length - whole->network);
      g_assert_cmphex (packet_sum (0, network, 20 + shape->extra), ==, 0xffff);
    }
  else
    g_assert_cmpuint (packet_get16 (network + 4), ==, length - whole->network - 40);
  if (shape->is_udp)
    {
      g_assert_cmpuint (packet_get16 (transport + 4), ==, own);
      g_assert_cmphex (packet_get16 (transport + 6), !=, 0);
    }
  g_assert_cmphex (packet_sum (pseudo_sum (network, shape, own), transport, own), ==, 0xffff);
}
