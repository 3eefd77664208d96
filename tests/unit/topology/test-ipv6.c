/* SPDX-License-Identifier: Apache-2.0 */
/* test-ipv6.c — IPv6 addresses as text and as numbers */
#include "bs-ipv6.h"

static void
check_form (const char *text, const char *expected)
{
  g_autofree char *formatted = NULL;
  BsIpv6 address;

  g_test_message ("%s", text);
  g_assert_true (bs_ipv6_parse (text, &address));
  formatted = bs_ipv6_format (address);
  g_assert_cmpstr (formatted, ==, expected);
}

static void
test_addresses_get_one_form (void)
{
  check_form ("fd00::9", "fd00::9");
  check_form ("FD00:0:0:0:0:0:0:0009", "fd00::9");
  check_form ("fd00:0:0:1:0:0:0:1", "fd00:0:0:1::1");
  check_form ("fd00:0:1:1:1:1:1:1", "fd00:0:1:1:1:1:1:1");
  check_form ("::", "::");
  check_form ("fd00::10.0.0.1", "fd00::a00:1");
}

static void
test_what_is_no_address (void)
{
  static const char *const wrong[] = { "",
                                       ":",
                                       "fd00",
                                       "fd00::1::2",
                                       "fd00::12345",
                                       "fd00::9/64",
                                       "fd00::9%eth0",
                                       " fd00::9",
                                       "1:2:3:4:5:6:7",
                                       "1:2:3:4:5:6:7:8:9",
                                       "10.0.0.1",
                                       "fd00::g" };
  BsIpv6 address = { 1, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (bs_ipv6_parse (wrong[i], &address));
  g_assert_cmpuint (address.high, ==, 1);
  g_assert_cmpuint (address.low, ==, 2);
}

static void
check_ends (const char *text, const char *expected_first, const char *expected_last)
{
  g_autofree char *first = NULL, *last = NULL;
  BsIpv6Subnet subnet;

  g_assert_true (bs_ipv6_parse_subnet (text, &subnet));
  first = bs_ipv6_format (bs_ipv6_first (&subnet));
  last = bs_ipv6_format (bs_ipv6_last (&subnet));
  g_assert_cmpstr (first, ==, expected_first);
  g_assert_cmpstr (last, ==, expected_last);
}

static void
test_subnets_have_ends (void)
{
  check_ends ("fd00:1::5/64", "fd00:1::", "fd00:1::ffff:ffff:ffff:ffff");
  check_ends ("fd00:1::5/63", "fd00:1::", "fd00:1:0:1:ffff:ffff:ffff:ffff");
  check_ends ("fd00:1::5/65", "fd00:1::", "fd00:1::7fff:ffff:ffff:ffff");
  check_ends ("fd00:1::5/126", "fd00:1::4", "fd00:1::7");
  check_ends ("fd00:1::5/128", "fd00:1::5", "fd00:1::5");
  check_ends ("fd00::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void
test_what_is_no_subnet (void)
{
  static const char *const wrong[] = { "",
                                       "/",
                                       "fd00::",
                                       "fd00::/",
                                       "fd00::/129",
                                       "fd00::/064",
                                       "fd00::/64 ",
                                       "fd00::/+4",
                                       "fd00::/99999999999",
                                       "/64",
                                       "fd00::/64/64",
                                       "fd00:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/64" };
  BsIpv6Subnet subnet;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (bs_ipv6_parse_subnet (wrong[i], &subnet));
}

static void
test_sums_and_order (void)
{
  const BsIpv6 small = { 1, G_MAXUINT64 }, big = bs_ipv6_plus (small, 2);

  g_assert_cmpuint (big.high, ==, 2);
  g_assert_cmpuint (big.low, ==, 1);
  g_assert_cmpint (bs_ipv6_compare (small, big), <, 0);
  g_assert_cmpint (bs_ipv6_compare (big, small), >, 0);
  g_assert_cmpint (bs_ipv6_compare ((BsIpv6){ 1, 1 }, small), <, 0);
  g_assert_cmpint (bs_ipv6_compare (small, (BsIpv6){ 1, 1 }), >, 0);
  g_assert_cmpint (bs_ipv6_compare (big, big), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ipv6/addresses-get-one-form", test_addresses_get_one_form);
  g_test_add_func ("/ipv6/what-is-no-address", test_what_is_no_address);
  g_test_add_func ("/ipv6/subnets-have-ends", test_subnets_have_ends);
  g_test_add_func ("/ipv6/what-is-no-subnet", test_what_is_no_subnet);
  g_test_add_func ("/ipv6/sums-and-order", test_sums_and_order);
  return g_test_run ();
}
