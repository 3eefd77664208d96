/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-address-plan.h"
#include "plan-fixture.h"

static BsAddressPlan *
plan_of (const BsTopology *topology)
{
  g_autoptr (GError) error = NULL;
  BsAddressPlan *plan = bs_address_plan_make (topology, "shop", NULL, &error);

  g_assert_no_error (error);
  return plan;
}

static const BsPlannedInterface *
interface_at (const BsAddressPlan *plan, guint index)
{
  g_assert_cmpuint (index, <, plan->interfaces->len);
  return plan->interfaces->pdata[index];
}

static void
assert_fails (const BsTopology *topology, GPtrArray *used, BsErrorCode code, const char *message, const char *hint)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_address_plan_make (topology, "shop", used, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpstr (bs_error_hint (error), ==, hint);
}

static void
test_gives_addresses_in_order (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsAddressPlan) plan = NULL;

  fixture_network (topology, "lan", "10.7.0.0/24");
  fixture_network (topology, "wan", "10.8.0.0/16")->mtu = 9000;
  fixture_node (topology, "a", "lan wan");
  fixture_node (topology, "b", "wan lan");
  fixture_interface (topology, 1)->mtu = 1400;
  plan = plan_of (topology);

  g_assert_cmpuint (plan->interfaces->len, ==, 4);
  g_assert_cmpstr (interface_at (plan, 0)->node, ==, "a");
  g_assert_cmpstr (interface_at (plan, 0)->network, ==, "lan");
  g_assert_cmpstr (interface_at (plan, 0)->name, ==, "eth0");
  g_assert_cmpstr (interface_at (plan, 0)->address, ==, "10.7.0.2");
  g_assert_cmpuint (interface_at (plan, 0)->prefix, ==, 24);
  g_assert_cmpuint (interface_at (plan, 0)->mtu, ==, 1500);
  g_assert_cmpstr (interface_at (plan, 1)->address, ==, "10.8.0.2");
  g_assert_cmpuint (interface_at (plan, 1)->mtu, ==, 9000);
  g_assert_cmpuint (interface_at (plan, 1)->prefix, ==, 16);
  g_assert_cmpstr (interface_at (plan, 3)->node, ==, "b");
  g_assert_cmpstr (interface_at (plan, 3)->name, ==, "eth1");
  g_assert_cmpstr (interface_at (plan, 3)->address, ==, "10.7.0.3");
  g_assert_cmpuint (interface_at (plan, 3)->mtu, ==, 1400);
  g_assert_cmpuint (interface_at (plan, 3)->network_index, ==, 0);
}

static void
test_keeps_given_addresses (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsAddressPlan) plan = NULL;

  fixture_network (topology, "lan", "10.7.0.0/24");
  fixture_node (topology, "a", "lan");
  fixture_node (topology, "b", "lan");
  fixture_interface (topology, 0)->address = g_strdup ("10.7.0.2");
  plan = plan_of (topology);
  g_assert_cmpstr (interface_at (plan, 0)->address, ==, "10.7.0.3");
  g_assert_cmpstr (interface_at (plan, 1)->address, ==, "10.7.0.2");
}

static void
test_refuses_bad_addresses (void)
{
  static const struct
  {
    const char *address, *message, *hint;
  } cases[] = {
    { "10.7.1.5", "lab.yaml:100:30: node 'b' on network 'lan': address '10.7.1.5' is not in subnet '10.7.0.0/24'",
      NULL },
    { "10.7.0.0",
      "lab.yaml:100:30: node 'b' on network 'lan': address '10.7.0.0' is the network address of subnet '10.7.0.0/24'",
      NULL },
    { "10.7.0.5", "lab.yaml:100:30: node 'b' on network 'lan': address '10.7.0.5' of subnet '10.7.0.0/24' is taken",
      NULL },
    { "10.7.0.1",
      "lab.yaml:100:30: node 'b' on network 'lan': address '10.7.0.1' is the gateway address of subnet '10.7.0.0/24'",
      NULL },
    { "10.7.0.5/24", "lab.yaml:100:30: '10.7.0.5/24' is no IPv4 address", "write it as 10.1.0.5" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FixtureTopology) topology = fixture_topology_new ();

      fixture_network (topology, "lan", "10.7.0.0/24");
      fixture_node (topology, "a", "lan");
      fixture_interface (topology, 0)->address = g_strdup ("10.7.0.5");
      fixture_node (topology, "b", "lan");
      fixture_interface (topology, 0)->address = g_strdup (cases[i].address);
      assert_fails (topology, NULL, BS_ERROR_INVALID, cases[i].message, cases[i].hint);
    }
}

static void
test_address_needs_a_subnet (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();

  fixture_network (topology, "lan", NULL);
  fixture_node (topology, "a", "lan");
  fixture_interface (topology, 0)->address = g_strdup ("10.7.0.5");
  assert_fails (topology, NULL, BS_ERROR_INVALID,
                "lab.yaml:100:30: node 'a' has address '10.7.0.5', but network 'lan' names no subnet",
                "give the network a subnet");
}

static void
test_too_small_names_the_network (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();

  fixture_network (topology, "lan", "10.7.0.0/30");
  fixture_node (topology, "a", "lan");
  fixture_node (topology, "b", "lan");
  assert_fails (topology, NULL, BS_ERROR_EXHAUSTED,
                "lab.yaml:10:20: subnet '10.7.0.0/30' of network 'lan' is too small for its 2 interfaces",
                "the network's, the gateway's (first) and the broadcast address are not given out: use a subnet of /24 "
                "or larger, or none");
}

static void
test_chosen_subnets_do_not_overlap (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (GPtrArray) used = g_ptr_array_new ();
  g_autoptr (BsAddressPlan) plan = NULL;

  g_ptr_array_add (used, (char *) "10.0.0.0/8");
  g_ptr_array_add (used, (char *) "172.16.0.0/12");
  fixture_network (topology, "given", "192.168.0.0/17");
  for (guint i = 0; i < 128; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);

      fixture_network (topology, name, NULL);
    }
  fixture_node (topology, "a", "n0");
  plan = bs_address_plan_make (topology, "shop", used, NULL);
  for (guint i = 0; i < plan->networks->len; i++)
    for (guint j = 0; j < i; j++)
      g_assert_cmpstr (((BsPlannedNetwork *) plan->networks->pdata[i])->subnet, !=,
                       ((BsPlannedNetwork *) plan->networks->pdata[j])->subnet);
  fixture_network (topology, "one-more", NULL);
  assert_fails (topology, used, BS_ERROR_EXHAUSTED,
                "lab.yaml:139:5: no private subnet /24 is free for the 0 interfaces of network 'one-more'",
                "name one with subnet: the host's routes and engines are not affected by it");
}

static void
test_large_networks_get_large_subnets (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (BsAddressPlan) plan = NULL;

  fixture_network (topology, "lan", NULL);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);

      fixture_node (topology, name, "lan");
    }
  plan = plan_of (topology);
  g_assert_true (g_str_has_suffix (((BsPlannedNetwork *) plan->networks->pdata[0])->subnet, "/22"));
  for (guint i = 0; i < 1000; i++)
    {
      g_assert_true (g_hash_table_add (seen, interface_at (plan, i)->address));
      g_assert_true (g_hash_table_add (seen, interface_at (plan, i)->mac));
    }
}

static void
test_same_input_same_plan (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsAddressPlan) first = NULL, again = NULL;

  fixture_network (topology, "lan", NULL);
  fixture_node (topology, "a", "lan lan");
  first = plan_of (topology);
  again = plan_of (topology);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpstr (interface_at (first, i)->address, ==, interface_at (again, i)->address);
      g_assert_cmpstr (interface_at (first, i)->mac, ==, interface_at (again, i)->mac);
      g_assert_true (g_str_has_prefix (interface_at (first, i)->mac, "52:54:00:"));
    }
  g_assert_cmpstr (interface_at (first, 0)->mac, !=, interface_at (first, 1)->mac);
}

static void
test_mac_collision_is_resolved (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsAddressPlan) first = NULL, second = NULL;

  fixture_network (topology, "lan", NULL);
  fixture_node (topology, "a", "lan");
  first = plan_of (topology);
  fixture_node (topology, "b", "lan");
  fixture_interface (topology, 0)->mac = g_ascii_strup (interface_at (first, 0)->mac, -1);
  second = plan_of (topology);
  g_assert_cmpstr (interface_at (second, 1)->mac, ==, interface_at (first, 0)->mac);
  g_assert_cmpstr (interface_at (second, 0)->mac, !=, interface_at (first, 0)->mac);
  fixture_node (topology, "c", "lan");
  fixture_interface (topology, 0)->mac = g_strdup ("02:00:00:00:00:01");
  fixture_node (topology, "d", "lan");
  fixture_interface (topology, 0)->mac = g_strdup ("02:00:00:00:00:01");
  assert_fails (topology, NULL, BS_ERROR_INVALID, "lab.yaml:100:7: MAC '02:00:00:00:00:01' of node 'd' is given twice",
                NULL);
}

static void
test_interface_names (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsAddressPlan) plan = NULL;

  fixture_network (topology, "x", NULL);
  fixture_node (topology, "a", "x x x");
  fixture_interface (topology, 1)->name = g_strdup ("up0");
  plan = plan_of (topology);
  g_assert_cmpstr (interface_at (plan, 0)->name, ==, "eth0");
  g_assert_cmpstr (interface_at (plan, 1)->name, ==, "up0");
  g_assert_cmpstr (interface_at (plan, 2)->name, ==, "eth2");
  fixture_node (topology, "b", "x x");
  fixture_interface (topology, 0)->name = g_strdup ("eth1");
  assert_fails (topology, NULL, BS_ERROR_INVALID, "lab.yaml:101:7: node 'b' has two interfaces named 'eth1'",
                "an interface without a name is eth0, eth1, … by its place in the list");
}

static void
test_network_of_an_interface (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsAddressPlan) plan = NULL;

  fixture_network (topology, "lan", NULL);
  fixture_node (topology, "a", "lan");
  g_clear_pointer (&fixture_interface (topology, 0)->network, g_free);
  plan = plan_of (topology);
  g_assert_cmpstr (interface_at (plan, 0)->network, ==, "lan");
  fixture_network (topology, "wan", NULL);
  assert_fails (topology, NULL, BS_ERROR_INVALID,
                "lab.yaml:100:7: an interface must name its network when there are several", "add network: NAME");
  fixture_interface (topology, 0)->network = g_strdup ("man");
  assert_fails (topology, NULL, BS_ERROR_INVALID, "lab.yaml:100:18: there is no network 'man'", NULL);
}

static void
test_management_subnet_is_never_a_labs (void)
{
  g_autoptr (FixtureTopology) inside = fixture_topology_new (), around = fixture_topology_new ();
  g_autoptr (BsAddressPlan) plan = NULL;

  fixture_network (inside, "lan", "10.0.2.0/25");
  fixture_node (inside, "a", "lan");
  assert_fails (inside, NULL, BS_ERROR_INVALID,
                "lab.yaml:10:20: subnet '10.0.2.0/25' of network 'lan' lies in 10.0.2.0/24, which belongs to the "
                "management interface",
                "give the network another subnet, or none");
  fixture_network (around, "lan", "10.0.2.0/23");
  fixture_node (around, "a", "lan");
  plan = plan_of (around);
  g_assert_cmpstr (interface_at (plan, 0)->address, ==, "10.0.3.0");
}

static void
test_refuses_overlap_on_one_node_only (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsAddressPlan) plan = NULL;

  fixture_network (topology, "left", "192.168.1.0/24");
  fixture_network (topology, "right", "192.168.0.0/16");
  fixture_node (topology, "a", "left");
  fixture_node (topology, "b", "right");
  plan = plan_of (topology);
  g_assert_nonnull (plan);
  fixture_node (topology, "c", "left right");
  assert_fails (topology, NULL, BS_ERROR_INVALID,
                "lab.yaml:101:7: node 'c' is on networks 'left' and 'right', whose subnets overlap",
                "give one of them another subnet, or none");
}

static void
test_used_must_be_subnets (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (GPtrArray) used = g_ptr_array_new ();

  g_ptr_array_add (used, (char *) "nonsense");
  fixture_network (topology, "lan", NULL);
  fixture_node (topology, "a", "lan");
  assert_fails (topology, used, BS_ERROR_INVALID, "subnet 'nonsense' has no prefix length", "write it as 10.1.0.0/24");
}

static void
test_hosts_by_the_first_shared_network (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsAddressPlan) plan = NULL;
  g_autofree char *of_a = NULL, *of_c = NULL, *of_d = NULL;

  fixture_network (topology, "lan", "10.7.0.0/24");
  fixture_network (topology, "wan", "10.8.0.0/24");
  fixture_node (topology, "a", "wan lan");
  fixture_node (topology, "b", "lan wan wan");
  fixture_node (topology, "c", "lan");
  fixture_node (topology, "d", "");
  plan = plan_of (topology);
  of_a = bs_address_plan_hosts (plan, "a");
  of_c = bs_address_plan_hosts (plan, "c");
  of_d = bs_address_plan_hosts (plan, "d");
  g_assert_cmpstr (of_a, ==,
                   "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
                   "10.8.0.2 a\n10.8.0.3 b\n10.7.0.4 c\n");
  g_assert_cmpstr (of_c, ==,
                   "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
                   "10.7.0.4 c\n10.7.0.2 a\n10.7.0.3 b\n");
  g_assert_cmpstr (of_d, ==,
                   "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
                   "127.0.1.1 d\n");
}

static void
test_as_written_in_a_file (void)
{
  static const char yaml[] = "networks: [{name: lan, subnet: 10.7.0.0/24}, {name: wan, mtu: 9000}]\n"
                             "nodes:\n"
                             "  - {name: a, image: tiny}\n"
                             "  - {name: b, image: tiny, interfaces: [{network: lan, address: 10.7.0.2,\n"
                             "     mac: '02:00:00:00:00:0A', name: up0, mtu: 1400}]}\n";
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse ("lab.yaml", yaml, sizeof yaml - 1, &diagnostics);
  g_autofree char *problems = bs_diagnostics_format (diagnostics);
  g_autoptr (BsAddressPlan) plan = NULL;

  g_assert_cmpstr (problems, ==, "");
  plan = plan_of (topology);
  g_assert_cmpuint (plan->interfaces->len, ==, 3);
  g_assert_cmpstr (interface_at (plan, 0)->address, ==, "10.7.0.3");
  g_assert_cmpstr (interface_at (plan, 1)->name, ==, "eth1");
  g_assert_cmpuint (interface_at (plan, 1)->mtu, ==, 9000);
  g_assert_cmpstr (interface_at (plan, 2)->name, ==, "up0");
  g_assert_cmpstr (interface_at (plan, 2)->mac, ==, "02:00:00:00:00:0a");
  g_assert_cmpuint (interface_at (plan, 2)->mtu, ==, 1400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address-plan/gives-addresses-in-order", test_gives_addresses_in_order);
  g_test_add_func ("/address-plan/keeps-given-addresses", test_keeps_given_addresses);
  g_test_add_func ("/address-plan/refuses-bad-addresses", test_refuses_bad_addresses);
  g_test_add_func ("/address-plan/address-needs-a-subnet", test_address_needs_a_subnet);
  g_test_add_func ("/address-plan/too-small-names-the-network", test_too_small_names_the_network);
  g_test_add_func ("/address-plan/chosen-subnets-do-not-overlap", test_chosen_subnets_do_not_overlap);
  g_test_add_func ("/address-plan/large-networks-get-large-subnets", test_large_networks_get_large_subnets);
  g_test_add_func ("/address-plan/same-input-same-plan", test_same_input_same_plan);
  g_test_add_func ("/address-plan/mac-collision-is-resolved", test_mac_collision_is_resolved);
  g_test_add_func ("/address-plan/interface-names", test_interface_names);
  g_test_add_func ("/address-plan/network-of-an-interface", test_network_of_an_interface);
  g_test_add_func ("/address-plan/management-subnet-is-never-a-labs", test_management_subnet_is_never_a_labs);
  g_test_add_func ("/address-plan/refuses-overlap-on-one-node-only", test_refuses_overlap_on_one_node_only);
  g_test_add_func ("/address-plan/used-must-be-subnets", test_used_must_be_subnets);
  g_test_add_func ("/address-plan/hosts-by-the-first-shared-network", test_hosts_by_the_first_shared_network);
  g_test_add_func ("/address-plan/as-written-in-a-file", test_as_written_in_a_file);
  return g_test_run ();
}
