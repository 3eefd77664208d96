/* SPDX-License-Identifier: Apache-2.0 */
/* TAPs and UDP sockets as ports: offloaded packets pass whole or as wire segments, and what a broken one does to
 * others: nothing. */
#include "bs-fd.h"
#include "fixture.h"
#include "packet-maker.h"
#include "tap-fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/socket.h>

#define A "02:00:00:00:00:0a" /* as packet-maker.c */
#define B "02:00:00:00:00:0b"
#define C "02:00:00:00:00:0c"
#define VNET IFF_VNET_HDR
#define ALL_TUN (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
#define ALL_SWITCH (BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_TSO4 | BS_SWITCH_OFFLOAD_TSO6)

static const guint8 no_offload[10];
static const PacketShape tcp4 = { .version = 4, .payload = 40000, .tcp_flags = 0x18, .identity = 100 };

static int
ask (Fixture *lab, guint port, BsSwitchPortKind kind, guint32 offload, const char *mac, int fd)
{
  BsSwitchRequest request = fixture_add_request (port, 0, mac);

  request.add.kind = kind;
  request.add.offload = offload;
  return fixture_ask (lab, &request, fd);
}

/* A TAP of that name becomes a port. Returns: its machine */
static int
add_tap (Fixture *lab, guint port, const char *name, guint tun, guint32 offload, const char *mac)
{
  bs_autofd int fd = tap_make (name, VNET, tun);

  g_assert_cmpint (ask (lab, port, BS_SWITCH_PORT_TAP, offload, mac, fd), ==, 0);
  return tap_machine (name);
}

/* Two sockets of loopback that are connected to each other. */
static void
make_udp (int family, int ends[2])
{
  struct sockaddr_storage names[2];
  socklen_t size;

  for (guint i = 0; i < 2; i++)
    {
      struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
      struct sockaddr_in6 address6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };

      ends[i] = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (bind (ends[i], family == AF_INET ? (void *) &address : (void *) &address6,
                             family == AF_INET ? sizeof address : sizeof address6),
                       ==, 0);
      size = sizeof names[i];
      g_assert_cmpint (getsockname (ends[i], (struct sockaddr *) &names[i], &size), ==, 0);
    }
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (connect (ends[i], (struct sockaddr *) &names[1 - i], size), ==, 0);
}

static int
add_udp (Fixture *lab, guint port, const char *mac)
{
  int ends[2];

  make_udp (AF_INET, ends);
  g_assert_cmpint (ask (lab, port, BS_SWITCH_PORT_UDP, 0, mac, ends[1]), ==, 0);
  close (ends[1]);
  return ends[0];
}

static void
send_packet (int machine, const PacketShape *shape, guint segment, Packet *packet)
{
  guint8 header[10];

  packet_make (packet, shape);
  packet_vnet (packet, shape, segment, header);
  tap_send (machine, header, packet->data, packet->length);
}

static void
assert_whole (int machine, const Packet *packet, guint segment)
{
  static guint8 frame[TAP_ROOM];
  guint8 header[10];
  guint16 size;

  g_assert_cmpuint (tap_receive (machine, header, frame), ==, packet->length);
  memcpy (&size, header + 4, sizeof size);
  g_assert_cmpuint (header[1], ==, segment != 0 ? 1 : 0);
  g_assert_cmpuint (size, ==, segment);
  g_assert_cmpmem (frame + packet->headers, packet->length - packet->headers, packet->data + packet->headers,
                   packet->length - packet->headers);
}

static void
assert_segment (const Packet *packet, const PacketShape *shape, const guint8 *frame, gsize length, guint *done)
{
  guint payload = (guint) length - packet->headers;

  packet_assert_right (packet, shape, frame, (guint) length);
  g_assert_cmpmem (frame + packet->headers, payload, packet->data + packet->headers + *done, payload);
  *done += payload;
}

static const BsSwitchPortCounters *
counters (const Fixture *lab, guint port)
{
  return &lab->memory->ports[port];
}

static void
test_a_packet_passes_whole (void)
{
  static Packet packet;
  Fixture lab;
  bs_autofd int a = -1, b = -1;

  fixture_start (&lab, -1);
  a = add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = add_tap (&lab, 1, "b", ALL_TUN, ALL_SWITCH, B);
  send_packet (a, &tcp4, 1448, &packet);
  assert_whole (b, &packet, 1448);
  fixture_ping (&lab);
  g_assert_cmpuint (counters (&lab, 0)->rx_packets, ==, 28); /* as a wire would carry it */
  g_assert_cmpuint (counters (&lab, 0)->rx_bytes, ==, packet.length + 27 * packet.headers);
  g_assert_cmpuint (counters (&lab, 1)->tx_packets, ==, 28);
  g_assert_cmpuint (counters (&lab, 1)->tx_bytes, ==, packet.length + 27 * packet.headers);
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
  a = add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = add_tap (&lab, 1, "b", 0, 0, B);
  send_packet (a, &tcp4, 1000, &packet);
  for (; done < tcp4.payload; n++)
    {
      guint8 header[10];
      gsize length = tap_receive (b, header, frame);

      g_assert_cmpmem (header, 2, no_offload, 2);
      assert_segment (&packet, &tcp4, frame, length, &done);
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
  a = add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  for (guint i = 0; i < 2; i++)
    {
      b = i == 0 ? add_udp (&lab, 1, B) : fixture_add (&lab, 1, 0, B);
      send_packet (a, &tcp6, 1400, &packet);
      for (guint done = 0; done < tcp6.payload;)
        assert_segment (&packet, &tcp6, frame, receive_bytes (b, frame), &done);
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
  a = add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = add_tap (&lab, 1, "b", ALL_TUN, ALL_SWITCH, NULL);
  c = fixture_add (&lab, 2, 0, NULL);
  d = fixture_add (&lab, 3, 0, NULL);
  packet_make (&packet, &tcp4);
  packet_vnet (&packet, &tcp4, 1000, header);
  memset (packet.data, 0xff, 6);
  tap_send (a, header, packet.data, packet.length);
  assert_whole (b, &packet, 1000);
  for (guint done = 0; done < tcp4.payload;)
    assert_segment (&packet, &tcp4, frame, receive_bytes (c, frame), &done);
  for (guint done = 0; done < tcp4.payload;)
    assert_segment (&packet, &tcp4, frame, receive_bytes (d, frame), &done);
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
  a = add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = fixture_add (&lab, 1, 0, B);
  send_packet (a, &udp4, 0, &packet);
  assert_segment (&packet, &udp4, frame, receive_bytes (b, frame), &done);
  g_assert_cmpuint (done, ==, 31);
  fixture_clear (&lab);
}

static void
test_sockets_reach_taps (void)
{
  guint8 frame[TAP_ROOM], header[10];
  Fixture lab;
  bs_autofd int a = -1, b = -1, c = -1;

  fixture_start (&lab, -1);
  a = add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = fixture_add (&lab, 1, 0, B);
  c = add_udp (&lab, 2, C);
  send_frame (b, A, B, "from a pair");
  g_assert_cmpuint (tap_receive (a, header, frame), ==, 25);
  g_assert_cmpmem (header, 2, no_offload, 2);
  send_frame (c, A, C, "from udp");
  g_assert_cmpuint (tap_receive (a, header, frame), ==, 22);
  g_assert_cmpmem (frame + 14, 8, "from udp", 8);
  send_frame (c, B, C, "udp to pair");
  assert_frame (b, "udp to pair");
  send_frame (b, C, B, "pair to udp");
  assert_frame (c, "pair to udp");
  fixture_clear (&lab);
}

static void
test_order_is_kept (void)
{
  guint8 frame[TAP_ROOM], header[10];
  Fixture lab;
  bs_autofd int a = -1, b = -1;

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, A);
  b = add_tap (&lab, 1, "b", 0, 0, B);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("%03u", i);

      send_frame (a, B, A, text);
    }
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("%03u", i);

      g_assert_cmpuint (tap_receive (b, header, frame), ==, 17);
      g_assert_cmpmem (frame + 14, 3, text, 3);
    }
  fixture_clear (&lab);
}

static void
test_an_interface_that_is_down_takes_nothing (void)
{
  guint8 frame[TAP_ROOM], header[10];
  Fixture lab;
  bs_autofd int a = -1, b = -1, c = -1;

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, A);
  b = add_tap (&lab, 1, "b", 0, 0, B);
  c = fixture_add (&lab, 2, 0, C);
  tap_set_up ("b", FALSE);
  for (guint i = 0; i < 3; i++)
    send_frame (a, B, A, "lost");
  send_frame (a, C, A, "others talk");
  assert_frame (c, "others talk");
  fixture_ping (&lab);
  g_assert_cmpuint (fixture_drops (&lab, 1, BS_SWITCH_DROP_GONE), ==, 3);
  tap_set_up ("b", TRUE);
  bs_fd_clear (&b); /* it was told ENETDOWN */
  b = tap_machine ("b");
  send_frame (a, B, A, "again");
  g_assert_cmpuint (tap_receive (b, header, frame), ==, 19);
  fixture_clear (&lab);
}

static char
process_state (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid), *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return strrchr (text, ')')[2];
}

static void
assert_idle (const Fixture *lab)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  for (guint seen = 0; seen < 100;)
    {
      seen = process_state (lab->pid) == 'S' ? seen + 1 : 0;
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

static void
test_an_interface_that_vanishes_stalls_nobody (void)
{
  Fixture lab;
  bs_autofd int a = -1, b = -1, c = -1;

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, A);
  b = add_tap (&lab, 1, "b", 0, 0, B);
  c = fixture_add (&lab, 2, 0, C);
  tap_delete ("b");
  assert_idle (&lab);
  send_frame (a, B, A, "lost");
  send_frame (a, C, A, "others talk");
  assert_frame (c, "others talk");
  fixture_ping (&lab);
  g_assert_cmpuint (fixture_drops (&lab, 1, BS_SWITCH_DROP_GONE), ==, 1);
  g_assert_cmpint (fixture_remove (&lab, 1), ==, 0);
  bs_fd_clear (&b);
  b = add_tap (&lab, 1, "b", 0, 0, B);
  send_frame (a, C, A, "and again");
  assert_frame (c, "and again");
  fixture_clear (&lab);
}

/* Nobody listens at the other end yet: frames are lost, the port stays, and works when somebody does. */
static void
test_udp_waits_for_its_peer (void)
{
  struct sockaddr_storage name;
  socklen_t size = sizeof name;
  Fixture lab;
  int a, b, ends[2];

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, A);
  make_udp (AF_INET6, ends);
  g_assert_cmpint (getsockname (ends[0], (struct sockaddr *) &name, &size), ==, 0);
  g_assert_cmpint (ask (&lab, 1, BS_SWITCH_PORT_UDP, 0, B, ends[1]), ==, 0);
  close (ends[0]);
  for (guint i = 0; i < 10; i++)
    {
      send_frame (a, B, A, "too early");
      fixture_ping (&lab);
    }
  assert_idle (&lab);
  b = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (b, (struct sockaddr *) &name, size), ==, 0);
  size = sizeof name;
  g_assert_cmpint (getsockname (ends[1], (struct sockaddr *) &name, &size), ==, 0);
  g_assert_cmpint (connect (b, (struct sockaddr *) &name, size), ==, 0);
  send_frame (b, A, B, "here I am");
  assert_frame (a, "here I am");
  send_frame (a, B, A, "welcome");
  assert_frame (b, "welcome");
  close (ends[1]);
  close (a);
  close (b);
  fixture_clear (&lab);
}

static void
test_datagrams_of_others_are_not_taken (void)
{
  struct sockaddr_storage name;
  socklen_t size = sizeof name;
  guint8 frame[64];
  Fixture lab;
  int a, b, stranger = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, A);
  b = add_udp (&lab, 1, B);
  g_assert_cmpint (getpeername (b, (struct sockaddr *) &name, &size), ==, 0);
  g_assert_cmpint (sendto (stranger, frame, frame_make (frame, A, B, "forged"), 0, (struct sockaddr *) &name, size), >,
                   0);
  send_frame (b, A, B, "true");
  assert_frame (a, "true");
  close (stranger);
  close (a);
  close (b);
  fixture_clear (&lab);
}

static void
test_descriptors_of_another_kind (void)
{
  Fixture lab;
  int pair[2], udp[2];
  bs_autofd int plain = tap_make ("plain", 0, 0), blocking = tap_make ("blocking", VNET, 0), tun = -1,
                alone = socket (AF_INET, SOCK_DGRAM, 0), tcp = socket (AF_INET, SOCK_STREAM, 0),
                fresh = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

  tun = tap_make ("good", VNET, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  make_udp (AF_INET, udp);
  g_assert_cmpint (fcntl (blocking, F_SETFL, 0), ==, 0);
  fixture_start (&lab, -1);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, plain), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, blocking), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, fresh), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, pair[0]), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_UDP, 0, A, alone), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_UDP, 0, A, tcp), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_UDP, 0, A, tun), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_UDP, 0, A, pair[0]), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_DGRAM, 0, A, udp[0]), ==, EINVAL);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_DGRAM, BS_SWITCH_OFFLOAD_CSUM, A, pair[0]), ==, EPROTO);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_UDP, BS_SWITCH_OFFLOAD_CSUM, A, udp[0]), ==, EPROTO);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_TAP, 1 << 4, A, tun), ==, EPROTO);
  g_assert_cmpint (ask (&lab, 0, 0, 0, A, pair[0]), ==, EPROTO);
  g_assert_cmpint (ask (&lab, 0, 4, 0, A, pair[0]), ==, EPROTO);
  g_assert_cmpint (ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, tun), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      close (pair[i]);
      close (udp[i]);
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
  g_test_add_func ("/switch/ports/sockets-reach-taps", test_sockets_reach_taps);
  g_test_add_func ("/switch/ports/order", test_order_is_kept);
  g_test_add_func ("/switch/ports/interface-down", test_an_interface_that_is_down_takes_nothing);
  g_test_add_func ("/switch/ports/interface-vanishes", test_an_interface_that_vanishes_stalls_nobody);
  g_test_add_func ("/switch/ports/udp-waits-for-its-peer", test_udp_waits_for_its_peer);
  g_test_add_func ("/switch/ports/datagrams-of-others", test_datagrams_of_others_are_not_taken);
  g_test_add_func ("/switch/ports/descriptors-of-another-kind", test_descriptors_of_another_kind);
  return g_test_run ();
}
