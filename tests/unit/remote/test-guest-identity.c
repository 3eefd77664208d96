/* SPDX-License-Identifier: Apache-2.0 */
/* The guest gives itself an identity: here in network, host name and mount namespaces of its own, so that this host
 * keeps its. */
#include "guest-fixture.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

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

/* A new pair, bsa with 52:54:00:00:00:01 and bsb with …:02; FALSE when this kernel has none. */
static gboolean
make_interfaces (void)
{
  if (g_file_test ("/proc/sys/net/ipv4/conf/bsa", G_FILE_TEST_EXISTS))
    run_ip ("link del bsa");
  return run_ip ("link add bsa address 52:54:00:00:00:01 type veth peer name bsb address 52:54:00:00:00:02")
         && g_file_test ("/proc/sys/net/ipv4/conf/bsb", G_FILE_TEST_EXISTS);
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
test_fork (Fixture *self, gconstpointer data)
{
  BsGuestInterface interfaces[] = {
    { .mac = "52:54:00:00:00:01", .new_mac = "52:54:00:00:00:11", .name = "bsb", .address = "10.9.0.2/24" },
    { .mac = "52:54:00:00:00:02", .name = "bsa", .address = "10.8.0.2/24", .gateway = "10.8.0.1" },
  };
  BsGuestIdentity identity = { .interfaces = interfaces, .n_interfaces = 2 };
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL, *second = NULL, *routes = NULL, *last = NULL;

  if (!make_interfaces ())
    {
      g_test_skip ("cannot make interfaces here");
      return;
    }
  /* What the template had. */
  run_ip ("addr add 10.7.0.9/24 dev bsa");
  run_ip ("addr add 10.7.0.10/24 dev bsa");
  run_ip ("addr add fd01::9/64 dev bsa");
  identify (self, &identity, &error);
  g_assert_no_error (error);
  first = output_of ("ip addr show bsb");
  g_assert_nonnull (strstr (first, "52:54:00:00:00:11"));
  g_assert_nonnull (strstr (first, "inet 10.9.0.2/24"));
  g_assert_null (strstr (first, "10.7.0."));
  g_assert_null (strstr (first, "fd01::9"));
  routes = output_of ("ip route show default");
  g_assert_nonnull (strstr (routes, "default via 10.8.0.1 dev bsa"));

  /* Told again, it is found by its new address. */
  interfaces[1].down = TRUE;
  interfaces[1].gateway = NULL;
  identify (self, &identity, &error);
  g_assert_no_error (error);
  second = output_of ("ip addr show bsa");
  g_assert_null (strstr (second, ",UP"));
  last = output_of ("ip route show default");
  g_assert_cmpstr (last, ==, "");
}

static void
test_bad_hardware_address (Fixture *self, gconstpointer data)
{
  BsGuestInterface interface = { .mac = "52:54:00:00:00:01", .new_mac = "52:54:00" };
  BsGuestIdentity identity = { .interfaces = &interface, .n_interfaces = 1 };
  g_autoptr (GError) error = NULL;

  if (!make_interfaces ())
    {
      g_test_skip ("cannot make interfaces here");
      return;
    }
  g_assert_false (identify (self, &identity, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "'52:54:00' is no hardware address"));
}

static void
test_resolver (Fixture *self, gconstpointer data)
{
  BsGuestIdentity identity = { .nameserver = "10.0.2.3" };
  g_autoptr (GError) error = NULL;
  g_autofree char *with = NULL, *without = NULL;

  identify (self, &identity, &error);
  g_assert_no_error (error);
  with = fixture_read ("/etc/resolv.conf");
  g_assert_cmpstr (with, ==, "nameserver 10.0.2.3\n");
  identity.nameserver = "";
  identify (self, &identity, &error);
  g_assert_no_error (error);
  without = fixture_read ("/etc/resolv.conf");
  g_assert_cmpstr (without, ==, "");
  identity.nameserver = "evil\nsearch x";
  g_assert_false (identify (self, &identity, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
}

static void
test_ssh (Fixture *self, gconstpointer data)
{
  BsGuestIdentity identity
      = { .host_key = "PRIVATE\n", .host_key_public = "PUBLIC\n", .authorized_key = "ssh-ed25519 AAAA lab\n" };
  g_autoptr (GError) error = NULL;
  g_autofree char *key = NULL, *public = NULL, *authorized = NULL;
  struct stat st;

  identify (self, &identity, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test ("/etc/ssh", G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test ("/root/.ssh", G_FILE_TEST_EXISTS));

  g_assert_cmpint (mkdir ("/etc/ssh", 0755), ==, 0);
  g_assert_cmpint (mkdir ("/root/.ssh", 0700), ==, 0);
  g_assert_true (g_file_set_contents ("/etc/ssh/ssh_host_rsa_key", "the template's", -1, NULL));
  g_assert_true (g_file_set_contents ("/root/.ssh/authorized_keys", "ssh-rsa BBBB user", -1, NULL));
  for (guint i = 0; i < 2; i++)
    {
      identify (self, &identity, &error);
      g_assert_no_error (error);
    }
  key = fixture_read ("/etc/ssh/ssh_host_ed25519_key");
  public = fixture_read ("/etc/ssh/ssh_host_ed25519_key.pub");
  authorized = fixture_read ("/root/.ssh/authorized_keys");
  g_assert_cmpstr (key, ==, "PRIVATE\n");
  g_assert_cmpstr (public, ==, "PUBLIC\n");
  g_assert_cmpstr (authorized, ==, "ssh-rsa BBBB user\nssh-ed25519 AAAA lab\n");
  g_assert_false (g_file_test ("/etc/ssh/ssh_host_rsa_key", G_FILE_TEST_EXISTS));
  g_assert_cmpint (stat ("/etc/ssh/ssh_host_ed25519_key", &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
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

  if (!make_interfaces ())
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
      || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount ("tmpfs", "/etc", "tmpfs", 0, NULL) != 0
      || mount ("tmpfs", "/root", "tmpfs", 0, NULL) != 0)
    {
      g_print ("1..0 # SKIP no namespaces of its own: needs root\n");
      return 0;
    }
  FIXTURE_TEST ("/guest/identity/names", test_names);
  FIXTURE_TEST ("/guest/identity/interfaces", test_interfaces);
  FIXTURE_TEST ("/guest/identity/fork", test_fork);
  FIXTURE_TEST ("/guest/identity/bad-hardware-address", test_bad_hardware_address);
  FIXTURE_TEST ("/guest/identity/resolver", test_resolver);
  FIXTURE_TEST ("/guest/identity/ssh", test_ssh);
  FIXTURE_TEST ("/guest/identity/errors", test_errors_name_what_failed);
  return g_test_run ();
}
