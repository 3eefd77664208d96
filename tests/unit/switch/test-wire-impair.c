/* SPDX-License-Identifier: Apache-2.0 */
/* What each condition does, in a time that the test turns: exact to the nanosecond. */
#include "packet-maker.h"
#include "virtual.h"

#include <errno.h>
#include <string.h>

#define HALF (BS_SWITCH_ALWAYS / 2)

static const BsSwitchPortCounters *
counters (guint16 port)
{
  return &virtual_memory->ports[port];
}

static void
start_with (const BsSwitchWire *wire)
{
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, wire), ==, 0);
}

static void
stop (void)
{
  g_assert_cmpuint (counters (0)->queued_packets, ==, 0);
  g_assert_cmpuint (counters (0)->queued_bytes, ==, 0);
  g_assert_cmpuint (virtual_switch.pool.n_free, ==, BS_POOL_CELLS);
  virtual_stop ();
  virtual_forget ();
}

static void
test_delays (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.delay_nsec = 10 * MSEC + 1;
  start_with (&wire);
  virtual_send (0, 1, 7, 1, 100);
  virtual_send (1, 0, 7, 2, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1); /* the way back has no delay */
  g_assert_cmpuint (counters (0)->queued_packets, ==, 1);
  g_assert_cmpuint (counters (0)->queued_bytes, ==, 100);
  virtual_run (SEC + 10 * MSEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 2);
  g_assert_cmpuint (virtual_arrival (1)->time_nsec, ==, SEC + 10 * MSEC + 1);
  g_assert_cmpuint (virtual_arrival (1)->serial, ==, 1);
  stop ();
}

/* The longest frame waits for its rate and its delay, twice, and comes whole; what is shorter than a header never gets
 * that far. */
static void
test_longest_frame_and_runts (void)
{
  static const BsOffload nothing;
  static guint8 runt[14];
  BsSwitchWire wire = virtual_wire (), ingress;

  wire.delay_nsec = MSEC;
  wire.rate = 65535 * 8 * 100;
  wire.queue_bytes = 1;
  ingress = wire;
  ingress.direction = BS_SWITCH_DIRECTION_IN;
  start_with (&wire);
  g_assert_cmpint (virtual_set (1, &ingress), ==, 0);
  virtual_send (0, 1, 7, 1, BS_SWITCH_FRAME_MAX);
  for (guint32 length = 0; length < sizeof runt; length++)
    bs_forward (&virtual_switch, 0, runt, length, &nothing);
  g_assert_cmpuint (counters (0)->drops[BS_SWITCH_DROP_RUNT], ==, sizeof runt);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1);
  g_assert_cmpuint (virtual_arrival (0)->time_nsec, ==, SEC + 22 * MSEC);
  g_assert_cmpuint (virtual_arrival (0)->length, ==, BS_SWITCH_FRAME_MAX);
  g_assert_cmpuint (virtual_arrival (0)->flipped, ==, 0);
  stop ();
}

static void
test_delays_each_way_alone (void)
{
  BsSwitchWire wire = virtual_wire (), ingress = virtual_wire (), pair = virtual_wire ();

  wire.delay_nsec = 10 * MSEC;
  pair.to = 2;
  pair.delay_nsec = 3 * MSEC;
  ingress.direction = BS_SWITCH_DIRECTION_IN;
  ingress.delay_nsec = 5 * MSEC;
  start_with (&wire);
  g_assert_cmpint (virtual_set (0, &pair), ==, 0);
  g_assert_cmpint (virtual_set (1, &ingress), ==, 0);
  g_assert_cmpint (virtual_set (2, &ingress), ==, 0);
  virtual_send (0, 1, 7, 1, 100);
  virtual_send (0, 2, 7, 2, 100);
  virtual_send (1, 2, 7, 3, 100);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrival (0)->serial, ==, 3);
  g_assert_cmpuint (virtual_arrival (0)->time_nsec, ==, SEC + 5 * MSEC);
  g_assert_cmpuint (virtual_arrival (1)->serial, ==, 2);
  g_assert_cmpuint (virtual_arrival (1)->time_nsec, ==, SEC + 8 * MSEC);
  g_assert_cmpuint (virtual_arrival (2)->serial, ==, 1);
  g_assert_cmpuint (virtual_arrival (2)->time_nsec, ==, SEC + 15 * MSEC);
  stop ();
}

static void
test_down_carries_nothing (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.flags = BS_SWITCH_WIRE_DOWN;
  start_with (&wire);
  virtual_send (0, 1, 7, 1, 100);
  virtual_send (0, TO_ALL, 7, 1, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 0);
  g_assert_cmpuint (counters (0)->drops[BS_SWITCH_DROP_DOWN], ==, 3);
  wire.flags = 0;
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  virtual_send (0, 1, 7, 2, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1);
  stop ();
}

/* Ingress counts at the receiver. */
static void
test_ingress_down_is_counted_there (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.direction = BS_SWITCH_DIRECTION_IN;
  wire.flags = BS_SWITCH_WIRE_DOWN;
  start_with (&wire);
  virtual_send (1, 0, 7, 1, 100);
  virtual_send (0, 1, 7, 1, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1);
  g_assert_cmpuint (counters (0)->drops[BS_SWITCH_DROP_DOWN], ==, 1);
  g_assert_cmpuint (counters (1)->drops[BS_SWITCH_DROP_DOWN], ==, 0);
  stop ();
}

static void
test_cuts_one_way (void)
{
  virtual_start (3);
  virtual_cut (0, 4, 0);
  virtual_cut (1, 0, 4);
  virtual_cut (2, 0, 2);
  virtual_send (0, 1, 7, 1, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 0);
  g_assert_cmpuint (counters (0)->drops[BS_SWITCH_DROP_CUT], ==, 1);
  virtual_send (1, 0, 7, 2, 100);
  virtual_send (0, 2, 7, 3, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 2);
  virtual_cut (0, 0, 0);
  virtual_send (0, 1, 7, 4, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 3);
  stop ();
}

static void
test_duplicates (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.duplicate = BS_SWITCH_ALWAYS;
  start_with (&wire);
  virtual_send (0, 1, 7, 1, 9000);
  g_assert_cmpuint (virtual_arrivals->len, ==, 2);
  wire.delay_nsec = MSEC;
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  virtual_send (0, 1, 7, 2, 9000);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpuint (virtual_arrival (i)->serial, ==, 1 + i / 2);
      g_assert_cmpuint (virtual_arrival (i)->flipped, ==, 0);
      g_assert_cmpuint (virtual_arrival (i)->length, ==, 9000);
    }
  g_assert_cmpuint (counters (0)->duplicated, ==, 2);
  stop ();
}

/* A duplicate of what was in the pool already. */
static void
test_ingress_duplicates_what_waited (void)
{
  BsSwitchWire wire = virtual_wire (), ingress = virtual_wire ();

  wire.delay_nsec = MSEC;
  ingress.direction = BS_SWITCH_DIRECTION_IN;
  ingress.duplicate = BS_SWITCH_ALWAYS;
  start_with (&wire);
  g_assert_cmpint (virtual_set (1, &ingress), ==, 0);
  virtual_send (0, 1, 7, 1, 20000);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 2);
  g_assert_cmpuint (virtual_arrival (1)->length, ==, 20000);
  g_assert_cmpuint (virtual_arrival (1)->flipped, ==, 0);
  g_assert_cmpuint (counters (1)->duplicated, ==, 1);
  stop ();
}

/* One bit, anywhere, and only of this receiver's copy. */
static void
test_corrupts_one_bit (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.corrupt = BS_SWITCH_ALWAYS;
  wire.to = 1;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  for (guint32 i = 0; i < 100; i++)
    virtual_send (0, TO_ALL, 7, i, 64 + i * 300);
  g_assert_cmpuint (virtual_arrivals->len, ==, 200);
  for (guint i = 0; i < 200; i++)
    if (virtual_arrival (i)->port == 2)
      g_assert_cmpuint (virtual_arrival (i)->flipped, ==, 0);
  g_assert_cmpuint (counters (0)->corrupted, ==, 100);
  stop ();
}

static void
test_corrupted_bits_differ (void)
{
  BsSwitchWire wire = virtual_wire ();
  guint wrong = 0;

  wire.corrupt = BS_SWITCH_ALWAYS;
  wire.duplicate = BS_SWITCH_ALWAYS; /* the copy is whole */
  start_with (&wire);
  for (guint32 i = 0; i < 1000; i++)
    virtual_send (0, 1, 7, 5, 1500);
  g_assert_cmpuint (virtual_arrivals->len, ==, 2000);
  for (guint i = 0; i < 2000; i += 2)
    {
      wrong += virtual_arrival (i)->flipped == 1;
      g_assert_cmpuint (virtual_arrival (i + 1)->flipped, ==, 0);
    }
  g_assert_cmpuint (wrong, >, 900); /* the others: bits that say what to compare with */
  stop ();
}

/* Those that are chosen go ahead without the delay, the others keep their order. */
static void
test_reorders (void)
{
  BsSwitchWire wire = virtual_wire ();
  guint ahead = 0, last = 0;

  wire.delay_nsec = 10 * MSEC;
  wire.reorder = BS_SWITCH_ALWAYS / 4;
  start_with (&wire);
  for (guint32 i = 1; i <= 1000; i++)
    {
      virtual_send (0, 1, 7, i, 100);
      virtual_run (SEC + i * MSEC);
    }
  virtual_run (3 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1000);
  for (guint i = 0; i < 1000; i++)
    {
      const Arrival *arrival = virtual_arrival (i);
      guint64 sent = SEC + (arrival->serial - 1) * MSEC;

      if (arrival->time_nsec == sent)
        ahead++;
      else
        {
          g_assert_cmpuint (arrival->time_nsec, ==, sent + 10 * MSEC);
          g_assert_cmpuint (arrival->serial, >, last);
          last = arrival->serial;
        }
    }
  g_assert_cmpuint (ahead, ==, counters (0)->reordered);
  g_assert_cmpuint (ahead, >, 200);
  g_assert_cmpuint (ahead, <, 300);
  stop ();
}

/* Jitter alone never reorders, and one receiver's jitter holds up no other's packets. */
static void
test_jitter_keeps_order (void)
{
  BsSwitchWire wire = virtual_wire ();
  guint last[3] = { 0 };

  wire.delay_nsec = 10 * MSEC;
  wire.jitter_nsec = 10 * MSEC;
  wire.jitter_kind = BS_SWITCH_JITTER_UNIFORM;
  start_with (&wire);
  for (guint32 i = 1; i <= 2000; i++)
    {
      virtual_send (0, 1 + i % 2, 7, i, 100);
      virtual_run (SEC + i * MSEC);
    }
  virtual_run (5 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 2000);
  for (guint i = 0; i < 2000; i++)
    {
      const Arrival *arrival = virtual_arrival (i);
      guint64 sent = SEC + (arrival->serial - 1) * MSEC;

      g_assert_cmpuint (arrival->serial, >, last[arrival->port]);
      g_assert_cmpuint (arrival->time_nsec, >=, sent);
      g_assert_cmpuint (arrival->time_nsec, <=, sent + 20 * MSEC);
      last[arrival->port] = arrival->serial;
    }
  stop ();
}

/* Packets under way keep their due times; what is sent after a change follows the new wire. */
static void
test_change_keeps_what_is_under_way (void)
{
  BsSwitchWire wire = virtual_wire (), none = virtual_wire ();

  wire.delay_nsec = 100 * MSEC;
  none.seed = 0;
  start_with (&wire);
  virtual_send (0, 1, 7, 1, 100);
  wire.delay_nsec = 10 * MSEC;
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  virtual_send (0, 1, 7, 2, 100);
  g_assert_cmpint (virtual_set (0, &none), ==, 0);
  virtual_send (0, 1, 7, 3, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrival (0)->serial, ==, 3);
  g_assert_cmpuint (virtual_arrival (1)->serial, ==, 2);
  g_assert_cmpuint (virtual_arrival (1)->time_nsec, ==, SEC + 10 * MSEC);
  g_assert_cmpuint (virtual_arrival (2)->serial, ==, 1);
  g_assert_cmpuint (virtual_arrival (2)->time_nsec, ==, SEC + 100 * MSEC);
  stop ();
}

/* A pair's wire stands in for the port's, until it is nothing. */
static void
test_pair_wins_until_it_is_nothing (void)
{
  BsSwitchWire wire = virtual_wire (), pair = virtual_wire ();

  wire.loss = BS_SWITCH_ALWAYS;
  pair.to = 1;
  start_with (&wire);
  g_assert_cmpint (virtual_set (0, &pair), ==, 0);
  virtual_send (0, TO_ALL, 7, 1, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1);
  g_assert_cmpuint (virtual_arrival (0)->port, ==, 1);
  pair.seed = 0;
  g_assert_cmpint (virtual_set (0, &pair), ==, 0);
  virtual_send (0, TO_ALL, 7, 2, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1);
  g_assert_cmpuint (counters (0)->drops[BS_SWITCH_DROP_LOSS], ==, 3);
  stop ();
}

/* Whatever waits for a port that goes, or was sent by it, is given back; the others' goes on. */
static void
test_ports_vanish_with_packets_queued (void)
{
  BsSwitchWire wire = virtual_wire ();
  BsSwitchRequest request = { .op = BS_SWITCH_REMOVE_PORT, .port = 1 };

  wire.delay_nsec = 10 * MSEC;
  wire.rate = 1000000;
  wire.queue_bytes = 1000000;
  virtual_start (4);
  for (guint16 port = 0; port < 4; port++)
    {
      g_assert_cmpint (virtual_set (port, &wire), ==, 0);
      wire.direction = BS_SWITCH_DIRECTION_IN;
      g_assert_cmpint (virtual_set (port, &wire), ==, 0);
      wire.direction = BS_SWITCH_DIRECTION_OUT;
    }
  for (guint32 i = 0; i < 40; i++)
    {
      virtual_send (i % 4, (i + 1 + i / 4 % 3) % 4, 7, i, 1000);
      virtual_run (SEC + i * MSEC);
    }
  g_assert_cmpint (virtual_ask (&request, -1), ==, 0);
  virtual_run (100 * SEC);
  g_assert_cmpuint (virtual_count (2) + virtual_count (3) + virtual_count (0), >=, 20);
  for (guint16 port = 0; port < 4; port++)
    g_assert_cmpuint (counters (port)->queued_packets, ==, 0);
  stop ();
}

/* An offloaded packet is on the wire what a network card makes of it, whichever wire it meets first. */
static void
check_offload (const BsSwitchWire *wire, guint16 port, guint16 to, guint segments)
{
  static const PacketShape shape = { .version = 4, .payload = 10000 };
  static Packet packet;
  guint8 header[10];
  BsOffload offload;

  packet_make (&packet, &shape);
  packet.data[0] = to == TO_ALL ? 0xff : 2;
  memset (packet.data + 1, to == TO_ALL ? 0xff : 0, 5);
  packet.data[5] = to == TO_ALL ? 0xff : (guint8) (to + 1);
  packet_vnet (&packet, &shape, 1000, header);
  g_assert_true (bs_vnet_decode (&offload, header, packet.data, packet.length));
  virtual_start (3);
  g_assert_cmpint (virtual_set (port, wire), ==, 0);
  virtual_switch.now_nsec = SEC;
  bs_forward (&virtual_switch, 0, packet.data, packet.length, &offload);
  bs_port_flush_all (&virtual_switch);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, segments);
  for (guint i = 0; i < segments; i++)
    g_assert_cmpuint (virtual_arrival (i)->length, ==, 1054);
  stop ();
}

static void
test_offload_is_cut_first (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.delay_nsec = MSEC;
  check_offload (&wire, 0, 1, 10);
  check_offload (&wire, 0, TO_ALL, 20);
  wire.duplicate = BS_SWITCH_ALWAYS;
  check_offload (&wire, 0, 1, 20);
  wire.direction = BS_SWITCH_DIRECTION_IN;
  check_offload (&wire, 1, 1, 20);
  check_offload (&wire, 1, TO_ALL, 30);
}

/* Of all segments of a frame to all, each is charged once. */
static void
test_flooded_segments_are_charged_once (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.rate = 1054 * 8 * 1000;
  wire.queue_bytes = 1000000;
  wire.queue_nsec = 9 * MSEC; /* ten, if they cost no more than once */
  check_offload (&wire, 0, TO_ALL, 20);
}

/* A port may not hold more than is still free. */
static void
test_memory_is_shared (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.delay_nsec = 10 * SEC;
  start_with (&wire);
  g_assert_cmpint (virtual_set (1, &wire), ==, 0);
  for (guint32 i = 0; i < BS_POOL_CELLS / 2 + 100; i++)
    virtual_send (0, 2, 7, i, 64);
  g_assert_cmpuint (counters (0)->queued_packets, ==, BS_POOL_CELLS / 2);
  g_assert_cmpuint (counters (2)->drops[BS_SWITCH_DROP_MEMORY], ==, 100);
  for (guint32 i = 0; i < BS_POOL_CELLS / 4 + 100; i++)
    virtual_send (1, 2, 7, i, 64);
  g_assert_cmpuint (counters (1)->queued_packets, ==, BS_POOL_CELLS / 4);
  virtual_run (20 * SEC);
  g_assert_cmpuint (virtual_count (2), ==, BS_POOL_CELLS / 4 * 3);
  stop ();
}

static int
send_nowhere (int fd, struct mmsghdr *messages, unsigned n, int flags)
{
  for (unsigned i = 0; i < n; i++)
    messages[i].msg_len = 60;
  return (int) n;
}

/* Every wire does everything, to frames of any bytes and lengths (JUNK_FRAMES says how many): all memory comes back. */
static void
test_junk (void)
{
  static const BsOffload nothing;
  static guint8 frame[BS_SWITCH_FRAME_MAX];
  const char *many = g_getenv ("JUNK_FRAMES");
  guint64 n = many != NULL ? g_ascii_strtoull (many, NULL, 10) : 100000;
  BsSwitchWire wire = virtual_wire ();
  guint64 random = 1;

  wire.loss = wire.duplicate = wire.reorder = wire.corrupt = BS_SWITCH_ALWAYS / 5;
  wire.delay_nsec = wire.jitter_nsec = MSEC;
  wire.jitter_kind = BS_SWITCH_JITTER_NORMAL;
  wire.rate = 1000000000;
  wire.queue_nsec = MSEC;
  wire.flags = BS_SWITCH_WIRE_CODEL;
  virtual_start (4);
  virtual_switch.send = send_nowhere;
  for (guint16 port = 0; port < 8; port++)
    {
      wire.direction = port < 4 ? BS_SWITCH_DIRECTION_OUT : BS_SWITCH_DIRECTION_IN;
      g_assert_cmpint (virtual_set (port % 4, &wire), ==, 0);
    }
  for (guint64 i = 0; i < n; i++)
    {
      random = random * UINT64_C (6364136223846793005) + 1442695040888963407u;
      for (guint at = 0; at < 72; at += 8)
        memcpy (frame + at, &(guint64){ random * (at * 2 + 1) ^ random >> 29 }, 8);
      if (i % 3 == 0)
        memcpy (frame + 12, i % 2 == 0 ? "\x08\x00\x45" : "\x86\xdd\x60", 3);
      bs_forward (&virtual_switch, i % 4, frame, i % 1000 == 0 ? BS_SWITCH_FRAME_MAX : (guint32) (random >> 57),
                  &nothing);
      bs_port_flush_all (&virtual_switch);
      if (i % 50 == 0)
        virtual_run (SEC + i * 10000);
    }
  virtual_run (SEC + n * 10000 + 100 * SEC);
  stop ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/impair/delays", test_delays);
  g_test_add_func ("/wire/impair/longest-frame-and-runts", test_longest_frame_and_runts);
  g_test_add_func ("/wire/impair/delays-each-way-alone", test_delays_each_way_alone);
  g_test_add_func ("/wire/impair/down-carries-nothing", test_down_carries_nothing);
  g_test_add_func ("/wire/impair/ingress-down-is-counted-there", test_ingress_down_is_counted_there);
  g_test_add_func ("/wire/impair/cuts-one-way", test_cuts_one_way);
  g_test_add_func ("/wire/impair/duplicates", test_duplicates);
  g_test_add_func ("/wire/impair/ingress-duplicates-what-waited", test_ingress_duplicates_what_waited);
  g_test_add_func ("/wire/impair/corrupts-one-bit", test_corrupts_one_bit);
  g_test_add_func ("/wire/impair/corrupted-bits-differ", test_corrupted_bits_differ);
  g_test_add_func ("/wire/impair/reorders", test_reorders);
  g_test_add_func ("/wire/impair/jitter-keeps-order", test_jitter_keeps_order);
  g_test_add_func ("/wire/impair/change-keeps-what-is-under-way", test_change_keeps_what_is_under_way);
  g_test_add_func ("/wire/impair/pair-wins-until-it-is-nothing", test_pair_wins_until_it_is_nothing);
  g_test_add_func ("/wire/impair/ports-vanish-with-packets-queued", test_ports_vanish_with_packets_queued);
  g_test_add_func ("/wire/impair/offload-is-cut-first", test_offload_is_cut_first);
  g_test_add_func ("/wire/impair/flooded-segments-are-charged-once", test_flooded_segments_are_charged_once);
  g_test_add_func ("/wire/impair/junk", test_junk);
  g_test_add_func ("/wire/impair/memory-is-shared", test_memory_is_shared);
  return g_test_run ();
}
