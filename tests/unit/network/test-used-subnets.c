/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-address-plan.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-libvirt-subnets.h"
#include "bs-process.h"
#include "bs-route-subnets.h"

#include <sched.h>
#include <string.h>

static gboolean own_namespace;

static GHashTable *
set_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
ip (const char *arguments)
{
  g_autofree char *line = g_strconcat ("ip ", arguments, NULL);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr (GError) error = NULL;

  bs_process_run ((const char *const *) argv, NULL, &error);
  g_assert_no_error (error);
}

static void
test_routes_of_all_tables (void)
{
  g_autoptr (GHashTable) subnets = set_new ();

  if (!own_namespace)
    {
      g_test_skip ("needs a network namespace");
      return;
    }
  ip ("link set lo up");
  ip ("route add 10.77.0.0/16 dev lo table 100");
  ip ("route add blackhole 172.30.4.0/24");
  ip ("route add default dev lo");
  ip ("route add 128.0.0.0/1 dev lo");
  bs_route_subnets_collect (subnets);
  g_assert_true (g_hash_table_contains (subnets, "10.77.0.0/16"));
  g_assert_true (g_hash_table_contains (subnets, "172.30.4.0/24"));
  g_assert_true (g_hash_table_contains (subnets, "127.0.0.0/8"));
  g_assert_false (g_hash_table_contains (subnets, "0.0.0.0/0"));
  g_assert_false (g_hash_table_contains (subnets, "128.0.0.0/1"));
}

static void
test_all_of_them_once_in_order (void)
{
  g_autoptr (GPtrArray) used = bs_address_plan_used_subnets ();

  g_assert_true (g_ptr_array_find_with_equal_func (used, BS_MANAGEMENT_SUBNET, g_str_equal, NULL));
  if (own_namespace)
    g_assert_true (g_ptr_array_find_with_equal_func (used, "10.77.0.0/16", g_str_equal, NULL));
  for (guint i = 1; i < used->len; i++)
    g_assert_cmpstr (used->pdata[i - 1], <, used->pdata[i]);
}

static void
assert_libvirt (const char *xml, gboolean valid, const char *const *expected)
{
  g_autoptr (GHashTable) subnets = set_new ();

  g_assert_cmpint (bs_libvirt_subnets_parse (xml, strlen (xml), subnets), ==, valid);
  g_assert_cmpuint (g_hash_table_size (subnets), ==, g_strv_length ((char **) expected));
  for (guint i = 0; expected[i] != NULL; i++)
    g_assert_true (g_hash_table_contains (subnets, expected[i]));
}

static void
test_libvirt_definitions (void)
{
  const char *const none[] = { NULL };

  assert_libvirt (
      "<!-- made by hand --><network xmlns:dnsmasq='urn:x'><name>default</name>"
      "<ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' "
      "end='192.168.122.254'/></dhcp></ip>"
      "<ip family=\"ipv6\" address=\"fd00:1::1\" prefix=\"64\"/>"
      "<ip address=\"10.40.7.9\" prefix=\"20\"/><ip address='192.168.9.1'/><ip address='172.20.0.1'/>"
      "<ip address='11.0.0.1'/><route family='ipv4' address='192.168.50.0' prefix='24' gateway='192.168.122.2'/>"
      "</network>\n",
      TRUE,
      (const char *[]){ "192.168.122.0/24", "10.40.0.0/20", "192.168.9.0/24", "172.20.0.0/16", "11.0.0.0/8",
                        "192.168.50.0/24", NULL });
  assert_libvirt ("<network><dns><ip address='10.9.0.1' prefix='24'/></dns><ip/><ip address='10.9.0.1' "
                  "netmask='255.0.255.0'/></network>",
                  TRUE, none);
  assert_libvirt ("", FALSE, none);
  assert_libvirt ("<network><ip address='10.9.0.1' prefix='24'></network>", FALSE,
                  (const char *[]){ "10.9.0.0/24", NULL });
}

static void
test_libvirt_folder (void)
{
  static const char xml[] = "<network><ip address='10.9.0.1' prefix='24'/></network>";
  g_autofree char *folder = g_dir_make_tmp ("bs-libvirt-XXXXXX", NULL);
  g_autofree char *good = g_build_filename (folder, "a.xml", NULL), *other = g_build_filename (folder, "b.bak", NULL);
  g_autofree char *loop = g_build_filename (folder, "c.xml", NULL);
  g_autoptr (GHashTable) subnets = set_new ();

  g_assert_true (bs_file_write_atomic (AT_FDCWD, good, xml, sizeof xml - 1, 0600, NULL));
  g_assert_true (bs_file_write_atomic (AT_FDCWD, other, "<ip", 3, 0600, NULL));
  g_assert_cmpint (symlink (loop, loop), ==, 0);
  bs_libvirt_subnets_collect ("/nonexistent", subnets);
  bs_libvirt_subnets_collect (folder, subnets);
  g_assert_cmpuint (g_hash_table_size (subnets), ==, 1);
  g_assert_true (g_hash_table_contains (subnets, "10.9.0.0/24"));
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
}

/* Before there is any thread. An ordinary user becomes root of a user namespace, for the programs that it starts, too.
 */
static gboolean
enter_namespace (void)
{
  g_autofree char *map = g_strdup_printf ("0 %u 1", (guint) geteuid ());
  bs_autofd int fd = -1;

  if (geteuid () == 0)
    return unshare (CLONE_NEWNET) == 0;
  if (unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return FALSE;
  fd = open ("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
  return fd >= 0 && bs_fd_write_all (fd, map, strlen (map));
}

int
main (int argc, char **argv)
{
  own_namespace = enter_namespace ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/used-subnets/routes-of-all-tables", test_routes_of_all_tables);
  g_test_add_func ("/used-subnets/all-of-them-once-in-order", test_all_of_them_once_in_order);
  g_test_add_func ("/used-subnets/libvirt-definitions", test_libvirt_definitions);
  g_test_add_func ("/used-subnets/libvirt-folder", test_libvirt_folder);
  return g_test_run ();
}
