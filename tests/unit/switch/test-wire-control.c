/* SPDX-License-Identifier: Apache-2.0 */
/* SET_WIRE and SET_CUTS, good and hostile: a bad one changes nothing. */
#include "virtual.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static BsSwitchRequest
good_request (void)
{
  BsSwitchRequest request = { .op = BS_SWITCH_SET_WIRE, .port = 0, .wire = virtual_wire () };

  request.wire.loss = BS_SWITCH_ALWAYS;
  return request;
}

/* It is refused, and the port's packets pass as before. */
static void
check_refused (BsSwitchRequest *request, int fd, int result)
{
  guint before = virtual_arrivals->len;

  g_assert_cmpint (virtual_ask (request, fd), ==, result);
  virtual_send (0, 1, 7, 1, 100);
  g_assert_cmpuint (virtual_arrivals->len, ==, before + 1);
  g_assert_true (virtual_switch.ports[0].wire == &virtual_switch.ingress);
  g_assert_cmpuint (virtual_switch.ports[0].n_pairs, ==, 0);
}

#define CHECK_BROKEN(field, value)                                                                                     \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    BsSwitchRequest request = good_request ();                                                                         \
    request.wire.field = (value);                                                                                      \
    check_refused (&request, -1, EPROTO);                                                                              \
  }                                                                                                                    \
  G_STMT_END

static void
test_refuses_wrong_fields (void)
{
  virtual_start (3);
  CHECK_BROKEN (direction, 0);
  CHECK_BROKEN (direction, 3);
  CHECK_BROKEN (to, 0); /* itself */
  CHECK_BROKEN (to, BS_SWITCH_PORTS_MAX);
  CHECK_BROKEN (to, UINT32_MAX - 1);
  CHECK_BROKEN (flags, 1 << 4);
  CHECK_BROKEN (flags, BS_SWITCH_WIRE_OWN_BUCKET); /* not of a pair */
  CHECK_BROKEN (flags, BS_SWITCH_WIRE_BURST);      /* loss is not 0 */
  CHECK_BROKEN (burst_enter, 1);
  CHECK_BROKEN (loss, BS_SWITCH_ALWAYS + 1);
  CHECK_BROKEN (duplicate, UINT64_MAX);
  CHECK_BROKEN (reorder, BS_SWITCH_ALWAYS + 1);
  CHECK_BROKEN (corrupt, BS_SWITCH_ALWAYS + 1);
  CHECK_BROKEN (jitter_kind, BS_SWITCH_JITTER_PARETO + 1);
  CHECK_BROKEN (jitter_nsec, 1); /* of no kind */
  CHECK_BROKEN (delay_nsec, BS_SWITCH_DELAY_MAX_NSEC + 1);
  CHECK_BROKEN (rate, 1); /* without a limit of its queue */
  CHECK_BROKEN (rate, BS_SWITCH_RATE_MAX + 1);
  CHECK_BROKEN (trace_bytes, 4); /* without a descriptor */
  virtual_stop ();
  virtual_forget ();
}

static void
test_refuses_what_does_not_fit (void)
{
  BsSwitchRequest request = good_request ();
  int fd = open ("/dev/null", O_RDWR | O_CLOEXEC);

  virtual_start (3);
  check_refused (&request, fd, EPROTO); /* a descriptor that nobody wants */
  request.port = BS_SWITCH_PORTS_MAX;
  check_refused (&request, -1, EPROTO);
  request.port = 7;
  check_refused (&request, -1, ENOENT);
  request.port = 0;
  request.wire.to = 7;
  check_refused (&request, -1, ENOENT);
  request.wire.to = 1;
  request.wire.direction = BS_SWITCH_DIRECTION_IN;
  check_refused (&request, -1, EPROTO);
  request.wire.to = BS_SWITCH_ANY;
  request.wire.direction = BS_SWITCH_DIRECTION_OUT;
  request.wire.rate = 1000;
  request.wire.queue_bytes = 1000;
  request.wire.trace_bytes = 4;
  check_refused (&request, fd, EPROTO); /* two rates */
  request.wire.rate = 0;
  check_refused (&request, fd, EINVAL);
  close (fd);
  virtual_stop ();
  virtual_forget ();
}

static void
test_refuses_wrong_cuts (void)
{
  BsSwitchRequest request = { .op = BS_SWITCH_SET_CUTS, .port = 9, .cuts = { 1, 1 } };

  virtual_start (3);
  check_refused (&request, -1, ENOENT);
  request.port = BS_SWITCH_PORTS_MAX;
  check_refused (&request, -1, EPROTO);
  request.port = 0;
  request.zero[2] = 1;
  check_refused (&request, -1, EPROTO);
  virtual_stop ();
  virtual_forget ();
}

/* A wire that is nothing leaves no trace, however often it is set. */
static void
test_pairs_come_and_go (void)
{
  BsSwitchWire pair = virtual_wire ();

  virtual_start (3);
  for (guint i = 0; i < 1000; i++)
    {
      pair.to = 1 + i % 2;
      pair.seed = 1;
      g_assert_cmpint (virtual_set (0, &pair), ==, 0);
      g_assert_cmpuint (virtual_switch.ports[0].n_pairs, ==, 1);
      pair.seed = 0;
      g_assert_cmpint (virtual_set (0, &pair), ==, 0);
      g_assert_cmpint (virtual_set (0, &pair), ==, 0);
    }
  g_assert_cmpuint (virtual_switch.wires.used, ==, 1);
  g_assert_true (virtual_switch.ports[0].wire == &virtual_switch.ingress);
  virtual_stop ();
  virtual_forget ();
}

/* All pairs of 257 ports are one more than there may be; a port that goes gives its own back. */
static void
test_pairs_are_bounded (void)
{
  BsSwitchRequest remove = { .op = BS_SWITCH_REMOVE_PORT, .port = 3 };
  BsSwitchWire pair = virtual_wire ();
  guint set = 0;
  int result = 0;

  virtual_start (258);
  for (guint from = 0; from < 258 && result == 0; from++)
    for (pair.to = 0; pair.to < 258 && result == 0; pair.to++)
      if (pair.to != from)
        {
          result = virtual_set ((guint16) from, &pair);
          set += result == 0;
        }
  g_assert_cmpint (result, ==, ENOSPC);
  g_assert_cmpuint (set, ==, BS_SWITCH_PAIRS_MAX);
  g_assert_cmpint (virtual_ask (&remove, -1), ==, 0);
  g_assert_cmpuint (virtual_switch.ports[4].n_pairs, ==, 256);
  g_assert_cmpuint (virtual_switch.ports[3].n_pairs, ==, 0);
  pair.to = 4;
  g_assert_cmpint (virtual_set (257, &pair), ==, 0);
  virtual_stop ();
  g_assert_cmpuint (virtual_switch.ports[0].n_pairs, ==, 0);
  virtual_forget ();
}

/* Setting a wire again and again while its queue waits for years leaves one event. */
static void
test_events_do_not_pile_up (void)
{
  BsSwitchWire wire = virtual_wire ();

  wire.rate = 1;
  wire.queue_bytes = 100000;
  virtual_start (3);
  g_assert_cmpint (virtual_set (0, &wire), ==, 0);
  for (guint i = 0; i < 10; i++)
    virtual_send (0, 1, 7, i, 1000);
  for (guint i = 0; i < 1000; i++)
    {
      wire.rate = 1 + i % 3;
      g_assert_cmpint (virtual_set (0, &wire), ==, 0);
      g_assert_cmpuint (virtual_switch.schedule.n, ==, 1);
    }
  virtual_stop ();
  g_assert_cmpuint (virtual_switch.schedule.n, ==, 0);
  virtual_forget ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/control/refuses-wrong-fields", test_refuses_wrong_fields);
  g_test_add_func ("/wire/control/refuses-what-does-not-fit", test_refuses_what_does_not_fit);
  g_test_add_func ("/wire/control/refuses-wrong-cuts", test_refuses_wrong_cuts);
  g_test_add_func ("/wire/control/pairs-come-and-go", test_pairs_come_and_go);
  g_test_add_func ("/wire/control/pairs-are-bounded", test_pairs_are_bounded);
  g_test_add_func ("/wire/control/events-do-not-pile-up", test_events_do_not_pile_up);
  return g_test_run ();
}
