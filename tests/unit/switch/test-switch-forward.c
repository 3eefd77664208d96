/* SPDX-License-Identifier: Apache-2.0 */
/* What the switch does with frames, seen from machines. */
#include "fixture.h"

#include <string.h>
#include <unistd.h>

#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"
#define C "02:00:00:00:00:0c"
#define ALL "ff:ff:ff:ff:ff:ff"

/* Three machines on network 7 whose addresses the switch does not know. */
typedef struct
{
  Fixture base;
  int a, b, c;
} Three;

static void
three_start (Three *self, const char *mac_a)
{
  fixture_start (&self->base, -1);
  self->a = fixture_add (&self->base, 0, 7, mac_a);
  self->b = fixture_add (&self->base, 1, 7, NULL);
  self->c = fixture_add (&self->base, 2, 7, NULL);
}

static void
three_clear (Three *self)
{
  close (self->a);
  close (self->b);
  close (self->c);
  fixture_clear (&self->base);
}

/* What came before @text from the same machine has been judged when @text arrives. */
static void
pass_marker (Three *self, int from, const char *source, int to, const char *destination)
{
  send_frame (from, destination, source, "marker");
  assert_frame (to, "marker");
  fixture_ping (&self->base);
}

static void
test_floods_unknown (void)
{
  Three lab;

  three_start (&lab, NULL);
  send_frame (lab.a, B, A, "who");
  assert_frame (lab.b, "who");
  assert_frame (lab.c, "who");
  fixture_ping (&lab.base);
  assert_silent (lab.a);
  three_clear (&lab);
}

static void
test_floods_groups (void)
{
  Three lab;

  three_start (&lab, NULL);
  send_frame (lab.a, ALL, A, "broadcast");
  send_frame (lab.a, "01:00:5e:00:00:01", A, "multicast");
  assert_frame (lab.b, "broadcast");
  assert_frame (lab.b, "multicast");
  assert_frame (lab.c, "broadcast");
  assert_frame (lab.c, "multicast");
  fixture_ping (&lab.base);
  assert_silent (lab.a);
  three_clear (&lab);
}

static void
test_learns (void)
{
  Three lab;

  three_start (&lab, NULL);
  send_frame (lab.b, ALL, B, "here I am");
  assert_frame (lab.a, "here I am");
  assert_frame (lab.c, "here I am");
  send_frame (lab.a, B, A, "to b only");
  assert_frame (lab.b, "to b only");
  fixture_ping (&lab.base);
  assert_silent (lab.c);
  three_clear (&lab);
}

static void
test_follows_a_move (void)
{
  Three lab;

  three_start (&lab, NULL);
  send_frame (lab.b, A, B, "from b");
  assert_frame (lab.a, "from b");
  assert_frame (lab.c, "from b");
  send_frame (lab.c, A, B, "moved to c");
  assert_frame (lab.a, "moved to c");
  assert_frame (lab.b, "moved to c");
  pass_marker (&lab, lab.a, A, lab.c, B);
  assert_silent (lab.b);
  three_clear (&lab);
}

static void
test_never_sends_back (void)
{
  Three lab;

  three_start (&lab, A);
  send_frame (lab.a, A, A, "to myself");
  pass_marker (&lab, lab.a, A, lab.b, ALL);
  assert_frame (lab.c, "marker");
  assert_silent (lab.a);
  three_clear (&lab);
}

static void
test_pin_is_known_from_the_start (void)
{
  Three lab;

  three_start (&lab, A);
  send_frame (lab.b, A, B, "to a only");
  assert_frame (lab.a, "to a only");
  fixture_ping (&lab.base);
  assert_silent (lab.c);
  three_clear (&lab);
}

static void
test_pin_cannot_be_stolen (void)
{
  Three lab;

  three_start (&lab, A);
  send_frame (lab.c, ALL, A, "I am a");
  assert_frame (lab.a, "I am a");
  assert_frame (lab.b, "I am a");
  send_frame (lab.b, A, B, "secret");
  assert_frame (lab.a, "secret");
  fixture_ping (&lab.base);
  assert_silent (lab.c);
  three_clear (&lab);
}

static void
test_networks_are_apart (void)
{
  Three lab;
  int other;

  three_start (&lab, NULL);
  other = fixture_add (&lab.base, 3, 8, A); /* the same address may be on both */
  send_frame (lab.a, ALL, A, "one");
  assert_frame (lab.b, "one");
  assert_frame (lab.c, "one");
  send_frame (lab.b, A, B, "two");
  assert_frame (lab.a, "two");
  fixture_ping (&lab.base);
  assert_silent (other);
  assert_silent (lab.c);
  close (other);
  three_clear (&lab);
}

static void
test_vlan_passes_unchanged (void)
{
  Three lab;
  guint8 sent[1518], got[FRAME_ROOM];

  three_start (&lab, A);
  for (gsize i = 0; i < sizeof sent; i++)
    sent[i] = (guint8) (i * 7);
  frame_make (sent, A, B, "");
  memcpy (sent + 12, "\x81\x00\x20\x05\x08\x00", 6); /* priority 1, VLAN 5, IPv4 */
  send_bytes (lab.b, sent, sizeof sent);
  g_assert_cmpmem (got, receive_bytes (lab.a, got), sent, sizeof sent);
  three_clear (&lab);
}

static void
test_longest_frame_passes (void)
{
  Three lab;
  g_autofree guint8 *sent = g_malloc0 (BS_SWITCH_FRAME_MAX), *got = g_malloc (FRAME_ROOM);

  three_start (&lab, A);
  frame_make (sent, A, B, "long");
  sent[BS_SWITCH_FRAME_MAX - 1] = 0x5a;
  send_bytes (lab.b, sent, BS_SWITCH_FRAME_MAX);
  g_assert_cmpmem (got, receive_bytes (lab.a, got), sent, BS_SWITCH_FRAME_MAX);
  three_clear (&lab);
}

static void
test_shortest_frame_passes (void)
{
  Three lab;

  three_start (&lab, A);
  send_frame (lab.b, A, B, "");
  assert_frame (lab.a, "");
  three_clear (&lab);
}

/* Sends @frame, which must be dropped for @cause, and is the only thing that is. */
static void
check_dropped (const guint8 *frame, gsize length, BsSwitchDrop cause)
{
  Three lab;

  three_start (&lab, NULL);
  send_bytes (lab.a, frame, length);
  pass_marker (&lab, lab.a, A, lab.b, ALL);
  assert_frame (lab.c, "marker");
  assert_silent (lab.b);
  assert_silent (lab.c);
  for (int i = 0; i < BS_SWITCH_DROPS; i++)
    g_assert_cmpuint (fixture_drops (&lab.base, 0, i), ==, i == (int) cause ? 1 : 0);
  g_assert_cmpuint (lab.base.memory->ports[0].rx_packets, ==, 2);
  g_assert_cmpuint (lab.base.memory->ports[1].tx_packets, ==, 1);
  three_clear (&lab);
}

static void
test_drops_runts (void)
{
  guint8 frame[64] = { 0 };

  frame_make (frame, B, A, "");
  check_dropped (frame, 13, BS_SWITCH_DROP_RUNT);
  check_dropped (frame, 0, BS_SWITCH_DROP_RUNT);
}

static void
test_drops_oversize (void)
{
  g_autofree guint8 *frame = g_malloc0 (BS_SWITCH_FRAME_MAX + 1);

  frame_make (frame, ALL, A, "");
  check_dropped (frame, BS_SWITCH_FRAME_MAX + 1, BS_SWITCH_DROP_OVERSIZE);
}

static void
test_drops_group_sources (void)
{
  guint8 frame[64];

  check_dropped (frame, frame_make (frame, ALL, "03:00:00:00:00:01", "x"), BS_SWITCH_DROP_SOURCE);
}

static void
test_drops_reserved (void)
{
  guint8 frame[64];

  check_dropped (frame, frame_make (frame, "01:80:c2:00:00:00", A, "x"), BS_SWITCH_DROP_RESERVED);
  check_dropped (frame, frame_make (frame, "01:80:c2:00:00:0f", A, "x"), BS_SWITCH_DROP_RESERVED);
}

static void
test_passes_next_to_reserved (void)
{
  Three lab;

  three_start (&lab, NULL);
  send_frame (lab.a, "01:80:c2:00:00:10", A, "not reserved");
  assert_frame (lab.b, "not reserved");
  assert_frame (lab.c, "not reserved");
  three_clear (&lab);
}

static void
test_counts (void)
{
  Three lab;
  const BsSwitchPortCounters *a, *b;

  three_start (&lab, A);
  send_frame (lab.b, A, B, "12345"); /* 19 bytes */
  assert_frame (lab.a, "12345");
  send_frame (lab.b, A, B, "1");
  assert_frame (lab.a, "1");
  fixture_ping (&lab.base);
  a = &lab.base.memory->ports[0];
  b = &lab.base.memory->ports[1];
  g_assert_cmpuint (b->rx_packets, ==, 2);
  g_assert_cmpuint (b->rx_bytes, ==, 34);
  g_assert_cmpuint (b->tx_packets, ==, 0);
  g_assert_cmpuint (a->tx_packets, ==, 2);
  g_assert_cmpuint (a->tx_bytes, ==, 34);
  g_assert_cmpuint (a->rx_packets, ==, 0);
  three_clear (&lab);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/forward/floods-unknown", test_floods_unknown);
  g_test_add_func ("/switch/forward/floods-groups", test_floods_groups);
  g_test_add_func ("/switch/forward/learns", test_learns);
  g_test_add_func ("/switch/forward/follows-a-move", test_follows_a_move);
  g_test_add_func ("/switch/forward/never-sends-back", test_never_sends_back);
  g_test_add_func ("/switch/forward/pin-is-known-from-the-start", test_pin_is_known_from_the_start);
  g_test_add_func ("/switch/forward/pin-cannot-be-stolen", test_pin_cannot_be_stolen);
  g_test_add_func ("/switch/forward/networks-are-apart", test_networks_are_apart);
  g_test_add_func ("/switch/forward/vlan-passes-unchanged", test_vlan_passes_unchanged);
  g_test_add_func ("/switch/forward/longest-frame-passes", test_longest_frame_passes);
  g_test_add_func ("/switch/forward/shortest-frame-passes", test_shortest_frame_passes);
  g_test_add_func ("/switch/forward/drops-runts", test_drops_runts);
  g_test_add_func ("/switch/forward/drops-oversize", test_drops_oversize);
  g_test_add_func ("/switch/forward/drops-group-sources", test_drops_group_sources);
  g_test_add_func ("/switch/forward/drops-reserved", test_drops_reserved);
  g_test_add_func ("/switch/forward/passes-next-to-reserved", test_passes_next_to_reserved);
  g_test_add_func ("/switch/forward/counts", test_counts);
  return g_test_run ();
}
