/* SPDX-License-Identifier: Apache-2.0 */
/* test-supervisor-taps.c — taps and logs, through the real switch: who they end with, and what outlives whom */
#include "bs-decision-log.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-process.h"
#include "bs-ring.h"
#include "bs-sample.h"
#include "bs-socket.h"
#include "lab-fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

static void
start (Lab *lab)
{
  json_decref (lab_call (lab, "start-switch", json_pack ("{s:s}", "program", lab_switch_program ())));
  json_decref (lab_call (
      lab, "add-port",
      json_pack ("{s:s, s:i, s:i, s:s}", "node", "a", "interface", 0, "network", 0, "mac", "52:54:00:00:00:01")));
}

static json_t *
tap_request (const char *sink, gboolean keep)
{
  return json_pack ("{s:[s], s:s, s:i, s:b}", "what", "packets", "sink", sink, "bytes", 1 << 20, "keep", keep);
}

/* Returns: the descriptor to read from */
static int
add_tap (BsControl *control, json_t *request, int expected)
{
  g_autoptr (GError) error = NULL;
  int fd;
  g_autoptr (json_t) answer = bs_control_call (control, "add-tap", request, &fd, LAB_DEADLINE (), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (bs_json_int (answer, "tap", -1), ==, expected);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static gsize
count_taps (Lab *lab)
{
  g_autoptr (json_t) answer = lab_call (lab, "taps", NULL);

  return json_array_size (json_object_get (answer, "taps"));
}

static pid_t
switch_pid (Lab *lab)
{
  g_autoptr (json_t) answer = lab_call (lab, "status", NULL);

  return (pid_t) bs_json_int (json_object_get (answer, "switch"), "pid", 0);
}

/* How many descriptors of the switch are rings, as the kernel names them. */
static guint
count_rings (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (path, name, NULL), *target = g_file_read_link (link, NULL);

      n += target != NULL && strstr (target, "benchscale-ring") != NULL;
    }
  return n;
}

static void
wait_rings (Lab *lab, guint expected)
{
  gint64 deadline = LAB_DEADLINE ();

  while (count_rings (switch_pid (lab)) != expected)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
}

static void
test_a_tap_ends_with_its_client (Lab *lab, gconstpointer unused)
{
  BsControl *other;
  int fd, stream;
  char byte;

  start (lab);
  other = lab_connect (lab);
  fd = add_tap (other, tap_request ("ring", FALSE), 0);
  stream = add_tap (other, tap_request ("socket", FALSE), 1);
  g_assert_cmpint (add_tap (lab->control, tap_request ("ring", FALSE), 2), >=, 0);
  wait_rings (lab, 2);
  bs_control_unref (other);
  wait_rings (lab, 1);
  g_assert_cmpuint (count_taps (lab), ==, 1);
  g_assert_cmpint (bs_socket_wait (stream, POLLIN, LAB_DEADLINE ()) & POLLHUP, !=, 0);
  g_assert_cmpint (read (stream, &byte, 1), ==, 0);
  json_decref (lab_call (lab, "remove-tap", json_pack ("{s:i}", "tap", 2)));
  wait_rings (lab, 0);
  lab_call_fails (lab, "remove-tap", json_pack ("{s:i}", "tap", 2), BS_ERROR_NOT_FOUND, "there is no tap 2");
  close (fd);
  close (stream);
}

static void
check_ring (Lab *lab, guint number)
{
  g_autoptr (GError) error = NULL;
  int fd;
  g_autoptr (json_t) answer = bs_control_call (lab->control, "tap-ring", json_pack ("{s:i}", "tap", (int) number), &fd,
                                               LAB_DEADLINE (), NULL, &error);
  g_autoptr (BsRing) ring = NULL;

  g_assert_no_error (error);
  ring = bs_ring_open (fd, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ring->view.size, ==, 1 << 20);
  close (fd);
}

static void
test_a_kept_ring_outlives_client_switch_and_supervisor (Lab *lab, gconstpointer unused)
{
  BsControl *other, *subscriber;
  pid_t first;

  start (lab);
  other = lab_connect (lab);
  close (add_tap (other, tap_request ("ring", TRUE), 0));
  bs_control_unref (other);
  g_assert_cmpuint (count_taps (lab), ==, 1);
  subscriber = lab_subscribe (lab);
  first = switch_pid (lab);
  g_assert_cmpint (kill (first, SIGKILL), ==, 0);
  json_decref (lab_event (subscriber, "switch-restarted"));
  bs_control_unref (subscriber);
  g_assert_cmpint (switch_pid (lab), !=, first);
  wait_rings (lab, 1);
  check_ring (lab, 0);
  lab_kill_supervisor (lab);
  lab_start_supervisor (lab);
  g_assert_cmpuint (count_taps (lab), ==, 1);
  wait_rings (lab, 1);
  check_ring (lab, 0);
}

/* With the switch its memory is gone, and that is told. */
static void
test_a_ring_that_nobody_holds_is_told_lost (Lab *lab, gconstpointer unused)
{
  g_autofree char *events = NULL;
  pid_t pid;
  int pidfd;

  start (lab);
  close (add_tap (lab->control, tap_request ("ring", TRUE), 0));
  pid = switch_pid (lab);
  pidfd = bs_process_open (pid, 0);
  lab_kill_supervisor (lab);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_true (bs_process_wait_fd (pidfd, LAB_DEADLINE ()));
  close (pidfd);
  lab_start_supervisor (lab);
  g_assert_cmpuint (count_taps (lab), ==, 0);
  events = lab_wait_file (lab, "events.ndjson", "tap-lost");
}

static int
make_log (Lab *lab, gint64 bytes)
{
  g_autoptr (GError) error = NULL;
  int fd;
  g_autoptr (json_t) answer = bs_control_call (
      lab->control, "make-log", json_pack ("{s:I}", "bytes", (json_int_t) bytes), &fd, LAB_DEADLINE (), NULL, &error);

  g_assert_no_error (error);
  return fd;
}

static gint64
replay_bytes (Lab *lab)
{
  g_autoptr (json_t) answer = lab_call (lab, "taps", NULL);

  return bs_json_int (answer, "replay", -1);
}

static json_t *
bytes_of (guint n)
{
  return json_pack ("{s:i}", "bytes", (int) (n * sizeof (BsSwitchDecision)));
}

static void
test_a_log_is_followed_until_its_end (Lab *lab, gconstpointer unused)
{
  BsSwitchDecision decisions[] = { { .sender = 1, .index = 0 }, { .sender = 1, .index = 1 } };
  int fd;

  start (lab);
  g_assert_cmpint (replay_bytes (lab), ==, 0);
  lab_call_fails (lab, "set-replay", bytes_of (2), BS_ERROR_INVALID, "no sealed log of so many bytes was made ready");
  fd = make_log (lab, sizeof decisions);
  g_assert_cmpint (write (fd, decisions, sizeof decisions), ==, sizeof decisions);
  lab_call_fails (lab, "set-replay", bytes_of (2), BS_ERROR_INVALID, "no sealed log of so many bytes was made ready");
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE), ==, 0);
  lab_call_fails (lab, "set-replay", bytes_of (1), BS_ERROR_INVALID, "no sealed log of so many bytes was made ready");
  json_decref (lab_call (lab, "set-replay", bytes_of (2)));
  g_assert_cmpint (replay_bytes (lab), ==, sizeof decisions);
  close (fd);
  fd = make_log (lab, sizeof decisions);
  decisions[1].index = 0;
  g_assert_cmpint (write (fd, decisions, sizeof decisions), ==, sizeof decisions);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE), ==, 0);
  lab_call_fails (lab, "set-replay", bytes_of (2), BS_ERROR_INVALID, "the switch refused the log");
  g_assert_cmpint (replay_bytes (lab), ==, sizeof decisions); /* the old one goes on */
  close (fd);
  lab_kill_supervisor (lab);
  lab_start_supervisor (lab);
  g_assert_cmpint (replay_bytes (lab), ==, sizeof decisions);
  json_decref (lab_call (lab, "set-replay", bytes_of (0)));
  g_assert_cmpint (replay_bytes (lab), ==, 0);
}

static void
test_refuses_what_makes_no_sense (Lab *lab, gconstpointer unused)
{
  start (lab);
  lab_call_fails (lab, "add-tap", json_pack ("{s:[s], s:s}", "what", "bytes", "sink", "ring"), BS_ERROR_INVALID,
                  "'what' is missing or is no list of packets, drops and decisions");
  lab_call_fails (lab, "add-tap", json_pack ("{s:[s], s:s, s:b}", "what", "drops", "sink", "socket", "keep", 1),
                  BS_ERROR_INVALID, "'sink' is missing or is neither a ring nor a socket that ends");
  lab_call_fails (lab, "add-tap", json_pack ("{s:[s], s:s, s:i}", "what", "drops", "sink", "ring", "bytes", 100),
                  BS_ERROR_INVALID, "'bytes' is missing or is no integer from 131072 to 4294967296");
  lab_call_fails (lab, "add-tap",
                  json_pack ("{s:[s], s:s, s:s, s:i}", "what", "drops", "sink", "socket", "node", "a", "interface", 1),
                  BS_ERROR_NOT_FOUND, "node 'a' has no port 1");
  lab_call_fails (lab, "add-tap",
                  json_pack ("{s:[s], s:s, s:s, s:i, s:{s:s, s:i}}", "what", "drops", "sink", "socket", "node", "a",
                             "interface", 0, "peer", "node", "a", "interface", 0),
                  BS_ERROR_INVALID, "an interface is no pair with itself");
  g_assert_cmpuint (count_taps (lab), ==, 0);
}

#define TEST(name, function) g_test_add ("/supervisor/taps/" name, Lab, NULL, lab_setup, function, lab_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("a tap ends with its client", test_a_tap_ends_with_its_client);
  TEST ("a kept ring outlives others", test_a_kept_ring_outlives_client_switch_and_supervisor);
  TEST ("a ring that nobody holds is told lost", test_a_ring_that_nobody_holds_is_told_lost);
  TEST ("a log is followed until its end", test_a_log_is_followed_until_its_end);
  TEST ("refuses what makes no sense", test_refuses_what_makes_no_sense);
  return g_test_run ();
}
