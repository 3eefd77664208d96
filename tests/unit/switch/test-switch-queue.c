/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers that are slow, deaf or gone, and what the others notice of it: nothing. */
#include "fixture.h"
#include "bs-fd.h"

#include <string.h>
#include <sys/socket.h>

#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"
#define C "02:00:00:00:00:0c"
#define ALL "ff:ff:ff:ff:ff:ff"
#define QUEUE_FRAMES 512 /* as docs/switch.md says */

/* Machines a and c talk; b is the one with a problem. */
typedef struct
{
  Fixture base;
  int a, b, c;
} Three;

static void
three_start (Three *self)
{
  fixture_start (&self->base, -1);
  self->a = fixture_add (&self->base, 0, 0, A);
  self->b = fixture_add (&self->base, 1, 0, B);
  self->c = fixture_add (&self->base, 2, 0, C);
}

static void
three_clear (Three *self)
{
  close (self->a);
  bs_fd_clear (&self->b);
  close (self->c);
  fixture_clear (&self->base);
}

/* All that a sent before has been judged when c has this. */
static void
assert_others_talk (Three *self)
{
  send_frame (self->a, C, A, "alive");
  assert_frame (self->c, "alive");
  send_frame (self->c, A, C, "alive too");
  assert_frame (self->a, "alive too");
  fixture_ping (&self->base);
}

static char
process_state (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid), *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return strrchr (text, ')')[2];
}

/* It sleeps, and goes on sleeping: one that spins is running whenever one looks. */
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

/* Frames with a number in them, of @length bytes. */
static void
send_numbers (int machine, const char *to, guint32 first, guint32 n, gsize length)
{
  g_autofree guint8 *frame = g_malloc0 (length);

  frame_make (frame, to, A, "");
  for (guint32 i = first; i < first + n; i++)
    {
      memcpy (frame + 14, &i, sizeof i);
      memcpy (frame + length - sizeof i, &i, sizeof i);
      send_bytes (machine, frame, length);
    }
}

static void
assert_number (int machine, guint32 number, gsize length)
{
  g_autofree guint8 *frame = g_malloc (FRAME_ROOM);
  guint32 head, tail;

  g_assert_cmpuint (receive_bytes (machine, frame), ==, length);
  memcpy (&head, frame + 14, sizeof head);
  memcpy (&tail, frame + length - sizeof tail, sizeof tail);
  g_assert_cmpuint (head, ==, number);
  g_assert_cmpuint (tail, ==, number);
}

static void
test_deaf_peer_stalls_nobody (void)
{
  Three lab;
  guint32 sent = 4000, dropped, passed;

  three_start (&lab);
  send_numbers (lab.a, B, 0, sent, 1514);
  assert_others_talk (&lab);
  assert_idle (&lab.base);
  dropped = (guint32) fixture_drops (&lab.base, 1, BS_SWITCH_DROP_FULL);
  g_assert_cmpuint (dropped, >, 0);
  passed = sent - dropped;
  g_assert_cmpuint (passed, >=, QUEUE_FRAMES);
  for (guint32 i = 0; i < passed; i++) /* drop-tail: the first ones, in order, all of them */
    assert_number (lab.b, i, 1514);
  send_numbers (lab.a, B, sent, 1, 1514);
  assert_number (lab.b, sent, 1514);
  fixture_ping (&lab.base);
  g_assert_cmpuint (lab.base.memory->ports[1].tx_packets, ==, passed + 1);
  g_assert_cmpuint (lab.base.memory->ports[1].tx_bytes, ==, (passed + 1) * 1514);
  g_assert_cmpuint (fixture_drops (&lab.base, 1, BS_SWITCH_DROP_FULL), ==, dropped);
  assert_idle (&lab.base);
  three_clear (&lab);
}

static void
test_burst_is_smoothed (void)
{
  Three lab;

  three_start (&lab);
  send_numbers (lab.a, B, 0, QUEUE_FRAMES, 1514);
  assert_others_talk (&lab);
  for (guint32 i = 0; i < QUEUE_FRAMES; i++)
    assert_number (lab.b, i, 1514);
  g_assert_cmpuint (fixture_drops (&lab.base, 1, BS_SWITCH_DROP_FULL), ==, 0);
  three_clear (&lab);
}

static void
test_queue_keeps_order_of_all_sizes (void)
{
  static const gsize lengths[] = { 22, 65535, 1514, 2032, 2033, 9000, 64 };
  Three lab;

  three_start (&lab);
  for (guint32 i = 0; i < 70; i++)
    send_numbers (lab.a, B, i, 1, lengths[i % G_N_ELEMENTS (lengths)]);
  assert_others_talk (&lab);
  for (guint32 i = 0; i < 70; i++)
    assert_number (lab.b, i, lengths[i % G_N_ELEMENTS (lengths)]);
  three_clear (&lab);
}

static void
test_closed_peer_is_counted (void)
{
  Three lab;

  three_start (&lab);
  bs_fd_clear (&lab.b);
  send_numbers (lab.a, B, 0, 100, 64);
  assert_others_talk (&lab);
  g_assert_cmpuint (fixture_drops (&lab.base, 1, BS_SWITCH_DROP_GONE), ==, 100);
  assert_idle (&lab.base);
  g_assert_cmpint (fixture_remove (&lab.base, 1), ==, 0);
  three_clear (&lab);
}

static void
test_peer_closes_before_its_queue (void)
{
  Three lab;
  guint64 waiting;

  three_start (&lab);
  send_numbers (lab.a, B, 0, 300, 1514);
  assert_others_talk (&lab);
  waiting = 300 - lab.base.memory->ports[1].tx_packets;
  g_assert_cmpuint (waiting, >, 0);
  bs_fd_clear (&lab.b);
  assert_others_talk (&lab);
  assert_idle (&lab.base);
  g_assert_cmpuint (fixture_drops (&lab.base, 1, BS_SWITCH_DROP_GONE), ==, waiting);
  three_clear (&lab);
}

/* Whoever shares the socket may shut it down: its port is dead, but must not keep the switch busy. */
static void
test_shut_down_port_is_left (void)
{
  Three lab;
  BsSwitchRequest request = fixture_add_request (3, 0, NULL);
  int pair[2];

  three_start (&lab);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_cmpint (fixture_ask (&lab.base, &request, pair[1]), ==, 0);
  g_assert_cmpint (shutdown (pair[1], SHUT_RDWR), ==, 0);
  assert_others_talk (&lab);
  assert_idle (&lab.base);
  send_frame (lab.a, ALL, A, "to all");
  assert_frame (lab.b, "to all");
  assert_frame (lab.c, "to all");
  assert_others_talk (&lab);
  g_assert_cmpuint (fixture_drops (&lab.base, 3, BS_SWITCH_DROP_GONE), ==, 1);
  g_assert_cmpint (fixture_remove (&lab.base, 3), ==, 0);
  close (pair[0]);
  close (pair[1]);
  three_clear (&lab);
}

/* More than the pool holds in sum, so one that leaked would show. */
static void
test_removing_frees_the_queue (void)
{
  Three lab;

  three_start (&lab);
  for (guint round = 0; round < 40; round++)
    {
      send_numbers (lab.a, B, 0, 600, 1514);
      assert_others_talk (&lab);
      g_assert_cmpuint (fixture_drops (&lab.base, 1, BS_SWITCH_DROP_MEMORY), ==, 0);
      g_assert_cmpint (fixture_remove (&lab.base, 1), ==, 0);
      bs_fd_clear (&lab.b);
      lab.b = fixture_add (&lab.base, 1, 0, B);
    }
  three_clear (&lab);
}

/* A source that outruns its receiver is read in pauses; it may go in the middle of one, and another take its place. */
static void
test_paced_port_may_go (void)
{
  Three lab;

  three_start (&lab);
  for (guint round = 0; round < 50; round++)
    {
      send_numbers (lab.a, B, 0, 400, 64);
      g_assert_cmpint (fixture_remove (&lab.base, 0), ==, 0);
      close (lab.a);
      lab.a = fixture_add (&lab.base, 0, 0, A);
      assert_others_talk (&lab);
    }
  assert_idle (&lab.base);
  three_clear (&lab);
}

/* Many deaf ports share the budget evenly, leave enough for one more, and give all back. */
static void
test_budget_is_shared (void)
{
  enum
  {
    DEAF = 300,
    SENT = 700
  };
  Three lab;
  int deaf[DEAF];

  three_start (&lab);
  for (guint i = 0; i < DEAF; i++)
    deaf[i] = fixture_add (&lab.base, 10 + i, 1, NULL);
  send_numbers (deaf[0], ALL, 0, SENT, 1514);
  send_frame (deaf[0], "01:80:c2:00:00:00", A, "the last");
  while (fixture_drops (&lab.base, 10, BS_SWITCH_DROP_RESERVED) == 0)
    fixture_ping (&lab.base);
  for (guint i = 1; i < DEAF; i++)
    {
      guint64 dropped = fixture_drops (&lab.base, 10 + i, BS_SWITCH_DROP_MEMORY);

      g_assert_cmpuint (dropped, >, 0);
      g_assert_cmpuint (dropped, <, SENT - 300);
      g_assert_cmpuint (fixture_drops (&lab.base, 10 + i, BS_SWITCH_DROP_FULL), ==, 0);
    }
  send_numbers (lab.a, B, 0, 200, 1514);
  assert_others_talk (&lab);
  for (guint32 i = 0; i < 200; i++)
    assert_number (lab.b, i, 1514);
  for (guint i = 0; i < DEAF; i++)
    g_assert_cmpint (fixture_remove (&lab.base, 10 + i), ==, 0);
  send_numbers (lab.a, B, 0, 1000, 1514);
  assert_others_talk (&lab);
  g_assert_cmpuint (fixture_drops (&lab.base, 1, BS_SWITCH_DROP_MEMORY), ==, 0);
  g_assert_cmpuint (fixture_drops (&lab.base, 1, BS_SWITCH_DROP_FULL), >, 0);
  for (guint i = 0; i < DEAF; i++)
    close (deaf[i]);
  three_clear (&lab);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/queue/deaf-peer-stalls-nobody", test_deaf_peer_stalls_nobody);
  g_test_add_func ("/switch/queue/burst-is-smoothed", test_burst_is_smoothed);
  g_test_add_func ("/switch/queue/keeps-order-of-all-sizes", test_queue_keeps_order_of_all_sizes);
  g_test_add_func ("/switch/queue/closed-peer-is-counted", test_closed_peer_is_counted);
  g_test_add_func ("/switch/queue/peer-closes-before-its-queue", test_peer_closes_before_its_queue);
  g_test_add_func ("/switch/queue/shut-down-port-is-left", test_shut_down_port_is_left);
  g_test_add_func ("/switch/queue/removing-frees-the-queue", test_removing_frees_the_queue);
  g_test_add_func ("/switch/queue/paced-port-may-go", test_paced_port_may_go);
  g_test_add_func ("/switch/queue/budget-is-shared", test_budget_is_shared);
  return g_test_run ();
}
