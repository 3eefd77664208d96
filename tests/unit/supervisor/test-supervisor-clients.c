/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-socket.h"
#include "lab-fixture.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOBODY 65534
#define IDLE_MS 1500
#define SETTLE_MS 100
#define USS_MAX_KIB (6 * 1024)

static int
connect_raw (Lab *lab)
{
  g_autoptr (GError) error = NULL;
  int fd = bs_socket_connect (lab->dir, BS_CONTROL_SOCKET, SOCK_SEQPACKET, &error);

  g_assert_no_error (error);
  return fd;
}

/* (transfer full) the next message, NULL at the end */
static char *
receive_raw (int fd)
{
  g_autofree char *buffer = g_malloc (BS_SOCKET_MESSAGE_MAX + 1);
  gssize n;

  g_assert_cmpint (bs_socket_wait (fd, POLLIN, LAB_DEADLINE ()), >, 0);
  n = bs_socket_receive (fd, buffer, BS_SOCKET_MESSAGE_MAX, NULL, NULL, NULL);
  if (n <= 0)
    return NULL;
  buffer[n] = '\0';
  return g_steal_pointer (&buffer);
}

static void
assert_answer (Lab *lab, const char *request, const char *answer)
{
  bs_autofd int fd = connect_raw (lab);
  g_autofree char *got = NULL;

  g_assert_true (bs_socket_send (fd, request, strlen (request), NULL, 0, NULL));
  got = receive_raw (fd);
  g_assert_nonnull (got);
  if (strstr (got, answer) == NULL)
    g_error ("'%s' is answered by '%s'", request, got);
}

static void
test_garbage_is_answered_and_survived (Lab *lab, gconstpointer unused)
{
  pid_t pid = lab_supervisor_pid (lab);

  assert_answer (lab, "garbage", "{\"id\":0,\"ok\":false,\"error\":{\"code\":\"protocol\"");
  assert_answer (lab, "[]", "\"code\":\"protocol\"");
  assert_answer (lab, "{\"op\":\"status\"}", "{\"id\":0,\"ok\":false,\"error\":{\"code\":\"protocol\"");
  assert_answer (lab, "{\"id\":7}", "{\"id\":7,\"ok\":false,\"error\":{\"code\":\"protocol\"");
  assert_answer (lab, "{\"id\":7,\"op\":\"dance\"}", "{\"id\":7,\"ok\":false,\"error\":{\"code\":\"unsupported\"");
  assert_answer (lab, "{\"id\":7,\"op\":\"spawn\",\"node\":\"../x\"}", "\"code\":\"invalid\",\"message\":\"'node'");
  assert_answer (lab, "{\"id\":7,\"op\":\"spawn\",\"node\":\"x\",\"argv\":[1]}", "'argv' is missing");
  assert_answer (lab, "{\"id\":7,\"op\":\"spawn\",\"node\":\"x\",\"argv\":[\"a\"],\"interfaces\":0,\"log\":\"../log\"}",
                 "'log' is missing or is no path below the lab's folder");
  assert_answer (lab, "{\"id\":7,\"op\":\"signal\",\"node\":\"x\",\"signal\":9}", "\"code\":\"not-found\"");
  assert_answer (lab, "{\"id\":8,\"op\":\"hello\"}", "{\"id\":8,\"ok\":true,\"version\":1");
  g_assert_cmpint (lab_supervisor_pid (lab), ==, pid);
}

static void
test_descriptors_from_clients_are_refused (Lab *lab, gconstpointer unused)
{
  bs_autofd int fd = connect_raw (lab);
  const char *request = "{\"id\":1,\"op\":\"hello\"}";
  g_autofree char *answer = NULL;
  int fds[2] = { 0, 1 };

  g_assert_true (bs_socket_send (fd, request, strlen (request), fds, 2, NULL));
  answer = receive_raw (fd);
  g_assert_nonnull (strstr (answer, "\"code\":\"protocol\""));
}

static void
test_pipelined_requests_are_all_answered (Lab *lab, gconstpointer unused)
{
  bs_autofd int fd = connect_raw (lab);

  for (int i = 1; i <= 100; i++)
    {
      g_autofree char *request = g_strdup_printf ("{\"id\":%d,\"op\":\"status\"}", i);

      g_assert_true (bs_socket_send (fd, request, strlen (request), NULL, 0, NULL));
    }
  for (int i = 1; i <= 100; i++)
    {
      g_autofree char *answer = receive_raw (fd), *expected = g_strdup_printf ("{\"id\":%d,\"ok\":true", i);

      g_assert_nonnull (answer);
      g_assert_true (g_str_has_prefix (answer, expected));
    }
}

static void
test_unanswered_requests_are_limited (Lab *lab, gconstpointer unused)
{
  const char *const options[] = { "--guest", "@silent", NULL };
  bs_autofd int fd = -1;
  g_autofree char *answer = NULL;
  guint refused = 0;

  lab_spawn (lab, "web", 0, options);
  fd = connect_raw (lab);
  for (int i = 1; refused == 0 && i < 2000; i++)
    {
      g_autofree char *request
          = g_strdup_printf ("{\"id\":%d,\"op\":\"guest\",\"node\":\"web\",\"timeout_ms\":60000}", i);

      g_assert_cmpint (bs_socket_wait (fd, POLLOUT, LAB_DEADLINE ()), >, 0);
      g_assert_true (bs_socket_send (fd, request, strlen (request), NULL, 0, NULL));
      refused = bs_socket_wait (fd, POLLIN, i > 512 ? LAB_DEADLINE () : 0) > 0;
    }
  answer = receive_raw (fd);
  g_assert_nonnull (strstr (answer, "\"id\":513,\"ok\":false,\"error\":{\"code\":\"busy\""));
}

static void
test_subscriber_that_does_not_read_is_dropped (Lab *lab, gconstpointer unused)
{
  bs_autofd int fd = connect_raw (lab);
  const char *request = "{\"id\":1,\"op\":\"subscribe\"}";
  g_autofree char *filler = g_strnfill (30000, 'x');
  g_autofree char *answer = NULL;
  gboolean dropped = FALSE;

  g_assert_true (bs_socket_send (fd, request, strlen (request), NULL, 0, NULL));
  answer = receive_raw (fd);
  for (guint i = 0; i < 500 && !dropped; i++)
    {
      g_autoptr (json_t) status = NULL;

      json_decref (lab_call (lab, "event", json_pack ("{s:{s:s, s:s}}", "event", "kind", "big", "data", filler)));
      status = lab_call (lab, "status", NULL);
      dropped = bs_json_int (status, "subscribers", -1) == 0;
    }
  g_assert_true (dropped);
}

static int
try_as_nobody (const char *path)
{
  static const char request[] = "{\"id\":1,\"op\":\"status\"}";
  bs_autofd int dir = -1, fd = -1;
  g_autofree char *answer = NULL;

  if (setgid (NOBODY) != 0 || setuid (NOBODY) != 0)
    return 10;
  dir = bs_file_open_dir (AT_FDCWD, path, NULL);
  fd = dir >= 0 ? bs_socket_connect (dir, BS_CONTROL_SOCKET, SOCK_SEQPACKET, NULL) : -1;
  if (fd < 0)
    return 11;
  bs_socket_send (fd, request, strlen (request), NULL, 0, NULL);
  answer = receive_raw (fd);
  if (answer == NULL || strstr (answer, "another user") == NULL)
    return 12;
  g_free (answer);
  answer = receive_raw (fd);
  return answer == NULL ? 0 : 13;
}

static void
test_another_user_is_refused (Lab *lab, gconstpointer unused)
{
  int status;
  pid_t pid;

  if (geteuid () != 0)
    {
      g_test_skip ("needs root, to become another user");
      return;
    }
  g_assert_cmpint (chmod (lab->path, 0755), ==, 0);
  g_assert_cmpint (fchmodat (lab->dir, BS_CONTROL_SOCKET, 0777, 0), ==, 0);
  pid = fork ();
  if (pid == 0)
    _exit (try_as_nobody (lab->path));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  json_decref (lab_call (lab, "status", NULL));
}

static guint64
read_number (pid_t pid, const char *file, const char *key)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", pid, file), *text = NULL;
  guint64 sum = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (const char *at = strstr (text, key); at != NULL; at = strstr (at + 1, key))
    sum += g_ascii_strtoull (at + strlen (key), NULL, 10);
  return sum;
}

static guint64
count_wakeups (pid_t pid)
{
  return read_number (pid, "status", "voluntary_ctxt_switches:");
}

/* Waits until it has done what it had to. */
static guint64
settle (pid_t pid)
{
  gint64 deadline = LAB_DEADLINE ();
  guint64 before, after = count_wakeups (pid);

  do
    {
      before = after;
      poll (NULL, 0, SETTLE_MS);
      after = count_wakeups (pid);
    }
  while (after != before && g_get_monotonic_time () < deadline);
  return after;
}

/* Ten machines, each with a session: no wake-up, and little memory. */
static void
test_idle_supervisor_sleeps_and_is_small (Lab *lab, gconstpointer unused)
{
  const char *const options[] = { "--guest", "@flood", NULL };
  pid_t pid = lab_supervisor_pid (lab);
  int guests[10];
  guint64 before;

  json_decref (lab_call (lab, "start-switch", json_pack ("{s:s}", "program", lab_switch_program ())));
  for (int i = 0; i < 10; i++)
    {
      g_autofree char *node = g_strdup_printf ("n%d", i), *mac = g_strdup_printf ("52:54:00:00:00:%02x", i);

      json_decref (lab_call (
          lab, "add-port", json_pack ("{s:s, s:i, s:i, s:s}", "node", node, "interface", 0, "network", 0, "mac", mac)));
      lab_spawn (lab, node, 1, options);
      guests[i] = lab_guest (lab, node);
    }
  before = settle (pid);
  /* nothing can be waited for here but time: it is what must not wake the supervisor */
  poll (NULL, 0, IDLE_MS);
  g_assert_cmpuint (count_wakeups (pid), ==, before);
#if !defined __SANITIZE_ADDRESS__
  g_assert_cmpuint (read_number (pid, "smaps_rollup", "Private_Clean:")
                        + read_number (pid, "smaps_rollup", "Private_Dirty:"),
                    <=, USS_MAX_KIB);
#endif
  for (int i = 0; i < 10; i++)
    bs_fd_clear (&guests[i]);
}

#define TEST(name, function) g_test_add ("/supervisor/clients/" name, Lab, NULL, lab_setup, function, lab_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("garbage is answered and survived", test_garbage_is_answered_and_survived);
  TEST ("descriptors from clients are refused", test_descriptors_from_clients_are_refused);
  TEST ("pipelined requests are all answered", test_pipelined_requests_are_all_answered);
  TEST ("unanswered requests are limited", test_unanswered_requests_are_limited);
  TEST ("a subscriber that does not read is dropped", test_subscriber_that_does_not_read_is_dropped);
  TEST ("another user is refused", test_another_user_is_refused);
  TEST ("an idle supervisor sleeps and is small", test_idle_supervisor_sleeps_and_is_small);
  return g_test_run ();
}
