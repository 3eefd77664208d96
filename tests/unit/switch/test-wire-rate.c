/* SPDX-License-Identifier: Apache-2.0 */
/* Rates, queues and traces, in a time that the test turns. */
#include "bs-codel.h"
#include "bs-trace.h"
#include "virtual.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static const BsSwitchPortCounters *
counters (guint16 port)
{
  return &virtual_memory->ports[port];
}

static void
stop (void)
{
  for (guint16 port = 0; port < 3; port++)
    g_assert_cmpuint (counters (port)->queued_packets, ==, 0);
  g_assert_cmpuint (virtual_switch.pool.n_free, ==, BS_POOL_CELLS);
  virtual_stop ();
  virtual_forget ();
}

static BsSwitchWire
rate_wire (guint64 rate)
{
  BsSwitchWire wire = virtual_wire ();

  wire.rate = rate;
  wire.queue_bytes = 100000;
  return wire;
}

/* An idle line takes a packet's length; those behind it follow back to back. */
static void
test_takes_its_time (void)
{
  BsSwitchWire wire = rate_wire (8000000);

  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  virtual_send (0, 1, 7, 1, 1000);
  virtual_send (0, 2, 7, 2, 500);
  virtual_run (2 * SEC);
  virtual_send (0, 1, 7, 3, 1000);
  virtual_run (3 * SEC);
  g_assert_cmpuint (virtual_arrival (0)->time_nsec, ==, SEC + 1 * MSEC);
  g_assert_cmpuint (virtual_arrival (1)->time_nsec, ==, SEC + 3 * MSEC / 2);
  g_assert_cmpuint (virtual_arrival (2)->time_nsec, ==, 2 * SEC + 1 * MSEC);
  stop ();
}

/* Sends twice as much as fits for @msec. */
static void
check_rate (guint64 rate, guint32 length, guint msec)
{
  BsSwitchWire wire = rate_wire (rate);
  guint64 step = length * 4 * SEC / rate, sent = 0, end = SEC + msec * MSEC, bits;

  wire.delay_nsec = MSEC;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  for (guint64 now = SEC; now < end; now += step)
    {
      virtual_run (now);
      virtual_send (0, 1, 7, sent++, length);
    }
  virtual_run (end + MSEC);
  bits = (guint64) virtual_count (1) * length * 8;
  g_test_message ("%" G_GUINT64_FORMAT ": %g", rate, (double) bits / (double) rate / msec * 1000);
  g_assert_cmpuint (bits * 1000, >, rate * msec / 1000 * 990);
  g_assert_cmpuint (bits * 1000, <, rate * msec / 1000 * 1010);
  virtual_run (end + 100 * SEC);
  g_assert_cmpuint (virtual_count (1) + counters (0)->drops[BS_SWITCH_DROP_QUEUE], ==, sent);
  stop ();
}

static void
test_rates_are_exact (void)
{
  check_rate (1000000, 1514, 10000);
  check_rate (1000000, 64, 1000);
  check_rate (7654321, 333, 1000);
  check_rate (100000000, 1514, 1000);
  check_rate (1000000000, 1514, 500);
  check_rate (1000000000, 64, 20);
}

static void
test_queue_is_bounded_in_bytes (void)
{
  BsSwitchWire wire = rate_wire (8000000);

  wire.queue_bytes = 5000;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  for (guint32 i = 0; i < 10; i++)
    virtual_send (0, 1, 7, i, 1000);
  g_assert_cmpuint (counters (0)->queued_packets, ==, 5);
  g_assert_cmpuint (counters (0)->drops[BS_SWITCH_DROP_QUEUE], ==, 5);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 5);
  g_assert_cmpuint (virtual_arrival (4)->serial, ==, 4);
  virtual_send (0, 1, 7, 1, 9000); /* always room for one */
  virtual_run (3 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 6);
  stop ();
}

static void
test_queue_is_bounded_in_time (void)
{
  BsSwitchWire wire = rate_wire (8000000);

  wire.queue_bytes = 0;
  wire.queue_nsec = 3 * MSEC;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  for (guint32 i = 0; i < 10; i++)
    virtual_send (0, 1, 7, i, 1000);
  g_assert_cmpuint (counters (0)->queued_packets, ==, 4); /* the last one waits for the three before it */
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 4);
  stop ();
}

/* A frame to all was sent once. */
static void
test_flood_is_charged_once (void)
{
  BsSwitchWire wire = rate_wire (8000000), lossy = rate_wire (8000000);

  lossy.to = 1;
  lossy.rate = lossy.queue_bytes = 0;
  lossy.loss = BS_SWITCH_ALWAYS;
  virtual_start (4);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  virtual_send (0, TO_ALL, 7, 1, 1000);
  virtual_send (0, TO_ALL, 7, 2, 1000);
  g_assert_cmpint (virtual_set (0, &lossy), ==, 0); /* not the first copy of the third, but the others pay */
  virtual_send (0, TO_ALL, 7, 3, 1000);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 8);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpuint (virtual_arrival (i)->time_nsec, ==, SEC + virtual_arrival (i)->serial * MSEC);
  stop ();
}

/* The pair's own bucket does not wait for the port's. */
static void
test_own_bucket (void)
{
  BsSwitchWire wire = rate_wire (8000000), pair = rate_wire (80000000);

  pair.to = 1;
  pair.flags = BS_SWITCH_WIRE_OWN_BUCKET;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  g_assert_cmpint (virtual_set (0, &pair), ==, 0);
  virtual_send (0, TO_ALL, 7, 1, 1000);
  virtual_send (0, TO_ALL, 7, 2, 1000);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (virtual_arrival (i)->time_nsec, ==,
                      SEC + virtual_arrival (i)->serial * (virtual_arrival (i)->port == 1 ? MSEC / 10 : MSEC));
  stop ();
}

/* A queue drains at the new rate, what is left of the packet on the line too; without a rate at once. */
static void
test_rate_changes_under_way (void)
{
  BsSwitchWire wire = rate_wire (8000000);

  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  for (guint32 i = 0; i < 6; i++)
    virtual_send (0, 1, 7, i, 1000);
  virtual_run (SEC + MSEC / 2);
  wire.rate = 4000000;
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  virtual_run (SEC + 4 * MSEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 2);
  g_assert_cmpuint (virtual_arrival (0)->time_nsec, ==, SEC + 3 * MSEC / 2);
  g_assert_cmpuint (virtual_arrival (1)->time_nsec, ==, SEC + 7 * MSEC / 2);
  wire.rate = 0;
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  g_assert_cmpuint (virtual_arrivals->len, ==, 6);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpuint (virtual_arrival (i)->serial, ==, i);
  stop ();
}

/* A pair that is forgotten gives up what waited for its rate. */
static void
test_forgotten_pair_drains (void)
{
  BsSwitchWire pair = rate_wire (8000), nothing = virtual_wire ();

  pair.to = nothing.to = 1;
  pair.flags = BS_SWITCH_WIRE_OWN_BUCKET;
  nothing.seed = 0;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &pair), ==, 0);
  for (guint32 i = 0; i < 5; i++)
    virtual_send (0, 1, 7, i, 1000);
  g_assert_cmpint (virtual_set (0, &nothing), ==, 0);
  g_assert_cmpuint (virtual_arrivals->len, ==, 5);
  g_assert_cmpuint (virtual_switch.schedule.n, ==, 0);
  stop ();
}

/* A rate of an hour a packet, taken back, is not waited for by the next rate. */
static void
test_old_rate_is_forgotten (void)
{
  BsSwitchWire wire = rate_wire (2);

  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  virtual_send (0, 1, 7, 1, 1000);
  wire.rate = 0;
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  wire.rate = 8000000;
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  virtual_send (0, 1, 7, 2, 1000);
  virtual_run (SEC + MSEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 2);
  stop ();
}

/* A standing queue: CoDel keeps the wait near its target, drop-tail fills the queue. */
static guint64
longest_wait (uint32_t flags, guint64 *dropped)
{
  BsSwitchWire wire = rate_wire (12112000); /* 1000 packets of 1514 bytes a second */
  guint64 longest = 0;
  guint n;

  wire.flags = flags;
  wire.queue_bytes = 10000000;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  for (guint32 i = 0; i < 11000; i++)
    {
      virtual_run (SEC + i * (10 * MSEC / 11));
      virtual_send (0, 1, 7, i, 1514);
    }
  virtual_run (100 * SEC);
  n = virtual_arrivals->len;
  for (guint i = n / 2; i < n; i++)
    longest = MAX (longest, virtual_arrival (i)->time_nsec - SEC - virtual_arrival (i)->serial * (10 * MSEC / 11));
  *dropped = counters (0)->drops[BS_SWITCH_DROP_CODEL];
  stop ();
  return longest;
}

static void
test_codel_controls_the_delay (void)
{
  guint64 dropped;

  g_assert_cmpuint (longest_wait (0, &dropped), >, 900 * MSEC);
  g_assert_cmpuint (dropped, ==, 0);
  g_assert_cmpuint (longest_wait (BS_SWITCH_WIRE_CODEL, &dropped), <, 150 * MSEC);
  g_assert_cmpuint (dropped, >, 800);
  g_assert_cmpuint (dropped, <, 1200);
}

/* RFC 8289, 5: the first drop an interval after the target was passed, the next ones at interval / √count. */
static void
test_codel_follows_its_law (void)
{
  BsCodel codel = { 0 };
  guint64 drops[5], n = 0;

  for (guint64 now = SEC; now < 2 * SEC && n < 5; now += MSEC / 10)
    {
      while (n < 5 && bs_codel_judge (&codel, now, 10 * MSEC, 100000))
        drops[n++] = now;
    }
  g_assert_cmpuint (n, ==, 5);
  g_assert_cmpuint (drops[0], ==, SEC + 100 * MSEC);
  g_assert_cmpuint (drops[1] - drops[0], ==, 100 * MSEC);
  g_assert_cmpuint ((drops[2] - drops[1]) / MSEC, ==, 70);
  g_assert_cmpuint ((drops[3] - drops[2]) / MSEC, ==, 57);
  g_assert_cmpuint ((drops[4] - drops[3]) / MSEC, ==, 50);
}

static void
test_codel_leaves_good_queues_alone (void)
{
  BsCodel codel = { 0 };

  for (guint64 now = SEC; now < 3 * SEC; now += MSEC)
    {
      g_assert_false (bs_codel_judge (&codel, now, 4999999, 100000)); /* below the target */
      g_assert_false (bs_codel_judge (&codel, now, 50 * MSEC, 1514)); /* one packet is no queue */
    }
  for (guint64 now = 4 * SEC; now < 6 * SEC; now += MSEC) /* now and then it is empty */
    {
      g_assert_false (bs_codel_judge (&codel, now, 50 * MSEC, 100000));
      if (now % (90 * MSEC) == 0)
        bs_codel_empty (&codel);
    }
}

static int
trace_file (const guint32 *msec, gsize n)
{
  int fd = memfd_create ("trace", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, msec, n * sizeof *msec), ==, n * sizeof *msec);
  return fd;
}

static int
set_trace (const guint32 *msec, gsize n, guint64 bytes)
{
  BsSwitchRequest request = { .op = BS_SWITCH_SET_WIRE, .port = 0, .wire = rate_wire (0) };
  int fd = trace_file (msec, n), result;

  request.wire.trace_bytes = bytes;
  result = virtual_ask (&request, fd);
  close (fd);
  return result;
}

/* Each opportunity carries 1504 bytes: two small packets, or a part of a long one; unused ones pass. */
static void
test_trace (void)
{
  static const guint32 msec[] = { 5, 5, 10, 20 };

  virtual_start (3);
  g_assert_cmpint (set_trace (msec, 4, sizeof msec), ==, 0);
  for (guint32 i = 0; i < 3; i++)
    virtual_send (0, 1, 7, i, 752);
  virtual_send (0, 1, 7, 3, 3000);
  virtual_run (SEC + 30 * MSEC);
  virtual_send (0, 1, 7, 4, 1504); /* 30 is its third of the second round */
  virtual_send (0, 1, 7, 5, 1504);
  virtual_send (0, 1, 7, 6, 1504);
  virtual_run (2 * SEC);
  g_assert_cmpuint (virtual_arrivals->len, ==, 7);
  g_assert_cmpuint (virtual_arrival (0)->time_nsec, ==, SEC + 5 * MSEC);
  g_assert_cmpuint (virtual_arrival (1)->time_nsec, ==, SEC + 5 * MSEC);
  g_assert_cmpuint (virtual_arrival (2)->time_nsec, ==, SEC + 5 * MSEC);
  g_assert_cmpuint (virtual_arrival (3)->time_nsec, ==, SEC + 20 * MSEC); /* 752 at 5, 1504 at 10, the rest at 20 */
  g_assert_cmpuint (virtual_arrival (4)->time_nsec, ==, SEC + 30 * MSEC);
  g_assert_cmpuint (virtual_arrival (5)->time_nsec, ==, SEC + 40 * MSEC);
  g_assert_cmpuint (virtual_arrival (6)->time_nsec, ==, SEC + 45 * MSEC);
  stop ();
}

/* A steady trace is a rate. */
static void
test_trace_is_a_rate (void)
{
  static const guint32 msec[] = { 1 };
  const guint32 n = 2000;

  virtual_start (3);
  g_assert_cmpint (set_trace (msec, 1, sizeof msec), ==, 0);
  for (guint32 i = 0; i < n; i++)
    {
      virtual_run (SEC + i * MSEC / 2);
      virtual_send (0, 1, 7, i, 1504);
    }
  virtual_run (SEC + n * MSEC / 2);
  g_assert_cmpuint (virtual_arrivals->len, >=, n / 2 - 1);
  g_assert_cmpuint (virtual_arrivals->len, <=, n / 2 + 1);
  virtual_run (100 * SEC);
  stop ();
}

static void
test_refuses_broken_traces (void)
{
  static const guint32 good[] = { 1, 2 }, falling[] = { 2, 1 }, still[] = { 0, 0 };
  BsSwitchRequest request = { .op = BS_SWITCH_SET_WIRE, .port = 0, .wire = rate_wire (0) };
  int pair[2];

  virtual_start (3);
  g_assert_cmpint (set_trace (good, 2, sizeof good + 4), ==, EINVAL); /* shorter than it says */
  g_assert_cmpint (set_trace (good, 2, 7), ==, EPROTO);
  g_assert_cmpint (set_trace (good, 2, BS_SWITCH_TRACE_MAX + 4), ==, EPROTO);
  g_assert_cmpint (set_trace (falling, 2, sizeof falling), ==, EINVAL);
  g_assert_cmpint (set_trace (still, 2, sizeof still), ==, EINVAL);
  g_assert_cmpint (pipe (pair), ==, 0);
  request.wire.trace_bytes = 8;
  g_assert_cmpint (virtual_ask (&request, pair[0]), ==, EINVAL);
  g_assert_cmpint (virtual_ask (&request, -1), ==, EPROTO);
  virtual_send (0, 1, 7, 1, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, 1); /* nothing has changed */
  close (pair[0]);
  close (pair[1]);
  stop ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/rate/takes-its-time", test_takes_its_time);
  g_test_add_func ("/wire/rate/rates-are-exact", test_rates_are_exact);
  g_test_add_func ("/wire/rate/queue-is-bounded-in-bytes", test_queue_is_bounded_in_bytes);
  g_test_add_func ("/wire/rate/queue-is-bounded-in-time", test_queue_is_bounded_in_time);
  g_test_add_func ("/wire/rate/flood-is-charged-once", test_flood_is_charged_once);
  g_test_add_func ("/wire/rate/own-bucket", test_own_bucket);
  g_test_add_func ("/wire/rate/changes-under-way", test_rate_changes_under_way);
  g_test_add_func ("/wire/rate/forgotten-pair-drains", test_forgotten_pair_drains);
  g_test_add_func ("/wire/rate/old-rate-is-forgotten", test_old_rate_is_forgotten);
  g_test_add_func ("/wire/rate/codel-controls-the-delay", test_codel_controls_the_delay);
  g_test_add_func ("/wire/rate/codel-follows-its-law", test_codel_follows_its_law);
  g_test_add_func ("/wire/rate/codel-leaves-good-queues-alone", test_codel_leaves_good_queues_alone);
  g_test_add_func ("/wire/rate/trace", test_trace);
  g_test_add_func ("/wire/rate/trace-is-a-rate", test_trace_is_a_rate);
  g_test_add_func ("/wire/rate/refuses-broken-traces", test_refuses_broken_traces);
  return g_test_run ();
}
