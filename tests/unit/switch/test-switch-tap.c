/* SPDX-License-Identifier: Apache-2.0 */
/* Taps: what passes is copied to who asked, to sockets and to rings; and nobody who does not read is waited for. */
#include "fixture.h"
#include "bs-fd.h"
#include "bs-ring.h"
#include "bs-sample.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"
#define C "02:00:00:00:00:0c"
#define ALL "ff:ff:ff:ff:ff:ff"

typedef struct
{
  Fixture lab;
  int a, b, c; /* a and b on network 0, c on network 1 */
} Wire;

static void
wire_start (Wire *self)
{
  fixture_start (&self->lab, -1);
  self->a = fixture_add (&self->lab, 0, 0, A);
  self->b = fixture_add (&self->lab, 1, 0, B);
  self->c = fixture_add (&self->lab, 2, 1, C);
}

static void
wire_clear (Wire *self)
{
  close (self->a);
  close (self->b);
  close (self->c);
  fixture_clear (&self->lab);
}

static BsSwitchRequest
tap_request (guint number, BsSwitchSink sink, guint what)
{
  return (BsSwitchRequest){ .op = BS_SWITCH_ADD_TAP,
                            .tap = { .number = number,
                                     .sink = sink,
                                     .what = what,
                                     .network = BS_SWITCH_ANY,
                                     .port = BS_SWITCH_ANY,
                                     .peer = BS_SWITCH_ANY } };
}

/* Returns: the reader's end */
static int
add_socket (Wire *self, BsSwitchRequest request, int type)
{
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), ==, 0);
  g_assert_cmpint (fixture_ask (&self->lab, &request, ends[1]), ==, 0);
  close (ends[1]);
  return ends[0];
}

static int
remove_tap (Wire *self, guint number)
{
  BsSwitchRequest request = { .op = BS_SWITCH_REMOVE_TAP, .tap = { .number = number } };

  return fixture_ask (&self->lab, &request, -1);
}

static void
check_sample (const BsSwitchSample *sample, const guint8 *payload, BsSwitchSampleKind kind, const char *text)
{
  g_autofree char *got = g_strndup ((const char *) payload + 14, sample->length - 14);

  g_assert_cmpint (sample->kind, ==, kind);
  g_assert_cmpstr (got, ==, text);
}

static BsSwitchSample
take (int tap, BsSwitchSampleKind kind, const char *text)
{
  guint8 message[sizeof (BsSwitchSample) + BS_SWITCH_FRAME_MAX];
  g_autoptr (GError) error = NULL;
  const guint8 *payload;
  BsSwitchSample sample;
  gssize n;

  g_assert_cmpint (bs_socket_wait (tap, POLLIN, bs_time_now_usec () + 20 * BS_USEC_PER_SEC), ==, POLLIN);
  n = recv (tap, message, sizeof message, MSG_DONTWAIT);
  g_assert_cmpint (n, >, 0);
  bs_sample_parse (message, (gsize) n, &sample, &payload, &error);
  g_assert_no_error (error);
  check_sample (&sample, payload, kind, text);
  return sample;
}

static void
test_shows_a_frame_sent_and_received (void)
{
  Wire wire;
  BsSwitchSample sent, received;
  gint64 before, after;
  int tap;

  wire_start (&wire);
  tap = add_socket (&wire, tap_request (0, BS_SWITCH_SINK_SOCKET, BS_SWITCH_TAP_PACKETS), SOCK_SEQPACKET);
  before = g_get_real_time ();
  send_frame (wire.a, B, A, "hello");
  sent = take (tap, BS_SWITCH_SAMPLE_SENT, "hello");
  received = take (tap, BS_SWITCH_SAMPLE_RECEIVED, "hello");
  after = g_get_real_time ();
  g_assert_cmpuint (sent.from, ==, 0);
  g_assert_cmpuint (sent.to, ==, 1);
  g_assert_cmpuint (sent.original, ==, 19);
  g_assert_cmpuint (received.from, ==, 0);
  g_assert_cmpuint (received.to, ==, 1);
  g_assert_cmpint ((gint64) (sent.time_nsec / 1000), >=, before);
  g_assert_cmpuint (received.time_nsec, >=, sent.time_nsec);
  g_assert_cmpint ((gint64) (received.time_nsec / 1000), <=, after);
  assert_frame (wire.b, "hello");
  close (tap);
  wire_clear (&wire);
}

static void
test_shows_only_what_was_asked_for (void)
{
  BsSwitchRequest network = tap_request (0, BS_SWITCH_SINK_SOCKET, BS_SWITCH_TAP_PACKETS), port = network,
                  pair = network;
  int on_network, on_port, on_pair, d;
  Wire wire;

  wire_start (&wire);
  d = fixture_add (&wire.lab, 3, 0, NULL);
  network.tap.network = 1;
  port.tap.number = 1;
  port.tap.port = 1;
  pair.tap.number = 2;
  pair.tap.port = 3;
  pair.tap.peer = 0;
  on_network = add_socket (&wire, network, SOCK_DGRAM);
  on_port = add_socket (&wire, port, SOCK_DGRAM);
  on_pair = add_socket (&wire, pair, SOCK_DGRAM);
  send_frame (wire.a, B, A, "one");
  send_frame (wire.c, ALL, C, "other network");
  send_frame (wire.b, ALL, B, "to all");
  fixture_ping (&wire.lab);
  g_assert_cmpuint (take (on_network, BS_SWITCH_SAMPLE_SENT, "other network").to, ==, BS_SWITCH_ANY);
  assert_silent (on_network);
  take (on_port, BS_SWITCH_SAMPLE_RECEIVED, "one");
  take (on_port, BS_SWITCH_SAMPLE_SENT, "to all");
  assert_silent (on_port); /* what others received of it is not this port's */
  assert_silent (on_pair);
  send_frame (wire.a, "02:00:00:00:00:0d", A, "to an unknown one");
  fixture_ping (&wire.lab);
  take (on_pair, BS_SWITCH_SAMPLE_SENT, "to an unknown one");
  take (on_pair, BS_SWITCH_SAMPLE_RECEIVED, "to an unknown one");
  assert_silent (on_pair);
  close (on_network);
  close (on_port);
  close (on_pair);
  close (d);
  wire_clear (&wire);
}

static void
test_cuts_frames_at_the_snap_length (void)
{
  BsSwitchRequest request = tap_request (0, BS_SWITCH_SINK_SOCKET, BS_SWITCH_TAP_PACKETS);
  BsSwitchSample sample;
  Wire wire;
  int tap;

  wire_start (&wire);
  request.tap.snap = 16;
  tap = add_socket (&wire, request, SOCK_SEQPACKET);
  send_frame (wire.a, B, A, "hello");
  sample = take (tap, BS_SWITCH_SAMPLE_SENT, "he");
  g_assert_cmpuint (sample.length, ==, 16);
  g_assert_cmpuint (sample.original, ==, 19);
  close (tap);
  wire_clear (&wire);
}

static void
test_shows_drops_with_their_cause (void)
{
  BsSwitchSample sample;
  guint8 runt[4] = { 0 };
  Wire wire;
  int tap;

  wire_start (&wire);
  tap = add_socket (&wire, tap_request (9, BS_SWITCH_SINK_SOCKET, BS_SWITCH_TAP_DROPS), SOCK_SEQPACKET);
  send_frame (wire.a, B, ALL, "from a group");
  sample = take (tap, BS_SWITCH_SAMPLE_DROPPED, "from a group");
  g_assert_cmpint (sample.cause, ==, BS_SWITCH_DROP_SOURCE);
  g_assert_cmpuint (sample.from, ==, 0);
  close (wire.b);
  wire.b = dup (wire.a);
  send_frame (wire.a, B, A, "to one who left");
  sample = take (tap, BS_SWITCH_SAMPLE_DROPPED, "to one who left");
  g_assert_cmpint (sample.cause, ==, BS_SWITCH_DROP_GONE);
  g_assert_cmpuint (sample.to, ==, 1);
  send_bytes (wire.a, runt, sizeof runt);
  g_assert_cmpint (bs_socket_wait (tap, POLLIN, -1), ==, POLLIN);
  g_assert_cmpint (recv (tap, &sample, sizeof sample, 0), ==, sizeof sample);
  g_assert_cmpint (sample.cause, ==, BS_SWITCH_DROP_RUNT);
  close (tap);
  wire_clear (&wire);
}

/* A reader that reads nothing loses samples, which the next one tells; the packets go on. */
static void
test_counts_what_a_slow_reader_lost (void)
{
  const guint n = 2000;
  guint got = 0, lost = 0;
  BsSwitchSample sample;
  Wire wire;
  int tap;

  wire_start (&wire);
  tap = add_socket (&wire, tap_request (0, BS_SWITCH_SINK_SOCKET, BS_SWITCH_TAP_PACKETS), SOCK_SEQPACKET);
  for (guint i = 0; i < n; i++)
    {
      send_frame (wire.a, B, A, "x");
      assert_frame (wire.b, "x");
    }
  fixture_ping (&wire.lab);
  for (guint8 room[sizeof sample + 64]; recv (tap, room, sizeof room, MSG_DONTWAIT) > 0; got++)
    g_assert_cmpuint (((BsSwitchSample *) (void *) room)->lost, ==, 0);
  g_assert_cmpuint (got, >, 0);
  g_assert_cmpuint (got, <, 2 * n);
  send_frame (wire.a, B, A, "y");
  lost = take (tap, BS_SWITCH_SAMPLE_SENT, "y").lost;
  g_assert_cmpuint (got + lost, ==, 2 * n);
  g_assert_cmpuint (take (tap, BS_SWITCH_SAMPLE_RECEIVED, "y").lost, ==, 0);
  close (tap);
  wire_clear (&wire);
}

static void
test_ends_a_tap_whose_reader_has_closed (void)
{
  BsSwitchRequest request = tap_request (5, BS_SWITCH_SINK_SOCKET, BS_SWITCH_TAP_PACKETS);
  Wire wire;
  int tap;

  wire_start (&wire);
  tap = add_socket (&wire, request, SOCK_DGRAM);
  close (tap);
  send_frame (wire.a, B, A, "hello");
  assert_frame (wire.b, "hello");
  fixture_ping (&wire.lab);
  g_assert_cmpint (remove_tap (&wire, 5), ==, ENOENT);
  tap = add_socket (&wire, request, SOCK_DGRAM); /* its number is free */
  g_assert_cmpint (remove_tap (&wire, 5), ==, 0);
  close (tap);
  wire_clear (&wire);
}

static BsRing *
add_ring (Wire *self, BsSwitchRequest request, int fd)
{
  g_autoptr (GError) error = NULL;
  BsRing *ring = bs_ring_open (fd, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fixture_ask (&self->lab, &request, fd), ==, 0);
  return ring;
}

/* How many samples it holds; each is as @text, the last one as @last. */
static guint
read_ring (BsRing *ring, const char *text, const char *last)
{
  g_autofree guint8 *payload = g_malloc (BS_SWITCH_FRAME_MAX);
  g_autoptr (GError) error = NULL;
  BsSwitchSample sample;
  guint n = 0;

  while (bs_ring_view_next (&ring->view, &sample, payload, &error) > 0)
    {
      check_sample (&sample, payload, BS_SWITCH_SAMPLE_SENT, ring->view.at == ring->view.ring->next ? last : text);
      n++;
    }
  g_assert_no_error (error);
  return n;
}

static void
test_a_ring_keeps_the_newest (void)
{
  BsSwitchRequest request = tap_request (1, BS_SWITCH_SINK_RING, BS_SWITCH_TAP_PACKETS);
  bs_autofd int fd = bs_ring_create (4096, NULL);
  g_autoptr (BsRing) ring = NULL, again = NULL;
  Wire wire;

  wire_start (&wire);
  request.tap.port = 0;
  ring = add_ring (&wire, request, fd);
  again = bs_ring_open (fd, NULL);
  for (guint i = 0; i < 500; i++)
    {
      send_frame (wire.a, B, A, i < 499 ? "frame" : "last");
      receive_bytes (wire.b, (guint8[FRAME_ROOM]){ 0 });
    }
  fixture_ping (&wire.lab);
  g_assert_cmpuint (read_ring (ring, "frame", "last"), ==, 4096 / 56);
  g_assert_cmpuint (ring->view.overruns, ==, 1);
  g_assert_cmpuint (read_ring (ring, "", ""), ==, 0);
  g_assert_cmpint (remove_tap (&wire, 1), ==, 0);
  g_assert_cmpuint (read_ring (again, "frame", "last"), ==, 4096 / 56);
  wire_clear (&wire);
}

/* The next switch goes on in the same ring; one that is spoilt begins anew. */
static void
test_a_ring_survives_its_switch (void)
{
  BsSwitchRequest request = tap_request (0, BS_SWITCH_SINK_RING, BS_SWITCH_TAP_PACKETS);
  bs_autofd int fd = bs_ring_create (65536, NULL);
  g_autoptr (BsRing) ring = NULL, second = NULL, third = NULL;
  const guint64 absurd = 12345;
  Wire wire;

  request.tap.port = 0;
  wire_start (&wire);
  ring = add_ring (&wire, request, fd);
  send_frame (wire.a, B, A, "before");
  assert_frame (wire.b, "before");
  fixture_ping (&wire.lab);
  wire_clear (&wire);
  wire_start (&wire);
  second = add_ring (&wire, request, fd);
  send_frame (wire.a, B, A, "after");
  assert_frame (wire.b, "after");
  fixture_ping (&wire.lab);
  g_assert_cmpuint (read_ring (ring, "before", "after"), ==, 2);
  g_assert_cmpint (remove_tap (&wire, 0), ==, 0);
  g_assert_cmpint (pwrite (fd, &absurd, sizeof absurd, G_STRUCT_OFFSET (BsSwitchRing, oldest)), ==, sizeof absurd);
  third = add_ring (&wire, request, fd);
  g_assert_cmpuint (third->view.ring->next, ==, 0);
  wire_clear (&wire);
}

static void
check_refused (BsSwitchRequest request, int fd, int result)
{
  guint8 frame[FRAME_ROOM];
  Wire wire;

  wire_start (&wire);
  g_assert_cmpint (fixture_ask (&wire.lab, &request, fd), ==, result);
  send_frame (wire.a, B, A, "still here");
  g_assert_cmpuint (receive_bytes (wire.b, frame), ==, 14 + strlen ("still here"));
  g_assert_cmpint (remove_tap (&wire, 0), ==, ENOENT);
  wire_clear (&wire);
}

static void
test_refuses_broken_requests (void)
{
  const BsSwitchRequest good = tap_request (0, BS_SWITCH_SINK_SOCKET, BS_SWITCH_TAP_PACKETS);
  BsSwitchRequest requests[] = { good, good, good, good, good, good, good, good, good };
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), ==, 0);
  requests[0].tap.number = BS_SWITCH_TAPS_MAX;
  requests[1].tap.sink = 3;
  requests[2].tap.what = 8;
  requests[3].tap.what = 0;
  requests[4].tap.network = BS_SWITCH_NETWORKS_MAX;
  requests[5].tap.peer = 1; /* of which port? */
  requests[6].tap.reserved = 1;
  requests[7].port = 1;
  requests[8].zero[10] = 1;
  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    check_refused (requests[i], ends[1], EPROTO);
  check_refused (good, -1, EPROTO);
  close (ends[0]);
  close (ends[1]);
}

static void
test_refuses_descriptors_that_do_not_fit (void)
{
  const BsSwitchRequest socket_tap = tap_request (0, BS_SWITCH_SINK_SOCKET, BS_SWITCH_TAP_PACKETS),
                        ring_tap = tap_request (0, BS_SWITCH_SINK_RING, BS_SWITCH_TAP_PACKETS);
  bs_autofd int ring = bs_ring_create (4096, NULL);
  bs_autofd int soft = memfd_create ("soft", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  bs_autofd int stranger = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bs_autofd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  BsSwitchRing head = { .magic = BS_SWITCH_RING_MAGIC, .size = 4096 };

  g_assert_cmpint (ftruncate (soft, sizeof head + 4096), ==, 0);
  g_assert_cmpint (pwrite (soft, &head, sizeof head, 0), ==, sizeof head);
  check_refused (socket_tap, ring, EINVAL);
  check_refused (socket_tap, stranger, EINVAL); /* connected to nobody */
  check_refused (ring_tap, stranger, EINVAL);
  check_refused (ring_tap, null, EINVAL);
  check_refused (ring_tap, soft, EINVAL); /* could shrink under us */
  g_assert_cmpint (fcntl (soft, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), ==, 0);
  head.size = 8192;
  g_assert_cmpint (pwrite (soft, &head, sizeof head, 0), ==, sizeof head);
  check_refused (ring_tap, soft, EINVAL); /* longer than its memory */
}

static int
set_replay (Wire *wire, guint64 bytes, int fd)
{
  BsSwitchRequest request = { .op = BS_SWITCH_SET_REPLAY, .replay = { .bytes = bytes } };

  return fixture_ask (&wire->lab, &request, fd);
}

static int
make_log (const BsSwitchDecision *decisions, guint n, int seals)
{
  int fd = memfd_create ("log", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (write (fd, decisions, n * sizeof *decisions), ==, n * sizeof *decisions);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, seals), ==, 0);
  return fd;
}

static void
test_takes_only_sound_logs (void)
{
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  BsSwitchDecision decisions[]
      = { { .sender = 1, .receiver = 2, .index = 0 }, { .sender = 1, .receiver = 2, .index = 1 } };
  bs_autofd int good = make_log (decisions, 2, seals), open = make_log (decisions, 2, F_SEAL_GROW), twice = -1,
                absurd = -1;
  Wire wire;

  decisions[1].index = 0;
  twice = make_log (decisions, 2, seals);
  decisions[1].index = 1;
  decisions[1].verdict = 0x80;
  absurd = make_log (decisions, 2, seals);
  wire_start (&wire);
  g_assert_cmpint (set_replay (&wire, sizeof decisions, good), ==, 0);
  g_assert_cmpint (set_replay (&wire, sizeof decisions, open), ==, EINVAL);
  g_assert_cmpint (set_replay (&wire, sizeof decisions, twice), ==, EINVAL);
  g_assert_cmpint (set_replay (&wire, sizeof decisions, absurd), ==, EINVAL);
  g_assert_cmpint (set_replay (&wire, sizeof decisions + 40, good), ==, EINVAL);
  g_assert_cmpint (set_replay (&wire, sizeof decisions - 1, good), ==, EINVAL);
  g_assert_cmpint (set_replay (&wire, 0, good), ==, EPROTO);
  g_assert_cmpint (set_replay (&wire, sizeof decisions, -1), ==, EPROTO);
  g_assert_cmpint (set_replay (&wire, sizeof decisions[0], good), ==, 0);
  g_assert_cmpint (set_replay (&wire, 0, -1), ==, 0);
  g_assert_cmpint (set_replay (&wire, 0, -1), ==, 0);
  wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/tap/shows-a-frame-sent-and-received", test_shows_a_frame_sent_and_received);
  g_test_add_func ("/switch/tap/shows-only-what-was-asked-for", test_shows_only_what_was_asked_for);
  g_test_add_func ("/switch/tap/cuts-frames-at-the-snap-length", test_cuts_frames_at_the_snap_length);
  g_test_add_func ("/switch/tap/shows-drops-with-their-cause", test_shows_drops_with_their_cause);
  g_test_add_func ("/switch/tap/counts-what-a-slow-reader-lost", test_counts_what_a_slow_reader_lost);
  g_test_add_func ("/switch/tap/ends-a-tap-whose-reader-has-closed", test_ends_a_tap_whose_reader_has_closed);
  g_test_add_func ("/switch/tap/a-ring-keeps-the-newest", test_a_ring_keeps_the_newest);
  g_test_add_func ("/switch/tap/a-ring-survives-its-switch", test_a_ring_survives_its_switch);
  g_test_add_func ("/switch/tap/refuses-broken-requests", test_refuses_broken_requests);
  g_test_add_func ("/switch/tap/refuses-descriptors-that-do-not-fit", test_refuses_descriptors_that_do_not_fit);
  g_test_add_func ("/switch/tap/takes-only-sound-logs", test_takes_only_sound_logs);
  return g_test_run ();
}
