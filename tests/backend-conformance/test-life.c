/* SPDX-License-Identifier: Apache-2.0 */
/* test-life.c — from nothing to nothing */
#include "fixture.h"
#include "bs-fd.h"

#include <poll.h>
#include <string.h>

static void
assert_state (const char *name, BsNodeState wanted)
{
  g_autoptr (GError) error = NULL;
  BsNodeState state;

  fixture->backend->node_state (&fixture->lab, name, &state, &error);
  g_assert_no_error (error);
  g_assert_cmpint (state, ==, wanted);
}

static void
node_lives_and_goes (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("life", 10);
  g_autoptr (json_t) record = NULL;
  g_autoptr (GError) error = NULL;
  const BsBackendClass *backend = fixture->backend;

  assert_state ("life", BS_NODE_ABSENT);
  g_assert_true (backend->create_node (&fixture->lab, node, &error));
  assert_state ("life", BS_NODE_STOPPED);
  g_assert_true (backend->start_node (&fixture->lab, node, &record, &error));
  assert_state ("life", BS_NODE_RUNNING);
  g_assert_true (backend->wait_node (&fixture->lab, "life", fixture_in (60), &error));
  g_assert_true (backend->identify_node (&fixture->lab, node, fixture_in (30), &error));
  g_assert_true (backend->stop_node (&fixture->lab, "life", 0, &error));
  assert_state ("life", BS_NODE_STOPPED);
  g_assert_true (backend->delete_node (&fixture->lab, "life", &error));
  assert_state ("life", BS_NODE_ABSENT);
  g_assert_no_error (error);
}

static void
taking_away_twice_is_fine (void)
{
  fixture_down ("never-was");
  fixture_down ("never-was");
}

static void
graceful_stop_asks_the_guest (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("graceful", 11);
  g_autoptr (GError) error = NULL;
  gint64 begun;

  fixture_up (node);
  begun = bs_time_now_usec ();
  fixture->backend->stop_node (&fixture->lab, "graceful", fixture_in (30), &error);
  g_assert_no_error (error);
  g_assert_cmpint (bs_time_now_usec () - begun, <, 20 * BS_USEC_PER_SEC);
  assert_state ("graceful", BS_NODE_STOPPED);
  fixture_down ("graceful");
}

static void
stopped_node_starts_again (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("again", 12);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;
  g_autofree char *name = NULL;

  fixture_up (node);
  g_assert_true (fixture->backend->stop_node (&fixture->lab, "again", 0, &error));
  g_assert_true (fixture->backend->start_node (&fixture->lab, node, &record, &error));
  g_assert_true (fixture->backend->wait_node (&fixture->lab, "again", fixture_in (60), &error));
  g_assert_true (fixture->backend->identify_node (&fixture->lab, node, fixture_in (30), &error));
  name = fixture_shell ("again", "hostname");
  g_assert_cmpstr (name, ==, "again\n");
  fixture_down ("again");
}

static void
identity_is_given (void)
{
  g_autofree char *name = NULL, *hosts = NULL, *first = NULL, *second = NULL, *mtu = NULL;
  g_autofree char *clock = NULL, *address = NULL;

  fixture_need_shared ();
  name = fixture_shell (SHARED, "hostname");
  g_assert_cmpstr (name, ==, SHARED "\n");
  hosts = fixture_shell (SHARED, "cat /etc/hosts");
  g_assert_nonnull (strstr (hosts, "10.77.0.3\t" SHARED_OTHER));
  first = fixture_shell (SHARED, "cat /etc/machine-id");
  second = fixture_shell (SHARED_OTHER, "cat /etc/machine-id");
  g_assert_cmpuint (strlen (first), ==, 33);
  g_assert_cmpstr (first, !=, second);
  address = fixture_shell (SHARED, "ip -o -4 addr show eth0");
  g_assert_nonnull (strstr (address, "10.77.0.2/24"));
  mtu = fixture_shell (SHARED, "cat /sys/class/net/eth0/mtu");
  g_assert_cmpstr (mtu, ==, "1500\n");
  clock = fixture_shell (SHARED, "date +%s");
  g_assert_cmpint (ABS (g_ascii_strtoll (clock, NULL, 10) - g_get_real_time () / BS_USEC_PER_SEC), <=, 5);
}

static void
paused_node_waits (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;

  if (fixture_lacks (BS_CAP_PAUSE))
    return;
  fixture_need_shared ();
  g_assert_true (fixture->backend->pause_node (&fixture->lab, SHARED, &error));
  assert_state (SHARED, BS_NODE_PAUSED);
  g_assert_true (fixture->backend->pause_node (&fixture->lab, SHARED, &error));
  g_assert_true (fixture->backend->resume_node (&fixture->lab, SHARED, &error));
  assert_state (SHARED, BS_NODE_RUNNING);
  before = fixture_shell (SHARED, "echo on");
  g_assert_cmpstr (before, ==, "on\n");
  g_assert_no_error (error);
}

static void
paused_node_stops (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("frozen", 13);
  g_autoptr (GError) error = NULL;
  gint64 begun;

  if (fixture_lacks (BS_CAP_PAUSE))
    return;
  fixture_up (node);
  g_assert_true (fixture->backend->pause_node (&fixture->lab, "frozen", &error));
  begun = bs_time_now_usec ();
  g_assert_true (fixture->backend->stop_node (&fixture->lab, "frozen", fixture_in (2), &error));
  g_assert_cmpint (bs_time_now_usec () - begun, <, 6 * BS_USEC_PER_SEC);
  assert_state ("frozen", BS_NODE_STOPPED);
  fixture_down ("frozen");
}

static void
console_speaks (void)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int fd = -1;
  char text[256] = "";
  gsize length = 0;

  if (fixture_lacks (BS_CAP_CONSOLE | BS_CAP_EXEC))
    return;
  fixture_need_shared ();
  fd = fixture->backend->console (&fixture->lab, SHARED, &error);
  g_assert_no_error (error);
  g_free (fixture_shell (SHARED, "echo over-the-console > /dev/console"));
  while (strstr (text, "over-the-console") == NULL && length < sizeof text - 1)
    {
      struct pollfd item = { .fd = fd, .events = POLLIN };
      ssize_t n;

      g_assert_cmpint (poll (&item, 1, 10000), ==, 1);
      n = read (fd, text + length, sizeof text - 1 - length);
      g_assert_cmpint (n, >, 0);
      length += (gsize) n;
      text[length] = '\0';
    }
  g_assert_nonnull (strstr (text, "over-the-console"));
}

static void
death_is_noticed (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("dies", 14);
  g_autoptr (GError) error = NULL;
  const char *argv[] = { "sh", "-c", "echo c > /proc/sysrq-trigger; sleep 60", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  BsExecResult result;
  gint64 begun;

  if (fixture_lacks (BS_CAP_EXEC))
    return;
  fixture_up (node);
  begun = bs_time_now_usec ();
  g_assert_false (fixture->backend->exec (&fixture->lab, "dies", &spec, &io, &result, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_cmpint (bs_time_now_usec () - begun, <, 20 * BS_USEC_PER_SEC);
  g_clear_error (&error);
  g_assert_false (fixture->backend->wait_node (&fixture->lab, "dies", fixture_in (5), &error));
  assert_code (error, BS_ERROR_DIED, "node 'dies' died of a kernel panic");
  g_assert_nonnull (bs_error_hint (error));
  assert_state ("dies", BS_NODE_STOPPED);
  fixture_down ("dies");
}

/* An image of one mebibyte of zeros. */
static char *
blank_image (void)
{
  char *path = g_build_filename (fixture->folder, "base.raw", NULL);
  g_autofree char *zeros = g_malloc0 (1024 * 1024);

  g_assert_true (g_file_set_contents (path, zeros, 1024 * 1024, NULL));
  return path;
}

static void
disk_is_an_overlay (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("disk", 15);
  g_autofree char *seen = NULL, *content = NULL;

  node->disk = blank_image ();
  fixture_up (node);
  seen
      = fixture_shell ("disk", "cat /sys/block/vda/size; echo written | dd of=/dev/vda conv=notrunc 2>/dev/null; sync; "
                               "head -c 7 /dev/vda");
  g_assert_cmpstr (seen, ==, "2048\nwritten");
  fixture_down ("disk");
  g_assert_true (g_file_get_contents (node->disk, &content, NULL, NULL));
  g_assert_cmpint (content[0], ==, '\0');
}

static void
disk_alone_starts_too (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("bios", 16);
  g_autoptr (json_t) record = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&node->kernel, g_free);
  node->disk = blank_image ();
  g_assert_true (fixture->backend->create_node (&fixture->lab, node, &error));
  g_assert_true (fixture->backend->start_node (&fixture->lab, node, &record, &error));
  g_assert_no_error (error);
  assert_state ("bios", BS_NODE_RUNNING);
  fixture_down ("bios");
}

void
add_life_tests (void)
{
  g_test_add_func ("/conformance/life/node-lives-and-goes", node_lives_and_goes);
  g_test_add_func ("/conformance/life/taking-away-twice-is-fine", taking_away_twice_is_fine);
  g_test_add_func ("/conformance/life/graceful-stop-asks-the-guest", graceful_stop_asks_the_guest);
  g_test_add_func ("/conformance/life/stopped-node-starts-again", stopped_node_starts_again);
  g_test_add_func ("/conformance/life/identity-is-given", identity_is_given);
  g_test_add_func ("/conformance/life/paused-node-waits", paused_node_waits);
  g_test_add_func ("/conformance/life/paused-node-stops", paused_node_stops);
  g_test_add_func ("/conformance/life/console-speaks", console_speaks);
  g_test_add_func ("/conformance/life/death-is-noticed", death_is_noticed);
  g_test_add_func ("/conformance/life/disk-is-an-overlay", disk_is_an_overlay);
  g_test_add_func ("/conformance/life/disk-alone-starts-too", disk_alone_starts_too);
}
