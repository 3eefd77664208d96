/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, good and bad: a bad one changes nothing and leaves no descriptor behind. */
#include "fixture.h"
#include "bs-fd.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"

static guint
count_descriptors (const Fixture *lab)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", lab->pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static BsSwitchRequest
good_add (void)
{
  BsSwitchRequest request = fixture_add_request (1, 0, B);

  request.version = BS_SWITCH_VERSION;
  request.size = sizeof request;
  request.serial = 77;
  return request;
}

/* @n_fds copies of a fitting socket ride along. */
static void
check_broken (const void *message, gsize length, guint n_fds, guint32 serial)
{
  Fixture lab;
  int fds[BS_SOCKET_FDS_MAX], pair[2], machine;
  guint before;

  fixture_start (&lab, -1);
  machine = fixture_add (&lab, 0, 0, A);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  for (guint i = 0; i < n_fds; i++)
    fds[i] = pair[1];
  before = count_descriptors (&lab);
  g_assert_cmpint (fixture_ask_raw (&lab, message, length, fds, n_fds, serial), ==, EPROTO);
  g_assert_cmpuint (count_descriptors (&lab), ==, before);
  g_assert_cmpuint (lab.memory->state[0].descriptor, !=, 0);
  g_assert_cmpuint (lab.memory->state[1].descriptor, ==, 0);
  g_assert_cmpint (fixture_remove (&lab, 0), ==, 0);
  close (pair[0]);
  close (pair[1]);
  close (machine);
  fixture_clear (&lab);
}

static void
check_broken_request (const BsSwitchRequest *request, guint n_fds)
{
  check_broken (request, sizeof *request, n_fds, request->serial);
}

static void
test_refuses_wrong_lengths (void)
{
  BsSwitchRequest request[2] = { good_add (), good_add () };

  check_broken (request, sizeof *request - 1, 1, 77);
  check_broken (request, sizeof *request + 1, 1, 77);
  check_broken (request, 11, 1, 77 & 0xffffff); /* half of its serial */
  check_broken (request, 0, 0, 0);
}

#define CHECK_BROKEN_FIELD(field, value)                                                                               \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    BsSwitchRequest request = good_add ();                                                                             \
    request.field = (value);                                                                                           \
    check_broken_request (&request, 1);                                                                                \
  }                                                                                                                    \
  G_STMT_END

static void
test_refuses_wrong_fields (void)
{
  CHECK_BROKEN_FIELD (version, BS_SWITCH_VERSION + 1);
  CHECK_BROKEN_FIELD (size, sizeof (BsSwitchRequest) + 4);
  CHECK_BROKEN_FIELD (op, 0);
  CHECK_BROKEN_FIELD (op, UINT32_MAX);
  CHECK_BROKEN_FIELD (port, BS_SWITCH_PORTS_MAX);
  CHECK_BROKEN_FIELD (port, UINT32_MAX);
  CHECK_BROKEN_FIELD (add.network, BS_SWITCH_NETWORKS_MAX);
  CHECK_BROKEN_FIELD (add.kind, 0);
  CHECK_BROKEN_FIELD (add.mac[0], 0x03);
  CHECK_BROKEN_FIELD (add.reserved[1], 1);
  CHECK_BROKEN_FIELD (add.offload, BS_SWITCH_OFFLOAD_CSUM);
  CHECK_BROKEN_FIELD (zero[16], 1);
}

static void
test_refuses_wrong_descriptors (void)
{
  BsSwitchRequest request = good_add ();

  check_broken_request (&request, 0);
  check_broken_request (&request, 2);
  check_broken_request (&request, BS_SOCKET_FDS_MAX);
  request.op = BS_SWITCH_PING;
  check_broken_request (&request, 1);
  request.op = BS_SWITCH_REMOVE_PORT;
  check_broken_request (&request, 1);
}

static void
test_refuses_a_used_port (void)
{
  Fixture lab;
  BsSwitchRequest request = fixture_add_request (4, 1, B);
  int machine, pair[2];
  guint before;

  fixture_start (&lab, -1);
  machine = fixture_add (&lab, 4, 0, A);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  before = count_descriptors (&lab);
  g_assert_cmpint (fixture_ask (&lab, &request, pair[1]), ==, EEXIST);
  g_assert_cmpuint (count_descriptors (&lab), ==, before);
  g_assert_cmpuint (lab.memory->state[4].network, ==, 0);
  close (pair[0]);
  close (pair[1]);
  close (machine);
  fixture_clear (&lab);
}

static void
test_refuses_a_second_pin (void)
{
  Fixture lab;
  BsSwitchRequest request = fixture_add_request (1, 0, A);
  int machine, pair[2];

  fixture_start (&lab, -1);
  machine = fixture_add (&lab, 0, 0, A);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_cmpint (fixture_ask (&lab, &request, pair[1]), ==, EADDRINUSE);
  g_assert_cmpint (fixture_remove (&lab, 0), ==, 0);
  g_assert_cmpint (fixture_ask (&lab, &request, pair[1]), ==, 0);
  close (pair[0]);
  close (pair[1]);
  close (machine);
  fixture_clear (&lab);
}

static void
check_unfit (int fd)
{
  Fixture lab;
  BsSwitchRequest request = fixture_add_request (0, 0, A);
  guint before;

  fixture_start (&lab, -1);
  before = count_descriptors (&lab);
  g_assert_cmpint (fixture_ask (&lab, &request, fd), ==, EINVAL);
  g_assert_cmpuint (count_descriptors (&lab), ==, before);
  g_assert_cmpint (fixture_remove (&lab, 0), ==, ENOENT);
  close (fd);
  fixture_clear (&lab);
}

static void
test_refuses_unfit_descriptors (void)
{
  int ends[2];

  check_unfit (socket (AF_UNIX, SOCK_STREAM, 0));
  check_unfit (socket (AF_UNIX, SOCK_SEQPACKET, 0));
  check_unfit (socket (AF_INET, SOCK_DGRAM, 0));
  g_assert_cmpint (pipe (ends), ==, 0);
  close (ends[1]);
  check_unfit (ends[0]);
}

/* A full table of descriptors is told from a request that forgot its own. */
static void
test_says_when_the_table_is_full (void)
{
  Fixture lab;
  BsSwitchRequest request = fixture_add_request (0, 0, A);
  struct rlimit full = { 6, 64 }, roomy = { 64, 64 }; /* stdio, control, memory, epoll */
  int pair[2];

  fixture_start (&lab, -1);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_cmpint (prlimit (lab.pid, RLIMIT_NOFILE, &full, NULL), ==, 0);
  g_assert_cmpint (fixture_ask (&lab, &request, pair[1]), ==, EMFILE);
  g_assert_cmpuint (lab.memory->state[0].descriptor, ==, 0);
  g_assert_cmpint (prlimit (lab.pid, RLIMIT_NOFILE, &roomy, NULL), ==, 0);
  g_assert_cmpint (fixture_ask (&lab, &request, pair[1]), ==, 0);
  close (pair[0]);
  close (pair[1]);
  fixture_clear (&lab);
}

static void
test_removes (void)
{
  Fixture lab;
  int a, b;

  fixture_start (&lab, -1);
  g_assert_cmpint (fixture_remove (&lab, 0), ==, ENOENT);
  a = fixture_add (&lab, 0, 0, A);
  b = fixture_add (&lab, 1, 0, B);
  send_frame (b, A, B, "before");
  assert_frame (a, "before");
  g_assert_cmpint (fixture_remove (&lab, 0), ==, 0);
  g_assert_cmpint (fixture_remove (&lab, 0), ==, ENOENT);
  g_assert_cmpuint (lab.memory->ports[0].tx_packets, ==, 0);
  g_assert_cmpuint (lab.memory->ports[1].rx_packets, ==, 1);
  close (a);
  a = fixture_add (&lab, 0, 0, A);
  send_frame (b, A, B, "after");
  assert_frame (a, "after");
  close (a);
  close (b);
  fixture_clear (&lab);
}

/* What was learnt of a removed port is void: its address is flooded again, even when another took its number. */
static void
test_forgets_with_the_port (void)
{
  Fixture lab;
  int a, b, c;

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, NULL);
  b = fixture_add (&lab, 1, 0, NULL);
  send_frame (b, A, B, "learn me");
  assert_frame (a, "learn me");
  g_assert_cmpint (fixture_remove (&lab, 1), ==, 0);
  close (b);
  b = fixture_add (&lab, 1, 0, NULL);
  c = fixture_add (&lab, 2, 0, NULL);
  send_frame (a, B, A, "to nobody known");
  assert_frame (b, "to nobody known");
  assert_frame (c, "to nobody known");
  close (a);
  close (b);
  close (c);
  fixture_clear (&lab);
}

/* A supervisor that talks and does not listen: packets go on, nothing is lost, no answer is skipped. */
static void
test_answers_may_wait (void)
{
  enum
  {
    MANY = 2000
  };
  Fixture lab;
  BsSwitchRequest request
      = { .version = BS_SWITCH_VERSION, .size = sizeof request, .op = BS_SWITCH_PING, .serial = 1000 };
  guint sent = 0, got = 0;
  int a, b;

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, A);
  b = fixture_add (&lab, 1, 0, B);
  while (sent < MANY && send (lab.control, &request, sizeof request, MSG_DONTWAIT) == sizeof request)
    {
      request.serial++;
      sent++;
      send_frame (b, A, B, "meanwhile");
      assert_frame (a, "meanwhile");
    }
  g_assert_cmpuint (sent, >, 300);
  for (; got < sent; got++)
    {
      BsSwitchReply reply;

      g_assert_cmpint (recv (lab.control, &reply, sizeof reply, 0), ==, sizeof reply);
      g_assert_cmpint (reply.result, ==, 0);
      g_assert_cmpuint (reply.serial, ==, 1000 + got);
    }
  fixture_ping (&lab);
  close (a);
  close (b);
  fixture_clear (&lab);
}

static void
test_goes_on_without_supervisor (void)
{
  Fixture lab;
  int a, b;

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 0, 0, A);
  b = fixture_add (&lab, 1, 0, B);
  bs_fd_clear (&lab.control);
  while (count_descriptors (&lab) != 3 + 1 + 1 + 2) /* stdio, memory, epoll, ports */
    {
      send_frame (b, A, B, "alone");
      assert_frame (a, "alone");
    }
  send_frame (b, A, B, "still");
  assert_frame (a, "still");
  close (a);
  close (b);
  fixture_clear (&lab);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/control/refuses-wrong-lengths", test_refuses_wrong_lengths);
  g_test_add_func ("/switch/control/refuses-wrong-fields", test_refuses_wrong_fields);
  g_test_add_func ("/switch/control/refuses-wrong-descriptors", test_refuses_wrong_descriptors);
  g_test_add_func ("/switch/control/refuses-a-used-port", test_refuses_a_used_port);
  g_test_add_func ("/switch/control/refuses-a-second-pin", test_refuses_a_second_pin);
  g_test_add_func ("/switch/control/refuses-unfit-descriptors", test_refuses_unfit_descriptors);
  g_test_add_func ("/switch/control/says-when-the-table-is-full", test_says_when_the_table_is_full);
  g_test_add_func ("/switch/control/removes", test_removes);
  g_test_add_func ("/switch/control/forgets-with-the-port", test_forgets_with_the_port);
  g_test_add_func ("/switch/control/answers-may-wait", test_answers_may_wait);
  g_test_add_func ("/switch/control/goes-on-without-supervisor", test_goes_on_without_supervisor);
  return g_test_run ();
}
