/* SPDX-License-Identifier: Apache-2.0 */
/* test-plan.c — what is decided of a lab, and how it is told */
#include "bs-error.h"
#include "lab-fixture.h"
#include "plan-fixture.h"

#include <string.h>

#define THREE                                                                                                          \
  "metadata: {name: shop}\n"                                                                                           \
  "networks:\n"                                                                                                        \
  "  - {name: front, subnet: 10.10.0.0/24}\n"                                                                          \
  "  - {name: back, subnet: 10.20.0.0/24, mtu: 9000}\n"                                                                \
  "nodes:\n"                                                                                                           \
  "  - {name: web, image: tiny, memory_mb: 96, depends_on: [db, cache], ports: [\"18080:80\"], env: {A: b}}\n"         \
  "  - name: db\n"                                                                                                     \
  "    image: tiny\n"                                                                                                  \
  "    memory_mb: 128\n"                                                                                               \
  "    vcpus: 2\n"                                                                                                     \
  "    interfaces: [{network: back, address: 10.20.0.50, mac: \"52:54:00:00:00:01\", name: data0, mtu: 1400}]\n"       \
  "  - {name: cache, image: tiny, memory_mb: 96, depends_on: [db], interfaces: [{network: back}]}\n"                   \
  "scenarios:\n"                                                                                                       \
  "  - {name: s, steps: [{node: web, command: [\"true\"]}]}\n"

static const BsBackendInterface *
interface_of (const BsPlan *plan, guint node, guint index)
{
  return g_ptr_array_index (plan_node (plan, node)->spec->interfaces, index);
}

static void
test_interfaces (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsPlan) plan = plan_good (THREE);

  g_assert_cmpuint (plan_node (plan, 0)->spec->interfaces->len, ==, 2);
  g_assert_cmpstr (interface_of (plan, 0, 0)->name, ==, "eth0");
  g_assert_cmpstr (interface_of (plan, 0, 0)->address, ==, "10.10.0.2/24");
  g_assert_cmpuint (interface_of (plan, 0, 0)->network, ==, 0);
  g_assert_cmpuint (interface_of (plan, 0, 0)->mtu, ==, 1500);
  g_assert_cmpstr (interface_of (plan, 0, 1)->name, ==, "eth1");
  g_assert_cmpstr (interface_of (plan, 0, 1)->address, ==, "10.20.0.2/24");
  g_assert_cmpuint (interface_of (plan, 0, 1)->network, ==, 1);
  g_assert_cmpuint (interface_of (plan, 0, 1)->mtu, ==, 9000);
  g_assert_cmpstr (interface_of (plan, 1, 0)->name, ==, "data0");
  g_assert_cmpstr (interface_of (plan, 1, 0)->address, ==, "10.20.0.50/24");
  g_assert_cmpstr (interface_of (plan, 1, 0)->mac, ==, "52:54:00:00:00:01");
  g_assert_cmpuint (interface_of (plan, 1, 0)->mtu, ==, 1400);
  g_assert_cmpstr (interface_of (plan, 2, 0)->address, ==, "10.20.0.3/24");
}

static void
test_sizes_ports_and_backend (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsPlan) plan = plan_good (THREE);
  const BsBackendNode *web = plan_node (plan, 0)->spec, *db = plan_node (plan, 1)->spec;

  g_assert_cmpstr (plan->name, ==, "shop");
  g_assert_cmpuint (plan->nodes->len, ==, 3);
  g_assert_cmpstr (plan_node (plan, 0)->backend->name, ==, "qemu");
  g_assert_cmpuint (web->memory_mib, ==, 96);
  g_assert_cmpuint (web->vcpus, ==, 1);
  g_assert_cmpuint (db->memory_mib, ==, 128);
  g_assert_cmpuint (db->vcpus, ==, 2);
  g_assert_cmpuint (web->ports->len, ==, 1);
  g_assert_cmpuint (g_array_index (web->ports, BsBackendPort, 0).host, ==, 18080);
  g_assert_cmpuint (g_array_index (web->ports, BsBackendPort, 0).node, ==, 80);
  g_assert_cmpuint (db->ports->len, ==, 0);
  g_assert_null (web->kernel);
}

static void
test_order_follows_depends_on (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsPlan) plan = plan_good (THREE);

  g_assert_cmpuint (plan_node (plan, 0)->after->len, ==, 2);
  g_assert_cmpuint (g_array_index (plan_node (plan, 0)->after, guint, 0), ==, 1);
  g_assert_cmpuint (g_array_index (plan_node (plan, 0)->after, guint, 1), ==, 2);
  g_assert_cmpuint (plan_node (plan, 1)->after->len, ==, 0);
  g_assert_cmpuint (plan_node (plan, 2)->after->len, ==, 1);
  g_assert_cmpuint (g_array_index (plan_node (plan, 2)->after, guint, 0), ==, 1);
}

static void
test_hosts_name_all_that_share_a_network (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsPlan) plan = plan_good (THREE);

  g_assert_cmpstr (plan_node (plan, 1)->spec->hosts, ==,
                   "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
                   "10.20.0.50 db\n10.20.0.2 web\n10.20.0.3 cache\n");
}

static void
test_two_plans_of_one_file_agree (Fixture *self, gconstpointer unused)
{
  static const char text[] = "nodes: [{name: a, image: tiny}, {name: b, image: tiny}]\n";
  g_autoptr (BsPlan) one = plan_good (text);
  g_autoptr (BsPlan) two = plan_good (text);
  g_autoptr (BsPlan) other = plan_try (text, "other", NULL);

  g_assert_cmpstr (one->name, ==, "t");
  g_assert_cmpstr (plan_subnet (one, 0), ==, plan_subnet (two, 0));
  g_assert_cmpstr (interface_of (one, 1, 0)->mac, ==, interface_of (two, 1, 0)->mac);
  g_assert_cmpstr (interface_of (one, 0, 0)->mac, !=, interface_of (one, 1, 0)->mac);
  g_assert_true (g_str_has_prefix (interface_of (one, 0, 0)->mac, "52:54:00:"));
  g_assert_cmpstr (one->uuid, !=, two->uuid);
  g_assert_cmpstr (other->name, ==, "other");
  g_assert_cmpstr (interface_of (other, 0, 0)->mac, !=, interface_of (one, 0, 0)->mac);
}

static void
test_text_for_people (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsPlan) plan = plan_good (THREE);
  g_autofree char *text = bs_plan_describe (plan);

  g_assert_cmpstr (
      text, ==,
      "lab shop would be brought up:\n"
      "  network front  10.10.0.0/24\n"
      "  network back  10.20.0.0/24\n"
      "  node web  image tiny, backend qemu, 96 MiB, 1 vCPU, eth0 10.10.0.2/24, eth1 "
      "10.20.0.2/24, after db cache\n    fork of a template\n"
      "  node db  image tiny, backend qemu, 128 MiB, 2 vCPU, data0 10.20.0.50/24\n    fork of a template\n"
      "  node cache  image tiny, backend qemu, 96 MiB, 1 vCPU, eth0 10.20.0.3/24, after db\n    fork of a template\n"
      "  1 scenario\n");
}

static void
test_record (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsPlan) plan = plan_good (THREE);
  g_autoptr (json_t) record = bs_plan_record (plan, "starting");
  g_autoptr (json_t) networks = NULL, db = NULL, web = NULL;
  const json_t *nodes = json_object_get (record, "nodes");

  g_assert_cmpint (bs_json_int (record, "format", 0), ==, 1);
  g_assert_cmpstr (bs_json_string (record, "name", ""), ==, "shop");
  g_assert_cmpstr (bs_json_string (record, "uuid", ""), ==, plan->uuid);
  g_assert_cmpstr (bs_json_string (record, "state", ""), ==, "starting");
  g_assert_cmpstr (bs_json_string (record, "topology", ""), ==, "t.yaml");
  g_assert_cmpuint (strlen (bs_json_string (record, "boot_id", "")), ==, 36);
  networks = json_pack ("[{s:s, s:s}, {s:s, s:s}]", "name", "front", "subnet", "10.10.0.0/24", "name", "back", "subnet",
                        "10.20.0.0/24");
  g_assert_true (json_equal (json_object_get (record, "networks"), networks));
  db = json_pack ("{s:s, s:s, s:s, s:i, s:i, s:[{s:s, s:s, s:s, s:s, s:i, s:i, s:I}], s:[], s:[]}", "name", "db",
                  "backend", "qemu", "image", "tiny", "memory_mb", 128, "vcpus", 2, "interfaces", "name", "data0",
                  "network", "back", "mac", "52:54:00:00:00:01", "address", "10.20.0.50", "prefix", 24, "mtu", 1400,
                  "identity", (json_int_t) bs_wire_plan_identity ("db", "data0"), "ports", "env");
  g_assert_true (json_equal (json_array_get (nodes, 1), db));
  web = json_pack ("{s:[{s:i, s:i}], s:[s]}", "ports", "host", 18080, "node", 80, "env", "A=b");
  g_assert_true (json_equal (json_object_get (json_array_get (nodes, 0), "ports"), json_object_get (web, "ports")));
  g_assert_true (json_equal (json_object_get (json_array_get (nodes, 0), "env"), json_object_get (web, "env")));
}

/* A plan is a plan: no lab, not even the folder of labs, comes of it. */
static void
test_nothing_is_made (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsPlan) plan = plan_good (THREE);
  g_autofree char *labs = fixture_lab_path (NULL);

  g_assert_false (g_file_test (labs, G_FILE_TEST_EXISTS));
}

static void
test_subnets_of_other_labs_are_avoided (Fixture *self, gconstpointer unused)
{
  static const char text[] = "nodes: [{name: a, image: tiny}]\n";
  g_autoptr (BsPlan) first = plan_good (text);
  g_autoptr (BsPlan) second = NULL;
  g_autofree char *record
      = g_strdup_printf ("{\"format\":1,\"networks\":[{\"name\":\"x\",\"subnet\":\"%s\"}]}", plan_subnet (first, 0));

  fixture_make_lab_with ("other", record);
  second = plan_good (text);
  g_assert_cmpstr (plan_subnet (second, 0), !=, plan_subnet (first, 0));
}

/* The record of another lab is not this lab's trouble. */
static void
test_bad_records_of_other_labs_do_no_harm (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsPlan) plan = NULL;

  fixture_make_lab_with ("bad1", "{\"format\":1,\"networks\":[{\"subnet\":\"nonsense\"}, 7, {\"subnet\":8}]}");
  fixture_make_lab_with ("bad2", "{\"format\":1,\"networks\":\"x\"}");
  fixture_make_lab_with ("bad3", "nonsense");
  plan = plan_good ("nodes: [{name: a, image: tiny}]\n");
  g_assert_nonnull (plan);
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/plan/interfaces", test_interfaces);
  FIXTURE_TEST ("/plan/sizes-ports-and-backend", test_sizes_ports_and_backend);
  FIXTURE_TEST ("/plan/order-follows-depends-on", test_order_follows_depends_on);
  FIXTURE_TEST ("/plan/hosts-name-all-that-share-a-network", test_hosts_name_all_that_share_a_network);
  FIXTURE_TEST ("/plan/two-plans-of-one-file-agree", test_two_plans_of_one_file_agree);
  FIXTURE_TEST ("/plan/text-for-people", test_text_for_people);
  FIXTURE_TEST ("/plan/record", test_record);
  FIXTURE_TEST ("/plan/nothing-is-made", test_nothing_is_made);
  FIXTURE_TEST ("/plan/subnets-of-other-labs-are-avoided", test_subnets_of_other_labs_are_avoided);
  FIXTURE_TEST ("/plan/bad-records-of-other-labs-do-no-harm", test_bad_records_of_other_labs_do_no_harm);
  return fixture_run ();
}
