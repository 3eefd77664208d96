/* SPDX-License-Identifier: Apache-2.0 */
/* Same seed and same traffic: the same packets are lost, whatever else goes on, and after a restart. */
#include "virtual.h"

#include <string.h>

#define PACKETS 2000

static BsSwitchWire
lossy_wire (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.loss = BS_SWITCH_ALWAYS / 10;
  wire.seed = 4711;
  return wire;
}

/* What of 0 … PACKETS - 1 came to port 1 at UDP port 7. */
static GArray *
take_arrivals (void)
{
  GArray *serials = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < virtual_arrivals->len; i++)
    if (virtual_arrival (i)->port == 1 && virtual_arrival (i)->udp_port == 7)
      g_array_append_val (serials, virtual_arrival (i)->serial);
  return serials;
}

static void
send_numbers (guint first, guint n, bool has_noise)
{
  for (guint32 i = first; i < first + n; i++)
    {
      virtual_send (0, 1, 7, i, 100);
      if (!has_noise)
        continue;
      virtual_send (0, 2, 7, i, 100);
      virtual_send (2, 1, 7, 1000000 + i, 64);
      if (i % 3 == 0)
        virtual_send (0, 1, 8, i, 1400);
      if (i % 7 == 0)
        virtual_send (0, TO_ALL, 9, i, 60);
    }
}

static GArray *
run (const BsSwitchWire *wire, bool has_noise)
{
  GArray *serials;

  virtual_start (3);
  g_assert_cmpint (virtual_set (0, wire), ==, 0);
  send_numbers (0, PACKETS, has_noise);
  serials = take_arrivals ();
  virtual_stop ();
  virtual_forget ();
  return serials;
}

static void
assert_same (const GArray *a, const GArray *b)
{
  g_assert_cmpmem (a->data, a->len * sizeof (guint32), b->data, b->len * sizeof (guint32));
}

static void
test_same_packets_are_lost (void)
{
  BsSwitchWire wire = lossy_wire ();
  g_autoptr (GArray) first = run (&wire, false);
  g_autoptr (GArray) second = run (&wire, false);

  g_assert_cmpuint (first->len, >, PACKETS * 85 / 100);
  g_assert_cmpuint (first->len, <, PACKETS * 95 / 100);
  assert_same (first, second);
}

static void
test_another_seed_loses_others (void)
{
  BsSwitchWire wire = lossy_wire ();
  g_autoptr (GArray) first = run (&wire, false);
  g_autoptr (GArray) second = NULL;

  wire.seed++;
  second = run (&wire, false);
  g_assert_true (first->len != second->len || memcmp (first->data, second->data, first->len * sizeof (guint32)) != 0);
}

static guint32
serial_at (const GArray *serials, guint i)
{
  return g_array_index (serials, guint32, i);
}

/* Another receiver, another port of UDP, another sender, broadcasts: nothing of it moves a decision of this flow. */
static void
test_unrelated_traffic_changes_nothing (void)
{
  BsSwitchWire wire = lossy_wire ();
  g_autoptr (GArray) quiet = run (&wire, false), noisy = run (&wire, true);
  guint n = 0;

  for (guint i = 0; i < noisy->len; i++) /* without what port 2 sent */
    if (serial_at (noisy, i) < 1000000)
      g_assert_cmpuint (serial_at (noisy, i), ==, serial_at (quiet, n++));
  g_assert_cmpuint (n, ==, quiet->len);
}

/* So does Gilbert-Elliott, whose state is the flow's own. */
static void
test_bursts_are_the_flows_own (void)
{
  BsSwitchWire wire = lossy_wire ();
  g_autoptr (GArray) quiet = NULL;
  g_autoptr (GArray) noisy = NULL;
  guint n = 0;

  wire.loss = 0;
  wire.flags = BS_SWITCH_WIRE_BURST;
  wire.burst_enter = BS_SWITCH_ALWAYS / 20;
  wire.burst_leave = BS_SWITCH_ALWAYS / 3;
  wire.burst_good_delivers = BS_SWITCH_ALWAYS;
  quiet = run (&wire, false);
  noisy = run (&wire, true);
  g_assert_cmpuint (quiet->len, <, PACKETS);
  for (guint i = 0; i < noisy->len; i++)
    if (serial_at (noisy, i) < 1000000)
      g_assert_cmpuint (serial_at (noisy, i), ==, serial_at (quiet, n++));
  g_assert_cmpuint (n, ==, quiet->len);
}

/* A full queue behind them changes nothing of the dice. */
static void
test_queues_change_nothing (void)
{
  BsSwitchWire wire = lossy_wire ();
  g_autoptr (GArray) free = run (&wire, false);
  g_autoptr (GArray) jammed = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint64 dropped;

  wire.rate = 8000000;
  wire.queue_bytes = 300;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  for (guint32 i = 0; i < PACKETS; i++)
    {
      virtual_send (0, 1, 7, i, 100);
      if (i % 5 == 0)
        virtual_run (SEC + i * MSEC);
    }
  virtual_run (10 * SEC);
  dropped = virtual_memory->ports[0].drops[BS_SWITCH_DROP_LOSS];
  g_assert_cmpuint (dropped, ==, PACKETS - free->len);
  g_assert_cmpuint (virtual_memory->ports[0].drops[BS_SWITCH_DROP_QUEUE], >, 0);
  for (guint i = 0, n = 0; i < virtual_arrivals->len; i++)
    {
      while (n < free->len && serial_at (free, n) != virtual_arrival (i)->serial)
        n++;
      g_assert_cmpuint (n, <, free->len); /* what came, came there too */
    }
  virtual_stop ();
  virtual_forget ();
}

/* Decisions know interfaces by their identity, never by the port's number. */
static void
test_port_numbers_do_not_matter (void)
{
  BsSwitchWire wire = lossy_wire ();
  g_autoptr (GArray) first = run (&wire, false);
  g_autoptr (GArray) second = NULL;

  virtual_start (3);
  g_assert_cmpint (virtual_set (2, &wire), ==, 0);
  virtual_switch.ports[2].identity = 100;
  for (guint32 i = 0; i < PACKETS; i++)
    virtual_send (2, 1, 7, i, 100);
  second = take_arrivals ();
  virtual_stop ();
  virtual_forget ();
  assert_same (first, second);
}

/* The next switch goes on where the former was killed. */
static void
test_restart_goes_on (void)
{
  BsSwitchWire wire = lossy_wire ();
  g_autoptr (GArray) whole = run (&wire, false);
  g_autoptr (GArray) halves = NULL;
  g_autoptr (GArray) rest = NULL;
  g_autofree BsSwitchMemory *kept = NULL;

  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  send_numbers (0, PACKETS / 2, false);
  halves = take_arrivals ();
  kept = g_memdup2 (virtual_memory, sizeof *virtual_memory); /* as a kill leaves it */
  virtual_stop ();
  virtual_forget ();
  virtual_memory = g_steal_pointer (&kept);
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  send_numbers (PACKETS / 2, PACKETS / 2, false);
  rest = take_arrivals ();
  g_array_append_vals (halves, rest->data, rest->len);
  assert_same (whole, halves);
  virtual_stop ();
  virtual_forget ();
}

/* The receiver's ingress throws dice of its own, over what came to it. */
static void
test_ingress_has_its_own_dice (void)
{
  BsSwitchWire wire = lossy_wire ();
  g_autoptr (GArray) sent = run (&wire, false);
  g_autoptr (GArray) received = NULL;

  wire.direction = BS_SWITCH_DIRECTION_IN;
  virtual_start (3);
  g_assert_cmpint (virtual_set (1, &wire), ==, 0);
  send_numbers (0, PACKETS, false);
  received = take_arrivals ();
  g_assert_cmpuint (received->len, <, PACKETS * 95 / 100);
  g_assert_true (received->len != sent->len || memcmp (sent->data, received->data, sent->len * sizeof (guint32)) != 0);
  g_assert_cmpuint (virtual_memory->ports[1].drops[BS_SWITCH_DROP_LOSS], ==, PACKETS - received->len);
  virtual_stop ();
  virtual_forget ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/seed/same-packets-are-lost", test_same_packets_are_lost);
  g_test_add_func ("/wire/seed/another-seed-loses-others", test_another_seed_loses_others);
  g_test_add_func ("/wire/seed/unrelated-traffic-changes-nothing", test_unrelated_traffic_changes_nothing);
  g_test_add_func ("/wire/seed/bursts-are-the-flows-own", test_bursts_are_the_flows_own);
  g_test_add_func ("/wire/seed/queues-change-nothing", test_queues_change_nothing);
  g_test_add_func ("/wire/seed/port-numbers-do-not-matter", test_port_numbers_do_not_matter);
  g_test_add_func ("/wire/seed/restart-goes-on", test_restart_goes_on);
  g_test_add_func ("/wire/seed/ingress-has-its-own-dice", test_ingress_has_its_own_dice);
  return g_test_run ();
}
