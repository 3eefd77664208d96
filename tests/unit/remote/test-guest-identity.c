/* SPDX-License-Identifier: Apache-2.0 */
/* The guest gives itself an identity: here in network, host name and mount namespaces of its own, so that this host
 * keeps its. */
#include "guest-fixture.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>

static gboolean
run_ip (const char *command)
{
  g_autofree char *line = g_strdup_printf ("ip %s", command);

  return g_spawn_command_line_sync (line, NULL, NULL, NULL, NULL);
}

static char *
output_of (const char *command)
{
  char *text = NULL;

  g_assert_true (g_spawn_command_line_sync (command, &text, NULL, NULL, NULL));
  return text;
}

static gboolean
identify (Fixture *self, const BsGuestIdentity *identity, GError **error)
{
  return bs_guest_identify (self->guest, identity, SOON (), NULL, error);
}

static void
test_names (Fixture *self, gconstpointer data)
{
  BsGuestIdentity identity = { .hostname = "alpha",
                               .hosts = "127.0.0.1 localhost\n10.9.0.2 alpha\n",
                               .machine_id = "0123456789abcdef0123456789abcdef",
                               .entropy = "not much of it",
                               .entropy_length = 14 };
  g_autoptr (GError) error = NULL;
  g_autofree char *hosts = NULL, *hostname = NULL, *machine_id = NULL, *kernel = NULL;

  identify (self, &identity, &error);
  g_assert_no_error (error);
  hosts = fixture_read ("/etc/hosts");
  hostname = fixture_read ("/etc/hostname");
  machine_id = fixture_read ("/etc/machine-id");
  kernel = fixture_read ("/proc/sys/kernel/hostname");
  g_assert_cmpstr (hosts, ==, identity.hosts);
  g_assert_cmpstr (hostname, ==, "alpha\n");
  g_assert_cmpstr (machine_id, ==, "0123456789abcdef0123456789abcdef\n");
  g_assert_cmpstr (kernel, ==, "alpha\n");
}

static void
test_interfaces (Fixture *self, gconstpointer data)
{
  /* They swap their names, too. */
  BsGuestInterface interfaces[] = {
    { .mac = "52:54:00:00:00:01", .name = "bsb", .address = "10.9.0.2/24 fd00::2/64", .mtu = 1400 },
    { .mac = "52:54:00:00:00:02", .name = "bsa" },
  };
  BsGuestIdentity identity = { .interfaces = interfaces, .n_interfaces = 2 };
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL, *second = NULL;

  if (!run_ip ("link add bsa address 52:54:00:00:00:01 type veth peer name bsb address 52:54:00:00:00:02")
      || !g_file_test ("/proc/sys/net/ipv4/conf/bsb", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("cannot make interfaces here");
      return;
    }
  identify (self, &identity, &error);
  g_assert_no_error (error);
  first = output_of ("ip addr show bsb");
  second = output_of ("ip addr show bsa");
  g_assert_nonnull (strstr (first, "52:54:00:00:00:01"));
  g_assert_nonnull (strstr (first, "mtu 1400"));
  g_assert_nonnull (strstr (first, "inet 10.9.0.2/24 brd 10.9.0.255"));
  g_assert_nonnull (strstr (first, "inet6 fd00::2/64"));
  g_assert_null (strstr (first, "fd00::2/64 scope global tentative"));
  g_assert_nonnull (strstr (second, "52:54:00:00:00:02"));
  g_assert_nonnull (strstr (second, ",UP"));
  identify (self, &identity, &error); /* once more changes nothing */
  g_assert_no_error (error);
}

static void
assert_refused (Fixture *self, const BsGuestIdentity *identity, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (identify (self, identity, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_errors_name_what_failed (Fixture *self, gconstpointer data)
{
  BsGuestInterface unknown = { .mac = "52:54:00:ff:ff:ff", .name = "x" };
  BsGuestInterface bad_name = { .mac = "00:00:00:00:00:00", .name = "a-name-that-is-too-long" };
  BsGuestInterface bad_address = { .mac = "00:00:00:00:00:00", .address = "10.0.0.300/24" };
  BsGuestIdentity id = { .machine_id = "short" };

  assert_refused (self, &id, "cannot give the guest its identity: 'short' is no machine id");
  id = (BsGuestIdentity){ .interfaces = &unknown, .n_interfaces = 1 };
  assert_refused (self, &id,
                  "cannot give the guest its identity: there is no interface with the address '52:54:00:ff:ff:ff'");
  id = (BsGuestIdentity){ .interfaces = &bad_name, .n_interfaces = 1 };
  assert_refused (self, &id, "cannot give the guest its identity: the description of an interface is malformed");
  id = (BsGuestIdentity){ .interfaces = &bad_address, .n_interfaces = 1 };
  assert_refused (
      self, &id,
      "cannot give the guest its identity: cannot give address '10.0.0.300/24' to interface 'lo': not an address");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (unshare (CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWNS) != 0
      || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount ("tmpfs", "/etc", "tmpfs", 0, NULL) != 0)
    {
      g_print ("1..0 # SKIP no namespaces of its own: needs root\n");
      return 0;
    }
  FIXTURE_TEST ("/guest/identity/names", test_names);
  FIXTURE_TEST ("/guest/identity/interfaces", test_interfaces);
  FIXTURE_TEST ("/guest/identity/errors", test_errors_name_what_failed);
  return g_test_run ();
}
