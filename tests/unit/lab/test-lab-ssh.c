/* SPDX-License-Identifier: Apache-2.0 */
/* test-lab-ssh.c — what a lab's record says of SSH, for us and for others */
#include "bs-error.h"
#include "bs-lab-ssh.h"
#include "lab-fixture.h"

#include <string.h>
#include <sys/stat.h>

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEdM9+tU3JNMchQ9YfHwGr5umnT6Y+Bz5xy/MK0KbyGl"
#define NODES                                                                                                          \
  "{\"name\":\"web\",\"image\":\"debian-12\",\"interfaces\":[{\"network\":\"lan\"},{\"network\":\"wan-2\"}],"          \
  "\"ssh\":{\"port\":2201,\"user\":\"root\",\"host_key\":\"" KEY "\"}},"                                               \
  "{\"name\":\"db-1\",\"image\":\"fedora\",\"interfaces\":[{\"network\":\"lan\"}],"                                    \
  "\"ssh\":{\"port\":2202,\"user\":\"fedora\"}},"                                                                      \
  "{\"name\":\"odd\",\"image\":\"x\",\"ssh\":{\"port\":70000}},"                                                       \
  "{\"name\":\"keyless\",\"image\":\"x\",\"ssh\":{\"port\":22,\"host_key\":\"rubbish\"}},"                             \
  "{\"name\":\"small\",\"image\":\"tiny\",\"interfaces\":[{\"network\":\"lan\"}]}"
#define TOPOLOGY                                                                                                       \
  "metadata: {name: shop, tags: [demo, two-tier]}\n"                                                                   \
  "networks: [{name: lan}, {name: wan-2}]\n"                                                                           \
  "nodes:\n  - {name: web, image: tiny}\n  - {name: db, count: 2, image: tiny, interfaces: [{network: lan}]}\n"

static void
put (const char *lab, const char *name, const char *text)
{
  g_autofree char *folder = fixture_lab_path (lab), *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_no_errno (g_mkdir_with_parents (parent, 0700));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static BsLab *
make_shop (void)
{
  GError *error = NULL;
  BsLab *lab;

  fixture_make_lab_with ("shop", "{\"format\":1,\"name\":\"shop\",\"uuid\":\"" UUID_A "\",\"state\":\"running\","
                                 "\"topology\":\"shop.yaml\",\"networks\":[],\"nodes\":[" NODES "]}");
  put ("shop", BS_LAB_SSH_KEY, "the private key");
  put ("shop", BS_LAB_SSH_KNOWN_HOSTS, "shop.db-1 " KEY "\n");
  put ("shop", "topology.yaml", TOPOLOGY);
  lab = bs_lab_open ("shop", &error);
  g_assert_no_error (error);
  return lab;
}

static void
test_target (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsLab) lab = make_shop ();
  g_autoptr (GError) error = NULL;
  g_autoptr (BsSshTarget) web = bs_lab_ssh_target (lab, "web", &error);
  g_autoptr (BsSshTarget) db = bs_lab_ssh_target (lab, "db-1", NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (web->host, ==, "127.0.0.1");
  g_assert_cmpuint (web->port, ==, 2201);
  g_assert_cmpstr (web->user, ==, "root");
  g_assert_cmpstr (web->label, ==, "shop/web");
  g_assert_cmpstr (web->host_key, ==, KEY);
  g_assert_cmpstr (web->key_text, ==, "the private key");
  g_assert_cmpstr (db->host_key, ==, KEY); /* of known_hosts */
  g_assert_cmpstr (db->user, ==, "fedora");
}

static void
assert_no_target (BsLab *lab, const char *node, int code, const char *message, const char *hint)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_lab_ssh_target (lab, node, &error));
  g_assert_error (error, BS_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_nonnull (strstr (bs_error_hint (error), hint));
}

static void
test_no_target (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsLab) lab = make_shop ();

  assert_no_target (lab, "none", BS_ERROR_NOT_FOUND, "lab 'shop' has no node 'none'", "its nodes: web db-1");
  assert_no_target (lab, "small", BS_ERROR_UNSUPPORTED, "node 'small' has no SSH server (image 'tiny')",
                    "use `benchscale exec`");
  assert_no_target (lab, "odd", BS_ERROR_PROTOCOL, "lab 'shop', node 'odd': its record has no SSH port", "down and up");
  assert_no_target (lab, "keyless", BS_ERROR_PROTOCOL,
                    "lab 'shop', node 'keyless': its record has a host key that is none", "down and up");
}

static void
test_lost_key (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsLab) lab = make_shop ();
  g_autofree char *folder = fixture_lab_path ("shop"), *key = g_build_filename (folder, BS_LAB_SSH_KEY, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (unlink (key));
  g_assert_null (bs_lab_ssh_target (lab, "web", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "lab 'shop': "));
}

static void
test_ssh_config (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsLab) lab = make_shop ();
  g_autofree char *text = bs_lab_ssh_config (lab, NULL), *folder = fixture_lab_path ("shop");
  g_autofree char *first = g_strdup_printf ("Host shop.web\n"
                                            "  HostName 127.0.0.1\n"
                                            "  Port 2201\n"
                                            "  User root\n"
                                            "  IdentityFile \"%s/ssh/id_ed25519\"\n"
                                            "  IdentitiesOnly yes\n"
                                            "  HostKeyAlias shop.web\n"
                                            "  UserKnownHostsFile \"%s/ssh/known_hosts\"\n"
                                            "  GlobalKnownHostsFile /dev/null\n"
                                            "  StrictHostKeyChecking yes\n"
                                            "  CheckHostIP no\n"
                                            "  PasswordAuthentication no\n"
                                            "  KbdInteractiveAuthentication no\n"
                                            "\nHost shop.db-1\n",
                                            folder, folder);

  g_assert_true (g_str_has_prefix (text, first));
  g_assert_null (strstr (text, "shop.small"));
}

static void
test_lab_without_servers (Fixture *self, gconstpointer unused)
{
  g_autoptr (json_t) inventory = json_object ();
  g_autoptr (GError) error = NULL, other = NULL;
  g_autoptr (BsLab) lab = NULL;

  fixture_make_lab ("lab", UUID_A, "running", 2);
  lab = bs_lab_open ("lab", NULL);
  g_assert_null (bs_lab_ssh_config (lab, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==, "no node of lab 'lab' has an SSH server");
  g_assert_false (bs_lab_inventory_add (lab, inventory, &other));
  g_assert_error (other, BS_ERROR, BS_ERROR_UNSUPPORTED);
}

static void
assert_group (const json_t *inventory, const char *group, const char *hosts)
{
  json_t *of = json_object_get (
      json_object_get (json_object_get (json_object_get (inventory, "all"), "children"), group), "hosts");
  g_autoptr (GString) text = g_string_new (NULL);
  const char *host;
  json_t *value;

  json_object_foreach (of, host, value) g_string_append_printf (text, "%s ", host);
  g_assert_cmpstr (text->str, ==, hosts);
}

static void
test_inventory (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsLab) lab = make_shop ();
  g_autoptr (json_t) inventory = json_object ();
  g_autoptr (json_t) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL, *yaml = NULL, *ini = NULL;

  g_assert_true (bs_lab_inventory_add (lab, inventory, &error));
  assert_group (inventory, "lab_shop", "shop.web shop.db-1 shop.odd shop.keyless ");
  assert_group (inventory, "network_lan", "shop.web shop.db-1 ");
  assert_group (inventory, "network_wan_2", "shop.web ");
  assert_group (inventory, "image_debian_12", "shop.web ");
  assert_group (inventory, "tag_two_tier", "shop.web shop.db-1 shop.odd shop.keyless ");
  assert_group (inventory, "count_db", "shop.db-1 ");
  json = bs_inventory_format (inventory, "json", &error);
  again = bs_json_load (json, strlen (json), &error);
  g_assert_no_error (error);
  g_assert_true (json_equal (again, inventory));
  yaml = bs_inventory_format (inventory, "yaml", &error);
  g_assert_true (g_str_has_prefix (yaml, "all:\n  hosts:\n    shop.web:\n      ansible_host: \"127.0.0.1\"\n"
                                         "      ansible_port: 2201\n      ansible_user: \"root\"\n"));
  g_assert_nonnull (strstr (yaml, "    network_wan_2:\n      hosts:\n        shop.web: {}\n"));
  ini = bs_inventory_format (inventory, "ini", &error);
  g_assert_true (g_str_has_prefix (ini, "shop.web ansible_host=\"127.0.0.1\" ansible_port=2201 "));
  g_assert_nonnull (strstr (ini, "\n\n[network_lan]\nshop.web\nshop.db-1\n\n["));
  g_assert_null (bs_inventory_format (inventory, "xml", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "not a format of inventories: 'xml'");
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/lab/ssh/target", test_target);
  FIXTURE_TEST ("/lab/ssh/no-target", test_no_target);
  FIXTURE_TEST ("/lab/ssh/lost-key", test_lost_key);
  FIXTURE_TEST ("/lab/ssh/ssh-config", test_ssh_config);
  FIXTURE_TEST ("/lab/ssh/lab-without-servers", test_lab_without_servers);
  FIXTURE_TEST ("/lab/ssh/inventory", test_inventory);
  return fixture_run ();
}
