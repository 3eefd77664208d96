/* SPDX-License-Identifier: Apache-2.0 */
/* Offloaded packets pass whole, or as wire segments to who does not take them whole. */
#include "bs-fd.h"
#include "port-fixture.h"

#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>

#define A "02:00:00:00:00:0a" /* as packet-maker.c */
#define B "02:00:00:00:00:0b"
#define ALL_TUN (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
#define ALL_SWITCH (BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_TSO4 | BS_SWITCH_OFFLOAD_TSO6)

static const guint8 no_offload[10];
static const PacketShape tcp4 = { .version = 4, .payload = 40000, .tcp_flags = 0x18, .identity = 100 };

static void
test_a_packet_passes_whole (void)
{
  static Packet packet;
  Fixture lab;
  bs_autofd int a = -1, b = -1;

  fixture_start (&lab, -1);
  a = port_add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = port_add_tap (&lab, 1, "b", ALL_TUN, ALL_SWITCH, B);
  port_send_packet (a, &tcp4, 1448, &packet);
  port_assert_whole (b, &packet, 1448);
  fixture_ping (&lab);
  g_assert_cmpuint (lab.memory->ports[0].rx_packets, ==, 28); /* as a wire would carry it */
  g_assert_cmpuint (lab.memory->ports[0].rx_bytes, ==, packet.length + 27 * packet.headers);
  g_assert_cmpuint (lab.memory->ports[1].tx_packets, ==, 28);
  g_assert_cmpuint (lab.memory->ports[1].tx_bytes, ==, packet.length + 27 * packet.headers);
  fixture_clear (&lab);
}

static void
test_a_packet_is_cut_for_a_tap_without_offload (void)
{
  static Packet packet;
  static guint8 frame[TAP_ROOM];
  Fixture lab;
  guint done = 0, n = 0;
  bs_autofd int a = -1, b = -1;

  fixture_start (&lab, -1);
  a = port_add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = port_add_tap (&lab, 1, "b", 0, 0, B);
  port_send_packet (a, &tcp4, 1000, &packet);
  for (; done < tcp4.payload; n++)
    {
      guint8 header[10];
      gsize length = tap_receive (b, header, frame);

      g_assert_cmpmem (header, 2, no_offload, 2);
      port_assert_segment (&packet, &tcp4, frame, length, &done);
    }
  g_assert_cmpuint (n, ==, 40);
  fixture_clear (&lab);
}

static void
test_a_packet_is_cut_for_sockets (void)
{
  static const PacketShape tcp6 = { .version = 6, .payload = 60000, .tcp_flags = 0x10 };
  static Packet packet;
  static guint8 frame[FRAME_ROOM];
  Fixture lab;
  bs_autofd int a = -1, b = -1;

  fixture_start (&lab, -1);
  a = port_add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  for (guint i = 0; i < 2; i++)
    {
      b = i == 0 ? port_add_udp (&lab, 1, B) : fixture_add (&lab, 1, 0, B);
      port_send_packet (a, &tcp6, 1400, &packet);
      for (guint done = 0; done < tcp6.payload;)
        port_assert_segment (&packet, &tcp6, frame, receive_bytes (b, frame), &done);
      g_assert_cmpint (fixture_remove (&lab, 1), ==, 0);
      bs_fd_clear (&b);
    }
  fixture_clear (&lab);
}

/* To all: who takes it whole gets it whole, who does not gets segments, of one packet at once. */
static void
test_a_packet_for_several (void)
{
  static Packet packet;
  static guint8 frame[FRAME_ROOM];
  Fixture lab;
  guint8 header[10];
  bs_autofd int a = -1, b = -1, c = -1, d = -1;

  fixture_start (&lab, -1);
  a = port_add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = port_add_tap (&lab, 1, "b", ALL_TUN, ALL_SWITCH, NULL);
  c = fixture_add (&lab, 2, 0, NULL);
  d = fixture_add (&lab, 3, 0, NULL);
  packet_make (&packet, &tcp4);
  packet_vnet (&packet, &tcp4, 1000, header);
  memset (packet.data, 0xff, 6);
  tap_send (a, header, packet.data, packet.length);
  port_assert_whole (b, &packet, 1000);
  for (guint done = 0; done < tcp4.payload;)
    port_assert_segment (&packet, &tcp4, frame, receive_bytes (c, frame), &done);
  for (guint done = 0; done < tcp4.payload;)
    port_assert_segment (&packet, &tcp4, frame, receive_bytes (d, frame), &done);
  fixture_clear (&lab);
}

static void
test_a_checksum_is_completed (void)
{
  static const PacketShape udp4 = { .version = 4, .is_udp = TRUE, .payload = 31 };
  static Packet packet;
  guint8 frame[FRAME_ROOM];
  Fixture lab;
  guint done = 0;
  bs_autofd int a = -1, b = -1;

  fixture_start (&lab, -1);
  a = port_add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = fixture_add (&lab, 1, 0, B);
  port_send_packet (a, &udp4, 0, &packet);
  port_assert_segment (&packet, &udp4, frame, receive_bytes (b, frame), &done);
  g_assert_cmpuint (done, ==, 31);
  fixture_clear (&lab);
}

/* Datagrams of UDP that are cut as segments of TCP are; where the kernel's TAPs know that. */
static void
test_udp_bursts_pass_whole (void)
{
  static const PacketShape burst = { .version = 4, .is_udp = TRUE, .payload = 22 * 40 };
  static Packet packet;
  static guint8 frame[TAP_ROOM];
  const guint tun = ALL_TUN | 0x20 | 0x40; /* TUN_F_USO4, TUN_F_USO6 */
  guint8 header[10];
  Fixture lab;
  guint done = 0;
  bs_autofd int a = -1, b = -1, c = -1;

  if (!tap_can (tun))
    {
      g_test_skip ("TAPs of this kernel do not know TUN_F_USO4");
      return;
    }
  fixture_start (&lab, -1);
  a = port_add_tap (&lab, 0, "a", tun, ALL_SWITCH | BS_SWITCH_OFFLOAD_USO, A);
  b = port_add_tap (&lab, 1, "b", tun, ALL_SWITCH | BS_SWITCH_OFFLOAD_USO, B);
  port_send_packet (a, &burst, 22, &packet);
  g_assert_cmpuint (tap_receive (b, header, frame), ==, packet.length);
  g_assert_cmpuint (header[1], ==, 5); /* VIRTIO_NET_HDR_GSO_UDP_L4 */
  g_assert_cmpint (fixture_remove (&lab, 1), ==, 0);
  bs_fd_clear (&b);
  c = port_add_tap (&lab, 1, "c", ALL_TUN, ALL_SWITCH, B);
  port_send_packet (a, &burst, 22, &packet);
  while (done < burst.payload)
    {
      gsize length = tap_receive (c, header, frame);

      g_assert_cmpuint (length, ==, packet.headers + 22);
      port_assert_segment (&packet, &burst, frame, length, &done);
    }
  fixture_clear (&lab);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!tap_enter ())
    return puts ("1..0 # SKIP this host gives no network namespace or no /dev/net/tun"), 0;
  g_test_add_func ("/switch/ports/whole", test_a_packet_passes_whole);
  g_test_add_func ("/switch/ports/cut-for-a-tap-without-offload", test_a_packet_is_cut_for_a_tap_without_offload);
  g_test_add_func ("/switch/ports/cut-for-sockets", test_a_packet_is_cut_for_sockets);
  g_test_add_func ("/switch/ports/for-several", test_a_packet_for_several);
  g_test_add_func ("/switch/ports/checksum-completed", test_a_checksum_is_completed);
  g_test_add_func ("/switch/ports/udp-bursts", test_udp_bursts_pass_whole);
  return g_test_run ();
}
