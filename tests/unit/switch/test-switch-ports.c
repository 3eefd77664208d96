/* SPDX-License-Identifier: Apache-2.0 */
/* TAPs and UDP sockets as ports, and what a broken one does to others: nothing. */
#include "bs-fd.h"
#include "port-fixture.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define A "02:00:00:00:00:0a" /* as packet-maker.c */
#define B "02:00:00:00:00:0b"
#define ALL_TUN (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
#define ALL_SWITCH (BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_TSO4 | BS_SWITCH_OFFLOAD_TSO6)
#define C "02:00:00:00:00:0c"
#define VNET IFF_VNET_HDR

static const guint8 no_offload[10];

static void
test_sockets_reach_taps (void)
{
  guint8 frame[TAP_ROOM], header[10];
  Fixture lab;
  bs_autofd int a = -1, b = -1, c = -1;

  fixture_start (&lab, -1);
  a = port_add_tap (&lab, 0, "a", ALL_TUN, ALL_SWITCH, A);
  b = fixture_add (&lab, 1, 0, B);
  c = port_add_udp (&lab, 2, C);
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
  b = port_add_tap (&lab, 1, "b", 0, 0, B);
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
  b = port_add_tap (&lab, 1, "b", 0, 0, B);
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
  b = port_add_tap (&lab, 1, "b", 0, 0, B);
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
  b = port_add_tap (&lab, 1, "b", 0, 0, B);
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
  port_make_udp (AF_INET6, ends);
  g_assert_cmpint (getsockname (ends[0], (struct sockaddr *) &name, &size), ==, 0);
  g_assert_cmpint (port_ask (&lab, 1, BS_SWITCH_PORT_UDP, 0, B, ends[1]), ==, 0);
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
  b = port_add_udp (&lab, 1, B);
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
test_the_shortest_and_the_longest (void)
{
  static guint8 frame[FRAME_ROOM + 10];
  guint8 header[10];
  Fixture lab;
  bs_autofd int a = -1, b = -1, c = -1;

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, A);
  b = port_add_tap (&lab, 1, "b", 0, 0, B);
  c = port_add_udp (&lab, 2, C);
  tap_set_mtu ("b", BS_SWITCH_FRAME_MAX - 14);
  frame_make (frame, B, A, "");
  send_bytes (a, frame, 14);
  g_assert_cmpuint (tap_receive (b, header, frame), ==, 14);
  send_bytes (a, frame, BS_SWITCH_FRAME_MAX);
  g_assert_cmpuint (tap_receive (b, header, frame), ==, BS_SWITCH_FRAME_MAX);
  frame_make (frame, A, B, "");
  tap_send (b, no_offload, frame, BS_SWITCH_FRAME_MAX);
  g_assert_cmpuint (receive_bytes (a, frame), ==, BS_SWITCH_FRAME_MAX);
  send_bytes (c, frame, 13);
  send_bytes (c, frame, 0);
  frame_make (frame, C, A, "");
  send_bytes (a, frame, BS_SWITCH_FRAME_MAX); /* no datagram is that long */
  send_bytes (a, frame, 65507);
  g_assert_cmpuint (receive_bytes (c, frame), ==, 65507);
  send_frame (c, A, C, "still here");
  assert_frame (a, "still here");
  fixture_ping (&lab);
  g_assert_cmpuint (fixture_drops (&lab, 2, BS_SWITCH_DROP_RUNT), ==, 2);
  g_assert_cmpuint (fixture_drops (&lab, 2, BS_SWITCH_DROP_OVERSIZE), ==, 1);
  fixture_clear (&lab);
}

/* The supervisor holds the descriptors; the interface notices nothing. */
static void
test_a_restarted_switch_takes_them_again (void)
{
  guint8 frame[TAP_ROOM], header[10];
  Fixture lab;
  int memory, udp[2];
  bs_autofd int a = -1, b = -1, tap = tap_make ("a", VNET, ALL_TUN);

  a = tap_machine ("a");
  port_make_udp (AF_INET, udp);
  b = udp[0];
  fixture_start (&lab, -1);
  memory = fcntl (lab.memory_fd, F_DUPFD_CLOEXEC, 10);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_TAP, ALL_SWITCH, A, tap), ==, 0);
      g_assert_cmpint (port_ask (&lab, 1, BS_SWITCH_PORT_UDP, 0, B, udp[1]), ==, 0);
      g_assert_cmpuint (lab.memory->state[0].kind, ==, BS_SWITCH_PORT_TAP);
      g_assert_cmpuint (lab.memory->state[0].offload, ==, ALL_SWITCH);
      if (i > 0) /* it waited in the socket */
        g_assert_cmpuint (tap_receive (a, header, frame), ==, 23);
      send_frame (b, A, B, "hello");
      g_assert_cmpuint (tap_receive (a, header, frame), ==, 19);
      if (i == 0)
        {
          fixture_clear (&lab);
          send_frame (b, A, B, "meanwhile");
          fixture_start (&lab, memory);
        }
    }
  fixture_clear (&lab);
  close (udp[1]);
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
  port_make_udp (AF_INET, udp);
  g_assert_cmpint (fcntl (blocking, F_SETFL, 0), ==, 0);
  fixture_start (&lab, -1);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, plain), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, blocking), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, fresh), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, pair[0]), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_UDP, 0, A, alone), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_UDP, 0, A, tcp), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_UDP, 0, A, tun), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_UDP, 0, A, pair[0]), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_DGRAM, 0, A, udp[0]), ==, EINVAL);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_DGRAM, BS_SWITCH_OFFLOAD_CSUM, A, pair[0]), ==, EPROTO);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_UDP, BS_SWITCH_OFFLOAD_CSUM, A, udp[0]), ==, EPROTO);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_TAP, 1 << 4, A, tun), ==, EPROTO);
  g_assert_cmpint (port_ask (&lab, 0, 0, 0, A, pair[0]), ==, EPROTO);
  g_assert_cmpint (port_ask (&lab, 0, 4, 0, A, pair[0]), ==, EPROTO);
  g_assert_cmpint (port_ask (&lab, 0, BS_SWITCH_PORT_TAP, 0, A, tun), ==, 0);
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
  g_test_add_func ("/switch/ports/sockets-reach-taps", test_sockets_reach_taps);
  g_test_add_func ("/switch/ports/order", test_order_is_kept);
  g_test_add_func ("/switch/ports/interface-down", test_an_interface_that_is_down_takes_nothing);
  g_test_add_func ("/switch/ports/interface-vanishes", test_an_interface_that_vanishes_stalls_nobody);
  g_test_add_func ("/switch/ports/udp-waits-for-its-peer", test_udp_waits_for_its_peer);
  g_test_add_func ("/switch/ports/datagrams-of-others", test_datagrams_of_others_are_not_taken);
  g_test_add_func ("/switch/ports/shortest-and-longest", test_the_shortest_and_the_longest);
  g_test_add_func ("/switch/ports/restarted", test_a_restarted_switch_takes_them_again);
  g_test_add_func ("/switch/ports/descriptors-of-another-kind", test_descriptors_of_another_kind);
  return g_test_run ();
}
