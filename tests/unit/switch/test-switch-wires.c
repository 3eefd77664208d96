/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions in the real program: under its clock and its sandbox, killed, flooded, left alone. */
#include "fixture.h"
#include "bs-fd.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"
#define ALL "ff:ff:ff:ff:ff:ff"
#define MSEC 1000000

typedef struct
{
  Fixture base;
  int a, b;
} Two;

static void
two_start (Two *lab)
{
  fixture_start (&lab->base, -1);
  lab->a = fixture_add (&lab->base, 0, 0, A);
  lab->b = fixture_add (&lab->base, 1, 0, B);
}

static void
two_clear (Two *lab)
{
  close (lab->a);
  close (lab->b);
  fixture_clear (&lab->base);
}

static BsSwitchRequest
wire_request (void)
{
  return (BsSwitchRequest){ .op = BS_SWITCH_SET_WIRE,
                            .port = 0,
                            .wire = { .direction = BS_SWITCH_DIRECTION_OUT, .to = BS_SWITCH_ANY, .seed = 5 } };
}

static guint64
switches_of_context (const Fixture *lab)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", lab->pid);
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, "\nvoluntary_ctxt_switches:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("\nvoluntary_ctxt_switches:"), NULL, 10);
}

static void
test_delays (void)
{
  BsSwitchRequest request = wire_request ();
  gint64 sent;
  Two lab;

  two_start (&lab);
  request.wire.delay_nsec = 20 * MSEC;
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  sent = g_get_monotonic_time ();
  send_frame (lab.a, B, A, "late");
  assert_frame (lab.b, "late");
  g_assert_cmpint (g_get_monotonic_time () - sent, >=, 19900);
  send_frame (lab.b, A, B, "at once");
  assert_frame (lab.a, "at once");
  two_clear (&lab);
}

/* All that a trace needs is allowed after the privileges were given up; a broken one ends nothing. */
static void
test_takes_a_trace (void)
{
  static const guint32 msec[] = { 1, 2, 3 };
  BsSwitchRequest request = wire_request ();
  int fd = memfd_create ("trace", MFD_CLOEXEC);
  Two lab;

  two_start (&lab);
  g_assert_cmpint (write (fd, msec, sizeof msec), ==, sizeof msec);
  request.wire.trace_bytes = sizeof msec;
  request.wire.queue_bytes = 100000;
  g_assert_cmpint (fixture_ask (&lab.base, &request, fd), ==, 0);
  send_frame (lab.a, B, A, "by trace");
  assert_frame (lab.b, "by trace");
  request.wire.trace_bytes = sizeof msec + 4;
  g_assert_cmpint (fixture_ask (&lab.base, &request, fd), ==, EINVAL);
  request.wire.trace_bytes = 0;
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  send_frame (lab.a, B, A, "free");
  assert_frame (lab.b, "free");
  close (fd);
  two_clear (&lab);
}

/* Conditions cost nothing while nothing comes, nor does a packet that has long to wait. */
static void
test_sleeps_without_traffic (void)
{
  BsSwitchRequest request = wire_request ();
  guint64 before;
  Two lab;

  two_start (&lab);
  request.wire.delay_nsec = BS_SWITCH_DELAY_MAX_NSEC;
  request.wire.rate = 1000000;
  request.wire.queue_bytes = 10000;
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  send_frame (lab.a, B, A, "in an hour");
  send_frame (lab.b, A, B, "now");
  assert_frame (lab.a, "now");
  g_usleep (50000); /* it has left the bucket, and waits for its delay */
  fixture_ping (&lab.base);
  g_assert_cmpuint (lab.base.memory->ports[0].queued_packets, ==, 1);
  g_assert_cmpuint (lab.base.memory->queue_bytes, >, 0);
  before = switches_of_context (&lab.base);
  g_usleep (100000);
  g_assert_cmpuint (switches_of_context (&lab.base) - before, <=, 1); /* the one after the ping */
  two_clear (&lab);
}

static void
send_number (int machine, guint32 number)
{
  char text[16];

  g_snprintf (text, sizeof text, "%u", number);
  send_frame (machine, B, A, text);
}

/* Returns: which of the numbers came, as bytes */
static void
note_arrivals (int machine, guint8 *came)
{
  guint8 frame[FRAME_ROOM + 1];
  gssize n;

  while ((n = recv (machine, frame, FRAME_ROOM, MSG_DONTWAIT)) > 0)
    {
      frame[n] = '\0';
      came[g_ascii_strtoull ((const char *) frame + 14, NULL, 10)] = 1;
    }
}

enum
{
  NUMBERS = 600,
};

/* Some by some, so that no queue is ever full. */
static void
send_some (Two *lab, guint32 first, guint32 n, guint8 *came)
{
  for (guint32 i = first; i < first + n; i++)
    {
      send_number (lab->a, i);
      if (i % 20 == 19)
        {
          while (__atomic_load_n (&lab->base.memory->ports[0].rx_packets, __ATOMIC_RELAXED) <= i)
            fixture_ping (&lab->base);
          fixture_ping (&lab->base);
          note_arrivals (lab->b, came);
        }
    }
}

/* Killed in the middle, with packets under way: the next switch loses the same packets as one that lived on. */
static void
test_kill_keeps_the_dice (void)
{
  BsSwitchRequest request = wire_request (), add[2] = { fixture_add_request (0, 0, A), fixture_add_request (1, 0, B) };
  guint8 whole[NUMBERS] = { 0 }, halves[NUMBERS] = { 0 };
  Two lab;
  Fixture next;
  int a[2], b[2];

  request.wire.loss = BS_SWITCH_ALWAYS / 5;
  two_start (&lab);
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  send_some (&lab, 0, NUMBERS, whole);
  two_clear (&lab);

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, a), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, b), ==, 0);
  fixture_start (&lab.base, -1);
  lab.a = a[0];
  lab.b = b[0];
  g_assert_cmpint (fixture_ask (&lab.base, &add[0], a[1]), ==, 0);
  g_assert_cmpint (fixture_ask (&lab.base, &add[1], b[1]), ==, 0);
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  send_some (&lab, 0, NUMBERS / 2, halves);
  request.port = 1; /* the other way somebody waits when it dies */
  request.wire.delay_nsec = 1000 * (guint64) MSEC;
  request.wire.loss = 0;
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  send_frame (lab.b, A, B, "lost with it");
  while (__atomic_load_n (&lab.base.memory->ports[1].queued_packets, __ATOMIC_RELAXED) == 0)
    fixture_ping (&lab.base);
  fixture_kill (&lab.base);
  fixture_start (&next, bs_fd_steal (&lab.base.memory_fd));
  g_assert_cmpuint (next.memory->ports[1].queued_packets, ==, 0);
  g_assert_cmpuint (next.memory->queue_bytes, ==, 0);
  g_assert_cmpuint (next.memory->ports[0].rx_packets, ==, NUMBERS / 2);
  fixture_clear (&lab.base);
  lab.base = next;
  request = wire_request ();
  request.wire.loss = BS_SWITCH_ALWAYS / 5;
  g_assert_cmpint (fixture_ask (&lab.base, &add[0], a[1]), ==, 0);
  g_assert_cmpint (fixture_ask (&lab.base, &add[1], b[1]), ==, 0);
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  send_some (&lab, NUMBERS / 2, NUMBERS / 2, halves);
  g_assert_cmpmem (whole, sizeof whole, halves, sizeof halves);
  g_assert_nonnull (memchr (whole, 0, sizeof whole));
  g_assert_nonnull (memchr (whole, 1, sizeof whole));
  close (a[1]);
  close (b[1]);
  two_clear (&lab);
}

/* Frames of any bytes and any length, from a machine whose wire does everything: others talk as if nothing were. */
static void
test_junk (void)
{
  enum
  {
    JUNK = 30000
  };
  BsSwitchRequest request = wire_request ();
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  guint8 frame[2048];
  Two lab;
  int junk, other;

  two_start (&lab);
  junk = fixture_add (&lab.base, 2, 0, NULL);
  other = fixture_add (&lab.base, 3, 1, NULL);
  request.port = 2;
  request.wire.loss = request.wire.duplicate = request.wire.corrupt = request.wire.reorder = BS_SWITCH_ALWAYS / 4;
  request.wire.delay_nsec = request.wire.jitter_nsec = MSEC;
  request.wire.jitter_kind = BS_SWITCH_JITTER_PARETO;
  request.wire.rate = 1000000000;
  request.wire.queue_bytes = 1000000;
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  for (guint i = 0; i < JUNK; i++)
    {
      gsize length = (gsize) g_rand_int_range (random, 0, i % 100 == 0 ? sizeof frame : 80);

      for (gsize byte = 0; byte < length; byte++)
        frame[byte] = (guint8) g_rand_int (random);
      if (length > 6 && i % 3 == 0)
        memset (frame, 0xff, 6);
      if (length > 14 && i % 4 == 0)
        memcpy (frame + 12, i % 8 == 0 ? "\x08\x00\x45" : "\x86\xdd\x60", 3);
      send_bytes (junk, frame, length);
    }
  send_frame (lab.a, B, A, "unharmed");
  while (fixture_drops (&lab.base, 2, BS_SWITCH_DROP_RUNT) == 0
         || __atomic_load_n (&lab.base.memory->ports[2].queued_packets, __ATOMIC_RELAXED) != 0)
    fixture_ping (&lab.base);
  assert_silent (other);
  close (lab.a);
  close (lab.b);
  lab.a = fixture_add (&lab.base, 4, 1, A);
  lab.b = fixture_add (&lab.base, 5, 1, B);
  send_frame (lab.a, B, A, "still");
  assert_frame (lab.b, "still");
  close (junk);
  close (other);
  two_clear (&lab);
}

/* Two machines bridge the same two networks: a broadcast goes round for ever, and the third network does not care. */
static void
test_loop_between_networks (void)
{
  BsSwitchRequest request = wire_request ();
  guint8 frame[FRAME_ROOM];
  int bridge[4];
  guint carried = 0;
  Two lab;

  two_start (&lab);
  for (guint i = 0; i < 4; i++)
    bridge[i] = fixture_add (&lab.base, 10 + i, 1 + i % 2, NULL); /* 0 and 1 are one machine, 2 and 3 the other */
  request.port = 10;
  request.wire.duplicate = BS_SWITCH_ALWAYS / 2;
  request.wire.delay_nsec = MSEC / 10;
  g_assert_cmpint (fixture_ask (&lab.base, &request, -1), ==, 0);
  send_frame (bridge[0], ALL, A, "round and round");
  while (carried < 20000)
    for (guint i = 0; i < 4; i++)
      {
        gssize n = recv (bridge[i], frame, sizeof frame, MSG_DONTWAIT);

        if (n > 0)
          send (bridge[i ^ 1], frame, (gsize) n, MSG_DONTWAIT);
        carried += n > 0;
        if (carried == 0 || carried % 5000 == 4999)
          {
            send_frame (lab.a, B, A, "meanwhile");
            assert_frame (lab.b, "meanwhile");
          }
      }
  fixture_ping (&lab.base);
  for (guint i = 0; i < 4; i++)
    close (bridge[i]);
  two_clear (&lab);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/wires/delays", test_delays);
  g_test_add_func ("/switch/wires/takes-a-trace", test_takes_a_trace);
  g_test_add_func ("/switch/wires/sleeps-without-traffic", test_sleeps_without_traffic);
  g_test_add_func ("/switch/wires/kill-keeps-the-dice", test_kill_keeps_the_dice);
  g_test_add_func ("/switch/wires/junk", test_junk);
  g_test_add_func ("/switch/wires/loop-between-networks", test_loop_between_networks);
  return g_test_run ();
}
