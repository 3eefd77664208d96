/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-stable-hash.h"
#include "bs-subnet-choice.h"

static GPtrArray *
blocked (const char *const *texts)
{
  GPtrArray *subnets = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_subnet_free);

  for (guint i = 0; texts[i] != NULL; i++)
    g_ptr_array_add (subnets, bs_subnet_parse (texts[i], NULL));
  return subnets;
}

/* (nullable) (transfer full) */
static char *
choose (const char *lab, const char *network, guint prefix, const char *const *texts)
{
  g_autoptr (GPtrArray) subnets = blocked (texts);
  g_autoptr (BsSubnet) subnet = bs_subnet_choose (lab, network, prefix, subnets);

  for (guint i = 0; subnet != NULL && i < subnets->len; i++)
    g_assert_false (bs_subnet_overlaps (subnet, subnets->pdata[i]));
  return subnet != NULL ? bs_subnet_format (subnet) : NULL;
}

static void
test_prefix_fits_the_interfaces (void)
{
  g_assert_cmpuint (bs_subnet_choice_prefix (0), ==, 24);
  g_assert_cmpuint (bs_subnet_choice_prefix (253), ==, 24);
  g_assert_cmpuint (bs_subnet_choice_prefix (254), ==, 23);
  g_assert_cmpuint (bs_subnet_choice_prefix (65533), ==, 16);
  g_assert_cmpuint (bs_subnet_choice_prefix (65534), ==, 15);
}

static void
test_same_names_same_subnet (void)
{
  const char *const none[] = { NULL };
  g_autofree char *first = choose ("shop", "lan", 24, none);
  g_autofree char *again = choose ("shop", "lan", 24, none);
  g_autofree char *other_lab = choose ("shop2", "lan", 24, none);
  g_autofree char *other_network = choose ("shop", "wan", 24, none);

  g_assert_cmpstr (first, ==, "10.71.149.0/24"); /* on every host, for ever */
  g_assert_cmpstr (again, ==, first);
  g_assert_cmpstr (other_lab, !=, first);
  g_assert_cmpstr (other_network, !=, first);
}

static void
test_moves_past_what_is_used (void)
{
  const char *const none[] = { NULL };
  g_autofree char *first = choose ("shop", "lan", 24, none);
  const char *const used[] = { "10.0.0.0/10", first, NULL };
  g_autofree char *next = choose ("shop", "lan", 24, used);

  g_assert_cmpstr (next, ==, "10.71.150.0/24");
}

static void
test_leaves_a_blocked_pool (void)
{
  const char *const a[] = { "10.0.0.0/8", "192.168.0.0/16", NULL };
  const char *const b[] = { "10.0.0.0/8", "172.16.0.0/12", NULL };
  g_autofree char *from_second = choose ("shop", "lan", 24, a);
  g_autofree char *from_third = choose ("shop", "lan", 16, b);

  g_assert_true (g_str_has_prefix (from_second, "172."));
  g_assert_cmpstr (from_third, ==, "192.168.0.0/16");
}

static void
test_finds_the_only_free_one (void)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *subnet = NULL;

  g_ptr_array_add (texts, g_strdup ("10.0.0.0/8"));
  g_ptr_array_add (texts, g_strdup ("172.16.0.0/12"));
  for (guint i = 0; i < 256; i++)
    if (i != 77)
      g_ptr_array_add (texts, g_strdup_printf ("192.168.%u.%u/32", i, i));
  g_ptr_array_add (texts, NULL);
  subnet = choose ("shop", "lan", 24, (const char *const *) texts->pdata);
  g_assert_cmpstr (subnet, ==, "192.168.77.0/24");
}

static void
test_says_when_none_is_free (void)
{
  const char *const all[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", NULL };
  const char *const none[] = { NULL };
  g_autofree char *subnet = choose ("shop", "lan", 24, all);
  g_autofree char *too_large = choose ("shop", "lan", 7, none);

  g_assert_null (subnet);
  g_assert_null (too_large);
}

static void
test_mac_is_stable_and_local (void)
{
  g_autofree char *mac = bs_stable_mac ("shop", "web", "eth0", 0);
  g_autofree char *next = bs_stable_mac ("shop", "web", "eth0", 1);

  g_assert_cmpstr (mac, ==, "52:54:00:35:0c:62"); /* on every host, for ever */
  g_assert_cmpstr (next, !=, mac);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/subnet-choice/prefix-fits-the-interfaces", test_prefix_fits_the_interfaces);
  g_test_add_func ("/subnet-choice/same-names-same-subnet", test_same_names_same_subnet);
  g_test_add_func ("/subnet-choice/moves-past-what-is-used", test_moves_past_what_is_used);
  g_test_add_func ("/subnet-choice/leaves-a-blocked-pool", test_leaves_a_blocked_pool);
  g_test_add_func ("/subnet-choice/finds-the-only-free-one", test_finds_the_only_free_one);
  g_test_add_func ("/subnet-choice/says-when-none-is-free", test_says_when_none_is_free);
  g_test_add_func ("/subnet-choice/mac-is-stable-and-local", test_mac_is_stable_and_local);
  return g_test_run ();
}
