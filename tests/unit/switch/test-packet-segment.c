/* SPDX-License-Identifier: Apache-2.0 */
/* Offloaded packets become wire segments: together they are what the sender said, and each is right for itself. */
#include "bs-segment.h"

#include "bs-checksum.h"
#include "bs-vnet.h"
#include "packet-maker.h"

#include <string.h>

#define FIN 0x01
#define PSH 0x08
#define ACK 0x10
#define CWR 0x80
#define GSO_ECN 0x80

static BsOffload
decode (const Packet *packet, const guint8 header[10])
{
  BsOffload offload;

  g_assert_true (bs_vnet_decode (&offload, header, packet->data, packet->length));
  return offload;
}

/* What comes out is written to just as much room as was promised, so that the sanitizer sees a byte too many. */
static guint
next (BsSegmenter *cut, const BsOffload *offload, const Packet *packet, guint8 *segment)
{
  guint room = bs_segment_length_max (offload, packet->length);
  g_autofree guint8 *exact = g_malloc (room);
  guint length = bs_segmenter_next (cut, exact);

  g_assert_cmpuint (length, <=, room);
  memcpy (segment, exact, length);
  return length;
}

static void
assert_segment_is_of (const Packet *packet, const PacketShape *shape, const guint8 *segment, guint done, guint number,
                      gboolean is_last, gboolean ecn)
{
  guint8 flags = shape->tcp_flags;

  if (shape->version == 4)
    g_assert_cmpuint (packet_get16 (segment + packet->network + 4), ==, (guint16) (shape->identity + number));
  if (shape->is_udp)
    return;
  g_assert_cmpuint (packet_get32 (segment + packet->transport + 4), ==, shape->sequence + done);
  if (!is_last)
    flags &= (guint8) ~(FIN | PSH);
  if (ecn && number > 0)
    flags &= (guint8) ~CWR;
  g_assert_cmphex (segment[packet->transport + 13], ==, flags);
}

static void
check (const PacketShape *shape, guint segment_size, gboolean ecn)
{
  static Packet packet;
  static guint8 segment[PACKET_ROOM];
  guint8 header[10];
  BsSegmenter cut;
  BsOffload offload;
  guint done = 0, number = 0, bytes = 0, length;

  packet_make (&packet, shape);
  packet_vnet (&packet, shape, segment_size, header);
  header[1] |= ecn ? GSO_ECN : 0;
  offload = decode (&packet, header);
  bs_segmenter_init (&cut, packet.data, packet.length, &offload);
  while ((length = next (&cut, &offload, &packet, segment)) > 0)
    {
      guint payload = length - packet.headers;

      packet_assert_right (&packet, shape, segment, length);
      assert_segment_is_of (&packet, shape, segment, done, number, done + payload == shape->payload, ecn);
      g_assert_cmpmem (segment + packet.headers, payload, packet.data + packet.headers + done, payload);
      if (segment_size != 0 && done + payload < shape->payload)
        g_assert_cmpuint (payload, ==, segment_size);
      done += payload;
      bytes += length;
      number++;
    }
  g_assert_cmpuint (done, ==, shape->payload);
  g_assert_cmpuint (number, ==, bs_segment_count (&offload, packet.length));
  g_assert_cmpuint (bytes, ==, bs_segment_bytes (&offload, packet.length));
  g_assert_cmpuint (bs_segmenter_next (&cut, segment), ==, 0);
}

static void
test_tcp_over_ip4 (void)
{
  check (&(PacketShape){ .version = 4, .payload = 60000, .tcp_flags = ACK | PSH | FIN, .identity = 0xfffe }, 1448,
         FALSE);
}

static void
test_tcp_over_ip6 (void)
{
  check (&(PacketShape){ .version = 6, .payload = 60000, .options = 12, .sequence = 0xfffffff0 }, 1428, FALSE);
}

static void
test_udp (void)
{
  check (&(PacketShape){ .version = 4, .is_udp = TRUE, .payload = 10001, .identity = 7 }, 1000, FALSE);
  check (&(PacketShape){ .version = 6, .is_udp = TRUE, .payload = 10001 }, 1001, FALSE);
}

static void
test_tags_and_extension_headers_are_kept (void)
{
  check (&(PacketShape){ .version = 4, .tags = 1, .extra = 16, .options = 40, .payload = 5000 }, 999, FALSE);
  check (&(PacketShape){ .version = 6, .tags = 2, .extra = 24, .options = 4, .payload = 5000 }, 1000, FALSE);
}

static void
test_congestion_is_told_once (void)
{
  check (&(PacketShape){ .version = 4, .payload = 5000, .tcp_flags = ACK | CWR }, 1000, TRUE);
  check (&(PacketShape){ .version = 4, .payload = 5000, .tcp_flags = ACK | CWR }, 1000, FALSE);
}

static void
test_one_segment_more_than_full_and_one_less (void)
{
  for (guint payload = 2999; payload <= 3001; payload++)
    check (&(PacketShape){ .version = 4, .payload = payload }, 1000, FALSE);
}

static void
test_a_packet_that_is_one_segment_is_itself (void)
{
  check (&(PacketShape){ .version = 4, .payload = 1000 }, 1000, FALSE);
  check (&(PacketShape){ .version = 6, .payload = 10 }, 1000, FALSE);
}

static void
test_only_the_checksum (void)
{
  for (guint payload = 0; payload < 70; payload++)
    for (guint is_udp = 0; is_udp <= 1; is_udp++)
      {
        check (&(PacketShape){ .version = 4, .is_udp = is_udp, .payload = payload }, 0, FALSE);
        check (&(PacketShape){ .version = 6, .is_udp = is_udp, .payload = payload }, 0, FALSE);
      }
}

static void
test_any_shape (void)
{
  for (guint i = 0; i < 3000; i++)
    {
      PacketShape shape = { .version = g_test_rand_bit () ? 4 : 6,
                            .is_udp = g_test_rand_bit (),
                            .tags = (guint) g_test_rand_int_range (0, 4),
                            .extra = (guint) g_test_rand_int_range (0, 6) * 8,
                            .options = (guint) g_test_rand_int_range (0, 11) * 4,
                            .tcp_flags = (guint8) g_test_rand_int (),
                            .identity = (guint16) g_test_rand_int (),
                            .sequence = (guint32) g_test_rand_int (),
                            .payload = (guint) g_test_rand_int_range (1, i % 10 == 0 ? 65000 : 3000) };

      check (&shape, (guint) g_test_rand_int_range (BS_SEGMENT_MIN, 1500), !shape.is_udp && g_test_rand_bit ());
    }
}

/* UDP says "no checksum" by 0: a sum that comes out as that is sent as its other form. */
static void
test_a_checksum_is_never_none (void)
{
  static Packet packet;
  const PacketShape shape = { .version = 4, .is_udp = TRUE, .payload = 2 };
  guint8 header[10];
  guint found = 0;

  for (guint value = 0; value <= 0xffff; value++)
    {
      BsOffload offload;

      packet_make (&packet, &shape);
      packet.data[packet.headers] = (guint8) (value >> 8);
      packet.data[packet.headers + 1] = (guint8) value;
      packet_vnet (&packet, &shape, 0, header);
      offload = decode (&packet, header);
      bs_checksum_complete (packet.data, packet.length, &offload);
      packet_assert_right (&packet, &shape, packet.data, packet.length);
      found += packet_get16 (packet.data + packet.transport + 6) == 0xffff;
    }
  g_assert_cmpuint (found, >, 0);
}

static void
test_sums_of_any_length_at_any_place (void)
{
  guint8 data[300];

  for (guint i = 0; i < sizeof data; i++)
    data[i] = (guint8) g_test_rand_int ();
  for (guint at = 0; at < 9; at++)
    for (guint length = 0; length + at <= sizeof data; length++)
      {
        g_autofree guint8 *exact = g_memdup2 (data + at, length);

        g_assert_cmphex (bs_checksum_finish (bs_checksum_sum (exact, length)), ==,
                         ~packet_sum (0, data + at, length) & 0xffff);
      }
}

/* The example of RFC 1071, 3. */
static void
test_the_example_of_the_standard (void)
{
  static const guint8 data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

  g_assert_cmphex (bs_checksum_finish (bs_checksum_sum (data, sizeof data)), ==, (guint16) ~0xddf2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/segment/tcp-over-ip4", test_tcp_over_ip4);
  g_test_add_func ("/packet/segment/tcp-over-ip6", test_tcp_over_ip6);
  g_test_add_func ("/packet/segment/udp", test_udp);
  g_test_add_func ("/packet/segment/tags-and-extension-headers-are-kept", test_tags_and_extension_headers_are_kept);
  g_test_add_func ("/packet/segment/congestion-is-told-once", test_congestion_is_told_once);
  g_test_add_func ("/packet/segment/one-more-and-one-less", test_one_segment_more_than_full_and_one_less);
  g_test_add_func ("/packet/segment/one-segment-is-itself", test_a_packet_that_is_one_segment_is_itself);
  g_test_add_func ("/packet/segment/only-the-checksum", test_only_the_checksum);
  g_test_add_func ("/packet/segment/any-shape", test_any_shape);
  g_test_add_func ("/packet/checksum/is-never-none", test_a_checksum_is_never_none);
  g_test_add_func ("/packet/checksum/any-length-at-any-place", test_sums_of_any_length_at_any_place);
  g_test_add_func ("/packet/checksum/example-of-the-standard", test_the_example_of_the_standard);
  return g_test_run ();
}
