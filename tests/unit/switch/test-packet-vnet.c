/* SPDX-License-Identifier: Apache-2.0 */
/* The header before a TAP's frames: what is believed of it, and what is refused. */
#include "bs-vnet.h"

#include "packet-maker.h"

#include <string.h>

/* A good packet and its header; a test bends one thing. */
typedef struct
{
  Packet packet;
  guint8 header[10];
} Case;

static const PacketShape tcp4 = { .version = 4, .payload = 4000 };

static Case *
make (const PacketShape *shape, guint segment)
{
  static Case it;

  packet_make (&it.packet, shape);
  packet_vnet (&it.packet, shape, segment, it.header);
  return &it;
}

static void
set_native (guint8 *at, guint value)
{
  guint16 native = (guint16) value;

  memcpy (at, &native, 2);
}

static gboolean
decode (const Case *it, BsOffload *offload)
{
  return bs_vnet_decode (offload, it->header, it->packet.data, it->packet.length);
}

static void
assert_refused (const Case *it)
{
  BsOffload offload = { .gso = 9 };

  g_assert_false (decode (it, &offload));
  g_assert_true (bs_offload_is_nothing (&offload));
  g_assert_cmpuint (offload.is_good, ==, 0);
}

static void
test_nothing_is_nothing (void)
{
  static const guint8 header[10] = { 0, 0, 9, 9, 9, 9, 9, 9, 9, 9 }, frame[14];
  BsOffload offload;

  g_assert_true (bs_vnet_decode (&offload, header, frame, sizeof frame));
  g_assert_true (bs_offload_is_nothing (&offload));
}

static void
test_kinds (void)
{
  static const struct
  {
    PacketShape shape;
    BsGso gso;
  } kinds[] = { { { .version = 4, .payload = 3000 }, BS_GSO_TCP4 },
                { { .version = 6, .payload = 3000, .extra = 8 }, BS_GSO_TCP6 },
                { { .version = 4, .payload = 3000, .is_udp = TRUE, .tags = 1 }, BS_GSO_UDP4 },
                { { .version = 6, .payload = 3000, .is_udp = TRUE }, BS_GSO_UDP6 } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Case *it = make (&kinds[i].shape, 1000);
      BsOffload offload, trusted;
      guint8 again[10];

      g_assert_true (decode (it, &offload));
      g_assert_cmpint (offload.gso, ==, kinds[i].gso);
      g_assert_cmpuint (offload.segment, ==, 1000);
      g_assert_cmpuint (offload.header, ==, it->packet.headers);
      g_assert_cmpuint (offload.checksum_start, ==, it->packet.transport);
      bs_vnet_encode (&offload, again);
      g_assert_cmpmem (again, sizeof again, it->header, sizeof it->header);
      bs_vnet_trust (&trusted, again);
      g_assert_cmpuint (trusted.segment, ==, 1000);
      g_assert_cmpuint (trusted.header, ==, it->packet.headers);
      g_assert_cmpuint (trusted.gso, !=, BS_GSO_NONE);
    }
}

static void
test_the_length_of_headers_is_a_hint (void)
{
  Case *it = make (&tcp4, 1000);
  BsOffload offload;

  set_native (it->header + 2, 0xffff);
  g_assert_true (decode (it, &offload));
  g_assert_cmpuint (offload.header, ==, it->packet.headers);
}

static void
test_a_known_checksum_stays_known (void)
{
  Case *it = make (&tcp4, 0);
  guint8 again[10];
  BsOffload offload;

  memset (it->header, 0, sizeof it->header);
  it->header[0] = 2;
  g_assert_true (decode (it, &offload));
  g_assert_cmpuint (offload.is_good, ==, 1);
  bs_vnet_encode (&offload, again);
  g_assert_cmpmem (again, sizeof again, it->header, sizeof it->header);
}

static void
test_checksums_outside_of_the_frame (void)
{
  static const struct
  {
    guint start, offset;
  } bad[] = { { 13, 16 }, { 0, 16 }, { 34, 17 }, { 4054, 0 }, { 4052, 2 }, { 65535, 65534 }, { 34, 65534 } };
  static const struct
  {
    guint start, offset;
  } good[] = { { 14, 0 }, { 34, 16 }, { 4052, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      Case *it = make (&tcp4, 0);

      g_assert_cmpuint (it->packet.length, ==, 4054);
      set_native (it->header + 6, bad[i].start);
      set_native (it->header + 8, bad[i].offset);
      assert_refused (it);
    }
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      Case *it = make (&tcp4, 0);
      BsOffload offload;

      set_native (it->header + 6, good[i].start);
      set_native (it->header + 8, good[i].offset);
      g_assert_true (decode (it, &offload));
    }
}

static void
test_flags_and_kinds_that_nobody_asked_for (void)
{
  static const guint8 kinds[] = { 2, 3, 6, 0x40, 0x80, 0xff };
  Case *it;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      it = make (&tcp4, 1000);
      it->header[1] = kinds[i];
      assert_refused (it);
    }
  it = make (&tcp4, 1000);
  it->header[0] |= 8;
  assert_refused (it);
}

static void
test_kinds_that_do_not_fit_the_frame (void)
{
  static const PacketShape tcp6 = { .version = 6, .payload = 3000 },
                           udp4 = { .version = 4, .is_udp = TRUE, .payload = 3000 };
  Case *it = make (&tcp4, 1000);

  it->header[1] = 4;
  assert_refused (it);
  it->header[1] = 5;
  assert_refused (it);
  it = make (&tcp6, 1000);
  it->header[1] = 1;
  assert_refused (it);
  it = make (&udp4, 1000);
  it->header[1] = 1;
  assert_refused (it);
  it = make (&tcp4, 1000);
  it->packet.data[12] = 0x12;
  assert_refused (it);
}

static void
test_segmentation_without_what_it_needs (void)
{
  Case *it = make (&tcp4, 1000);

  it->header[0] = 0; /* checksum not left to us */
  assert_refused (it);
  it = make (&tcp4, BS_SEGMENT_MIN - 1);
  assert_refused (it);
  it = make (&tcp4, 0);
  it->header[1] = 1;
  assert_refused (it);
  it = make (&tcp4, 1000);
  set_native (it->header + 6, it->packet.transport + 2); /* another checksum */
  assert_refused (it);
  it = make (&tcp4, 1000);
  set_native (it->header + 8, 6);
  assert_refused (it);
}

static void
test_packets_that_are_not_whole (void)
{
  Case *it = make (&tcp4, 1000);

  it->packet.length--; /* shorter than the packet says */
  assert_refused (it);
  it = make (&tcp4, 1000);
  it->packet.length++;
  assert_refused (it);
  it = make (&tcp4, 1000);
  it->packet.data[it->packet.network + 6] = 0x20; /* a fragment */
  assert_refused (it);
  it = make (&tcp4, 1000);
  it->packet.data[it->packet.transport + 12] = 0x40; /* a TCP header of 16 bytes */
  assert_refused (it);
}

static void
test_tcp_headers_that_are_longer_than_the_packet (void)
{
  static const PacketShape tiny = { .version = 4, .payload = 30 };
  Case *it = make (&tiny, 10);

  it->packet.data[it->packet.transport + 12] = 0xf0;
  assert_refused (it);
}

/* Any bytes: offsets stay inside, or it is refused. */
static void
test_any_header (void)
{
  Case *it = make (&tcp4, 1000);

  for (guint i = 0; i < 200000; i++)
    {
      BsOffload offload;

      for (guint byte = 0; byte < 10; byte++)
        it->header[byte] = (guint8) g_test_rand_int ();
      it->header[0] &= 3;
      if (i % 2 == 0)
        it->header[1] = 0;
      if (!decode (it, &offload) || !offload.needs_checksum)
        continue;
      g_assert_cmpuint (offload.checksum_start + offload.checksum_offset + 2, <=, it->packet.length);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/vnet/nothing-is-nothing", test_nothing_is_nothing);
  g_test_add_func ("/packet/vnet/kinds", test_kinds);
  g_test_add_func ("/packet/vnet/length-of-headers-is-a-hint", test_the_length_of_headers_is_a_hint);
  g_test_add_func ("/packet/vnet/a-known-checksum-stays-known", test_a_known_checksum_stays_known);
  g_test_add_func ("/packet/vnet/checksums-outside-of-the-frame", test_checksums_outside_of_the_frame);
  g_test_add_func ("/packet/vnet/flags-and-kinds-that-nobody-asked-for", test_flags_and_kinds_that_nobody_asked_for);
  g_test_add_func ("/packet/vnet/kinds-that-do-not-fit", test_kinds_that_do_not_fit_the_frame);
  g_test_add_func ("/packet/vnet/without-what-it-needs", test_segmentation_without_what_it_needs);
  g_test_add_func ("/packet/vnet/packets-that-are-not-whole", test_packets_that_are_not_whole);
  g_test_add_func ("/packet/vnet/tcp-headers-longer-than-the-packet", test_tcp_headers_that_are_longer_than_the_packet);
  g_test_add_func ("/packet/vnet/any-header", test_any_header);
  return g_test_run ();
}
