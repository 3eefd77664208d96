/* SPDX-License-Identifier: Apache-2.0 */
/* The memory outlives the switch, machines keep their sockets; and what the process may do, and how many ports it
 * bears. */
#include "fixture.h"
#include "bs-fd.h"
#include "bs-socket.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"

static void
add_end (Fixture *lab, guint port, const char *mac, int end)
{
  BsSwitchRequest request = fixture_add_request (port, 5, mac);

  g_assert_cmpint (fixture_ask (lab, &request, end), ==, 0);
}

/* A and B before the switch can do anything in between: stopped, as it is before its first turn. */
static void
add_at_once (Fixture *lab, int end_a, int end_b)
{
  BsSwitchRequest requests[2] = { fixture_add_request (0, 5, A), fixture_add_request (1, 5, B) };
  int ends[2] = { end_a, end_b };

  g_assert_cmpint (kill (lab->pid, SIGSTOP), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      requests[i].version = BS_SWITCH_VERSION;
      requests[i].size = sizeof requests[i];
      bs_socket_send (lab->control, &requests[i], sizeof requests[i], &ends[i], 1, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpint (kill (lab->pid, SIGCONT), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      BsSwitchReply reply;

      g_assert_cmpint (recv (lab->control, &reply, sizeof reply, 0), ==, sizeof reply);
      g_assert_cmpint (reply.result, ==, 0);
    }
}

/* As a supervisor does it: it holds the switch's ends of all pairs. */
static void
test_goes_on_after_a_kill (void)
{
  Fixture lab, next;
  int a[2], b[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, a), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, b), ==, 0);
  fixture_start (&lab, -1);
  add_end (&lab, 0, A, a[1]);
  add_end (&lab, 1, B, b[1]);
  send_frame (a[0], B, A, "first");
  assert_frame (b[0], "first");
  fixture_ping (&lab);
  g_assert_cmpuint (lab.memory->generation, ==, 1);
  fixture_kill (&lab);
  send_frame (a[0], B, A, "while dead");
  fixture_start (&next, bs_fd_steal (&lab.memory_fd));
  g_assert_cmpuint (next.memory->generation, ==, 2);
  g_assert_cmpuint (next.memory->state[0].descriptor, ==, 0);
  g_assert_cmpuint (next.memory->ports[0].rx_packets, ==, 1);
  add_at_once (&next, a[1], b[1]);
  send_frame (a[0], B, A, "second");
  assert_frame (b[0], "while dead");
  assert_frame (b[0], "second");
  fixture_ping (&next);
  g_assert_cmpuint (next.memory->ports[0].rx_packets, ==, 3);
  g_assert_cmpuint (next.memory->ports[1].tx_packets, ==, 3);
  fixture_clear (&next);
  fixture_clear (&lab);
  for (guint i = 0; i < 2; i++)
    {
      close (a[i]);
      close (b[i]);
    }
}

static void
check_starts_from_zero (int memory_fd)
{
  static const BsSwitchPortCounters zero;
  static const BsSwitchPortState none;
  Fixture lab;

  fixture_start (&lab, memory_fd);
  g_assert_cmpuint (lab.memory->magic, ==, BS_SWITCH_MAGIC);
  g_assert_cmpuint (lab.memory->version, ==, BS_SWITCH_VERSION);
  g_assert_cmpuint (lab.memory->size, ==, sizeof (BsSwitchMemory));
  g_assert_cmpuint (lab.memory->generation, ==, 1);
  for (guint i = 0; i < BS_SWITCH_PORTS_MAX; i++)
    {
      g_assert_cmpmem (&lab.memory->ports[i], sizeof zero, &zero, sizeof zero);
      g_assert_cmpmem (&lab.memory->state[i], sizeof none, &none, sizeof none);
    }
  fixture_clear (&lab);
}

static int
memory_with (const void *data, gsize length)
{
  int fd = memfd_create ("counters", MFD_CLOEXEC | MFD_ALLOW_SEALING), high = fcntl (fd, F_DUPFD_CLOEXEC, 10);

  close (fd);
  g_assert_cmpint (write (high, data, length), ==, length);
  return high;
}

static void
test_refuses_implausible_memory (void)
{
  g_autofree BsSwitchMemory *memory = g_malloc (sizeof *memory);

  memset (memory, 0xa5, sizeof *memory);
  check_starts_from_zero (memory_with (memory, sizeof *memory)); /* no magic */
  memory->magic = BS_SWITCH_MAGIC;
  memory->version = BS_SWITCH_VERSION + 1;
  memory->size = sizeof *memory;
  check_starts_from_zero (memory_with (memory, sizeof *memory));
  memory->version = BS_SWITCH_VERSION;
  memory->size = sizeof *memory - 8;
  check_starts_from_zero (memory_with (memory, sizeof *memory));
  memory->size = sizeof *memory;
  check_starts_from_zero (memory_with (memory, sizeof *memory - 1));
  check_starts_from_zero (memory_with (memory, 16));
}

static int
take_descriptor (pid_t pid, guint32 number)
{
  bs_autofd int pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  int fd = (int) syscall (SYS_pidfd_getfd, pidfd, number, 0);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

/* The former supervisor is gone with all it held; only the switch has the descriptors now. */
static void
test_is_taken_over (void)
{
  Fixture lab, next;
  int a, b, end_a, end_b;
  const BsSwitchPortState *state;

  fixture_start (&lab, -1);
  a = fixture_add (&lab, 8, 5, A);
  b = fixture_add (&lab, 9, 5, B);
  bs_fd_clear (&lab.control);
  bs_fd_clear (&lab.memory_fd);
  lab.memory_fd = take_descriptor (lab.pid, BS_SWITCH_MEMORY_FD);
  state = lab.memory->state;
  g_assert_cmpuint (state[8].network, ==, 5);
  g_assert_cmpuint (state[8].kind, ==, BS_SWITCH_PORT_DGRAM);
  g_assert_cmpmem (state[8].mac, 6, "\x02\0\0\0\0\x0a", 6);
  end_a = take_descriptor (lab.pid, state[8].descriptor);
  end_b = take_descriptor (lab.pid, state[9].descriptor);
  fixture_kill (&lab);
  fixture_start (&next, fcntl (lab.memory_fd, F_DUPFD_CLOEXEC, 10));
  add_end (&next, 8, A, end_a);
  add_end (&next, 9, B, end_b);
  send_frame (a, B, A, "as before");
  assert_frame (b, "as before");
  fixture_clear (&next);
  fixture_clear (&lab);
  close (a);
  close (b);
  close (end_a);
  close (end_b);
}

static void
test_gives_up_privileges (void)
{
  Fixture lab;
  g_autofree char *path = NULL, *text = NULL;

#ifdef SANITIZED
  g_test_skip ("the sanitizers need more than the filter allows");
  return;
#endif
  fixture_start (&lab, -1);
  path = g_strdup_printf ("/proc/%d/status", lab.pid);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\nNoNewPrivs:\t1\n"));
  g_assert_nonnull (strstr (text, "\nSeccomp:\t2\n"));
  fixture_clear (&lab);
}

/* KiB of its own, without what it shares with us. */
static guint64
memory_of (const Fixture *lab)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", lab->pid);
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, "\nRssAnon:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("\nRssAnon:"), NULL, 10);
}

/* 10 machines on each of 100 networks: a broadcast reaches the 9 others of its own. */
static void
test_thousand_ports (void)
{
  enum
  {
    NETWORKS = 100,
    EACH = 10
  };
  struct rlimit limit;
  Fixture lab;
  int machines[NETWORKS * EACH];

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  fixture_start (&lab, -1);
  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    machines[i] = fixture_add (&lab, i, i % NETWORKS, NULL);
  for (guint i = 0; i < NETWORKS; i++)
    send_frame (machines[i], "ff:ff:ff:ff:ff:ff", A, "all");
  for (guint i = NETWORKS; i < G_N_ELEMENTS (machines); i++)
    assert_frame (machines[i], "all");
  for (guint i = 0; i < NETWORKS; i++)
    send_frame (machines[i + 5 * NETWORKS], A, B, "one");
  for (guint i = 0; i < NETWORKS; i++)
    assert_frame (machines[i], "one");
  fixture_ping (&lab);
  g_test_message ("%" G_GUINT64_FORMAT " KiB", memory_of (&lab));
#ifndef SANITIZED
  g_assert_cmpuint (memory_of (&lab), <, 64 * NETWORKS * EACH);
#endif
  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      assert_silent (machines[i]);
      g_assert_cmpuint (lab.memory->ports[i].tx_packets, ==, 1);
      close (machines[i]);
    }
  fixture_clear (&lab);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/restart/goes-on-after-a-kill", test_goes_on_after_a_kill);
  g_test_add_func ("/switch/restart/refuses-implausible-memory", test_refuses_implausible_memory);
  g_test_add_func ("/switch/restart/is-taken-over", test_is_taken_over);
  g_test_add_func ("/switch/restart/gives-up-privileges", test_gives_up_privileges);
  g_test_add_func ("/switch/restart/thousand-ports", test_thousand_ports);
  return g_test_run ();
}
