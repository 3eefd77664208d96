/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-seed.h"
#include "bs-yaml-writer.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake lab"
#define PRIVATE "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n"

static const BsSeedInterface interfaces[] = {
  { .mac = "52:54:00:00:00:01",
    .name = "eth0",
    .addresses = "10.1.0.2/24 fd00::2/64",
    .gateway = "10.1.0.1",
    .nameservers = "10.1.0.1",
    .mtu = 1400 },
  { .mac = "52:54:00:00:00:02", .dhcp = TRUE },
};

static BsSeed
small_seed (void)
{
  return (BsSeed){ .instance_id = "b0c8-1", .hostname = "web" };
}

static void
test_a_small_one (void)
{
  BsSeed seed = small_seed ();
  g_autofree char *user = bs_seed_user_data (&seed, NULL), *meta = bs_seed_meta_data (&seed, NULL);
  g_autofree char *network = bs_seed_network_config (&seed, NULL);

  g_assert_cmpstr (
      user, ==,
      "#cloud-config\nhostname: \"web\"\npreserve_hostname: false\ndisable_root: false\nssh_pwauth: false\n"
      "manage_etc_hosts: false\n");
  g_assert_cmpstr (meta, ==, "instance-id: \"b0c8-1\"\nlocal-hostname: \"web\"\n");
  g_assert_cmpstr (network, ==, "version: 2\nethernets: {}\n");
}

static void
test_interfaces_are_found_by_mac (void)
{
  BsSeed seed = small_seed ();
  g_autofree char *text = NULL;

  seed.interfaces = interfaces;
  seed.n_interfaces = G_N_ELEMENTS (interfaces);
  text = bs_seed_network_config (&seed, NULL);
  g_assert_cmpstr (text, ==,
                   "version: 2\nethernets:\n"
                   "  eth0:\n    match:\n      macaddress: \"52:54:00:00:00:01\"\n    set-name: \"eth0\"\n"
                   "    optional: true\n    dhcp4: false\n    addresses:\n    - \"10.1.0.2/24\"\n    - \"fd00::2/64\"\n"
                   "    mtu: 1400\n    routes:\n    - to: \"0.0.0.0/0\"\n      via: \"10.1.0.1\"\n"
                   "    nameservers:\n      addresses:\n      - \"10.1.0.1\"\n"
                   "  eth1:\n    match:\n      macaddress: \"52:54:00:00:00:02\"\n    set-name: \"eth1\"\n    "
                   "optional: true\n    dhcp4: true\n");
}

static void
test_users_keys_and_hosts (void)
{
  BsSeed seed = small_seed ();
  char *keys[] = { (char *) "ssh-rsa AAAAB3NzaC1yc2EAAAADAQ \"mine\"", NULL };
  g_autofree char *text = NULL;

  seed.authorized_key = KEY;
  seed.user = "shop";
  seed.password = "no: #\\\"1";
  seed.ssh_authorized_keys = keys;
  seed.host_key = PRIVATE;
  seed.host_key_public = KEY "\n";
  seed.hosts = "127.0.0.1 localhost\n10.1.0.2 web\n";
  seed.install_agent = TRUE;
  text = bs_seed_user_data (&seed, NULL);
  g_assert_cmpstr (
      text, ==,
      "#cloud-config\nhostname: \"web\"\npreserve_hostname: false\ndisable_root: false\n"
      "ssh_authorized_keys:\n- \"" KEY "\"\n"
      "users:\n- \"default\"\n- name: \"shop\"\n  shell: \"/bin/sh\"\n  sudo: \"ALL=(ALL) NOPASSWD:ALL\"\n"
      "  lock_passwd: false\n  plain_text_passwd: \"no: #\\\\\\\"1\"\n"
      "  ssh_authorized_keys:\n  - \"ssh-rsa AAAAB3NzaC1yc2EAAAADAQ \\\"mine\\\"\"\n"
      "ssh_pwauth: true\nssh_deletekeys: true\nssh_keys:\n"
      "  ed25519_private: \"-----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl\\n-----END OPENSSH PRIVATE KEY-----\\n\"\n"
      "  ed25519_public: \"" KEY "\\n\"\n"
      "manage_etc_hosts: false\nwrite_files:\n- path: \"/etc/hosts\"\n  permissions: \"0644\"\n"
      "  content: \"127.0.0.1 localhost\\n10.1.0.2 web\\n\"\n"
      "packages:\n- \"qemu-guest-agent\"\nruncmd:\n- - \"sh\"\n  - \"-c\"\n"
      "  - \"systemctl start qemu-guest-agent || rc-service qemu-guest-agent start\"\n");
}

static void
test_a_machine_id (void)
{
  BsSeed seed = small_seed ();
  g_autofree char *text = NULL;

  seed.machine_id = "0123456789abcdef0123456789abcdef";
  text = bs_seed_user_data (&seed, NULL);
  g_assert_nonnull (strstr (text, "bootcmd:\n- - \"sh\"\n  - \"-c\"\n"));
  g_assert_nonnull (strstr (text, "  - \"sh\"\n  - \"0123456789abcdef0123456789abcdef\"\n"));
}

static void
test_a_password_of_the_default_user (void)
{
  BsSeed seed = small_seed ();
  g_autofree char *text = NULL;

  seed.password = "yes";
  text = bs_seed_user_data (&seed, NULL);
  g_assert_nonnull (strstr (text, "ssh_pwauth: true\npassword: \"yes\"\nchpasswd:\n  expire: false\n"));
}

static void
assert_refused (const BsSeed *seed, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_seed_user_data (seed, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_what_cannot_be_said (void)
{
  BsSeed seed = small_seed ();
  BsSeedInterface interface = interfaces[1];
  char *keys[] = { (char *) KEY "\n- evil", NULL };

  seed.hostname = "web\nusers: []";
  assert_refused (&seed, "'web\\nusers: []' cannot be a host name: a host's name consists of letters, digits and "
                         "hyphens, with dots between its parts");
  seed = small_seed ();
  seed.user = "a: b";
  assert_refused (&seed,
                  "'a: b' cannot be a user: a user's name consists of lower-case letters, digits, _ and -, 32 at "
                  "most");
  seed = small_seed ();
  seed.machine_id = "0123456789ABCDEF0123456789ABCDEF";
  assert_refused (&seed, "'0123456789ABCDEF0123456789ABCDEF' cannot be a machine id: it consists of 32 hex digits");
  seed = small_seed ();
  seed.password = "secret\n";
  assert_refused (&seed, "the password cannot be used: it contains a line break or another control character");
  seed = small_seed ();
  seed.ssh_authorized_keys = keys;
  assert_refused (&seed,
                  "'" KEY "\\n- evil' cannot be a SSH key: it contains a line break or another control character");
  seed = small_seed ();
  seed.instance_id = "a/b";
  assert_refused (&seed, "'a/b' cannot be a instance id: it consists of letters, digits, _ . and -");
  seed = small_seed ();
  seed.hosts = "\377";
  assert_refused (&seed, "the table of hosts is too long or no UTF-8");
  seed = small_seed ();
  seed.host_key = PRIVATE;
  assert_refused (&seed, "a host key needs both its halves");
  seed.host_key = "-----BEGIN RSA";
  seed.host_key_public = KEY;
  assert_refused (&seed, "the host key is none of OpenSSH's");
  seed = small_seed ();
  seed.interfaces = &interface;
  seed.n_interfaces = 1;
  interface.mac = "52:54:00:00:00:0g";
  assert_refused (&seed,
                  "'52:54:00:00:00:0g' cannot be a hardware address: it is not of the form 52:54:00:00:00:01, in "
                  "lower case");
  interface = interfaces[0];
  interface.addresses = "10.0.0.1/33";
  assert_refused (&seed, "'10.0.0.1/33' cannot be a address: it is not of the form ADDRESS/LENGTH");
  interface = interfaces[0];
  interface.name = "a/../b";
  assert_refused (&seed,
                  "'a/../b' cannot be a interface's name: it consists of letters, digits, _ . and -, 15 at most");
  interface = interfaces[0];
  interface.nameservers = "10.0.0.1 dns";
  assert_refused (&seed, "'dns' cannot be a name server: it is no address");
  interface = interfaces[0];
  interface.gateway = "fe80::1";
  assert_refused (&seed, "'fe80::1' cannot be a gateway: it is no IPv4 address");
}

static void
test_the_writer_tells_what_failed (void)
{
  g_autoptr (BsYamlWriter) bad = bs_yaml_writer_new (NULL), unended = bs_yaml_writer_new (NULL);
  g_autoptr (GError) error = NULL, second = NULL;

  bs_yaml_writer_begin_map (bad, NULL);
  bs_yaml_writer_text (bad, "key", "\377");
  bs_yaml_writer_end_map (bad);
  g_assert_null (bs_yaml_writer_finish (bad, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  bs_yaml_writer_begin_map (unended, NULL);
  g_assert_null (bs_yaml_writer_finish (unended, &second));
  g_assert_error (second, BS_ERROR, BS_ERROR_INVALID);
}

static char *
digest_of (const char *path)
{
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) content, length);
}

static gboolean
has_xorriso (void)
{
  g_autofree char *program = g_find_program_in_path ("xorriso");

  if (program == NULL)
    g_test_skip ("needs xorriso");
  return program != NULL;
}

static void
test_the_iso_is_the_same_each_time (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-seed-XXXXXX", NULL);
  g_autofree char *one = g_build_filename (folder, "one.iso", NULL), *two = g_build_filename (folder, "two.iso", NULL);
  g_autofree char *command = g_strdup_printf ("xorriso -osirrox on -indev %s -extract / %s/files", one, folder);
  g_autofree char *extracted = g_build_filename (folder, "files/meta-data", NULL), *meta = NULL;
  g_autofree char *first = NULL, *second = NULL, *image = NULL, *expected = NULL;
  BsSeed seed = small_seed ();
  g_autoptr (GError) error = NULL;
  struct stat st;

  if (has_xorriso ())
    {
      bs_seed_write (&seed, one, NULL, &error);
      g_assert_no_error (error);
      umask (0);
      bs_seed_write (&seed, two, NULL, &error);
      g_assert_no_error (error);
      first = digest_of (one);
      second = digest_of (two);
      g_assert_cmpstr (first, ==, second);
      g_assert_true (stat (two, &st) == 0 && (st.st_mode & 07777) == 0600);
      g_assert_true (g_file_get_contents (one, &image, NULL, NULL));
      g_assert_cmpmem (image + 32768 + 40, 8, "cidata  ", 8); /* the primary descriptor's volume id, ECMA-119 8.4 */
      g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
      g_assert_true (g_file_get_contents (extracted, &meta, NULL, NULL));
      expected = bs_seed_meta_data (&seed, NULL);
      g_assert_cmpstr (meta, ==, expected);
    }
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
}

static guint
entries_of (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_nothing_is_left_of_a_failure (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-seed-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "seed.iso", NULL), *search = g_strdup (g_getenv ("PATH"));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) cancelled = NULL, missing = NULL, invalid = NULL;
  BsSeed seed = small_seed ();

  if (has_xorriso ())
    {
      g_cancellable_cancel (cancellable);
      g_assert_false (bs_seed_write (&seed, path, cancellable, &cancelled));
      g_assert_error (cancelled, BS_ERROR, BS_ERROR_CANCELLED);
    }
  g_setenv ("PATH", "/nowhere", TRUE);
  g_assert_false (bs_seed_write (&seed, path, NULL, &missing));
  g_setenv ("PATH", search, TRUE);
  g_assert_error (missing, BS_ERROR, BS_ERROR_HOST);
  g_assert_cmpstr (bs_error_hint (missing), ==, "install the package 'xorriso'");
  seed.hostname = "";
  g_assert_false (bs_seed_write (&seed, path, NULL, &invalid));
  g_assert_error (invalid, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpuint (entries_of (folder), ==, 0);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seed/small", test_a_small_one);
  g_test_add_func ("/seed/interfaces", test_interfaces_are_found_by_mac);
  g_test_add_func ("/seed/users", test_users_keys_and_hosts);
  g_test_add_func ("/seed/machine-id", test_a_machine_id);
  g_test_add_func ("/seed/password", test_a_password_of_the_default_user);
  g_test_add_func ("/seed/refusals", test_what_cannot_be_said);
  g_test_add_func ("/seed/writer", test_the_writer_tells_what_failed);
  g_test_add_func ("/seed/iso", test_the_iso_is_the_same_each_time);
  g_test_add_func ("/seed/failures", test_nothing_is_left_of_a_failure);
  return g_test_run ();
}
