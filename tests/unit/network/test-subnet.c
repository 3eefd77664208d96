/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-subnet.h"

static void
assert_refused (const char *text, const char *message, const char *hint)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_subnet_parse (text, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpstr (bs_error_hint (error), ==, hint);
}

static void
test_parse_and_format (void)
{
  static const char *const texts[] = { "10.1.0.0/24", "0.0.0.0/0", "255.255.255.255/32", "192.168.4.0/30" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (BsSubnet) subnet = bs_subnet_parse (texts[i], NULL);
      g_autofree char *text = bs_subnet_format (subnet);

      g_assert_cmpstr (text, ==, texts[i]);
    }
}

static void
test_parse_names_the_offending_part (void)
{
  const char *form = "write it as 10.1.0.0/24", *range = "it is a number from 0 to 32";

  assert_refused ("10.300.0.0/24", "subnet '10.300.0.0/24': '10.300.0.0' is no IPv4 address", form);
  assert_refused ("10.1.0/24", "subnet '10.1.0/24': '10.1.0' is no IPv4 address", form);
  assert_refused ("010.1.0.0/24", "subnet '010.1.0.0/24': '010.1.0.0' is no IPv4 address", form);
  assert_refused ("fd00::/8", "subnet 'fd00::/8': 'fd00::' is no IPv4 address", form);
  assert_refused ("", "subnet '' has no prefix length", form);
  assert_refused ("10.1.0.0", "subnet '10.1.0.0' has no prefix length", form);
  assert_refused ("10.1.0.0/", "subnet '10.1.0.0/': '' is no prefix length", range);
  assert_refused ("10.1.0.0/33", "subnet '10.1.0.0/33': '33' is no prefix length", range);
  assert_refused ("10.1.0.0/08", "subnet '10.1.0.0/08': '08' is no prefix length", range);
  assert_refused ("10.1.0.0/+8", "subnet '10.1.0.0/+8': '+8' is no prefix length", range);
  assert_refused ("10.1.0.0/24 ", "subnet '10.1.0.0/24 ': '24 ' is no prefix length", range);
  assert_refused ("10.1.0.9/24", "subnet '10.1.0.9/24' has host bits set", "the subnet is 10.1.0.0/24");
}

static void
test_parse_around_clears_host_bits (void)
{
  g_autoptr (BsSubnet) subnet = bs_subnet_parse_around ("172.18.5.9/16", NULL);
  g_autofree char *text = bs_subnet_format (subnet);

  g_assert_cmpstr (text, ==, "172.18.0.0/16");
}

static gboolean
overlap (const char *a, const char *b)
{
  g_autoptr (BsSubnet) first = bs_subnet_parse (a, NULL);
  g_autoptr (BsSubnet) second = bs_subnet_parse (b, NULL);

  g_assert_cmpint (bs_subnet_overlaps (first, second), ==, bs_subnet_overlaps (second, first));
  return bs_subnet_overlaps (first, second);
}

static void
test_overlaps (void)
{
  g_assert_true (overlap ("10.0.0.0/24", "10.0.0.0/24"));
  g_assert_true (overlap ("10.0.0.0/8", "10.200.3.0/24"));
  g_assert_true (overlap ("0.0.0.0/0", "255.255.255.255/32"));
  g_assert_false (overlap ("10.0.0.0/24", "10.0.1.0/24"));
  g_assert_false (overlap ("10.0.0.0/25", "10.0.0.128/25"));
}

static void
assert_takes (BsSubnet *subnet, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint32 address;

  g_assert_true (bs_subnet_take (subnet, &address, &error));
  g_assert_no_error (error);
  text = bs_ipv4_format (address);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_exhausted (BsSubnet *subnet, const char *message)
{
  g_autoptr (GError) error = NULL;
  guint32 address = 42;

  g_assert_false (bs_subnet_take (subnet, &address, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpuint (address, ==, 42);
}

static void
test_take_gives_the_lowest_free (void)
{
  g_autoptr (BsSubnet) subnet = bs_subnet_parse ("10.1.0.0/29", NULL);

  g_assert_true (bs_subnet_reserve (subnet, 0x0a010003, NULL));
  assert_takes (subnet, "10.1.0.2");
  assert_takes (subnet, "10.1.0.4");
  assert_takes (subnet, "10.1.0.5");
  assert_takes (subnet, "10.1.0.6");
  assert_exhausted (subnet, "subnet '10.1.0.0/29' has no free address left");
}

static void
test_take_fails_where_there_is_no_room (void)
{
  static const char *const texts[] = { "10.1.0.0/32", "10.1.0.0/31", "10.1.0.0/30", "255.255.255.255/32" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (BsSubnet) subnet = bs_subnet_parse (texts[i], NULL);
      g_autofree char *message = g_strdup_printf ("subnet '%s' has no free address left", texts[i]);

      if (g_str_has_suffix (texts[i], "/30"))
        assert_takes (subnet, "10.1.0.2");
      assert_exhausted (subnet, message);
    }
}

static void
test_take_passes_over_the_excluded (void)
{
  g_autoptr (BsSubnet) subnet = bs_subnet_parse ("10.0.0.0/22", NULL);
  g_autoptr (BsSubnet) hole = bs_subnet_parse ("10.0.0.0/23", NULL);

  bs_subnet_exclude (subnet, hole);
  assert_takes (subnet, "10.0.2.0");
  assert_takes (subnet, "10.0.2.1");
}

static void
assert_not_reserved (BsSubnet *subnet, guint32 address, BsErrorCode code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_subnet_reserve (subnet, address, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_reserve_refuses (void)
{
  g_autoptr (BsSubnet) subnet = bs_subnet_parse ("10.1.0.0/24", NULL);
  g_autoptr (BsSubnet) hole = bs_subnet_parse ("10.1.0.128/25", NULL);

  bs_subnet_exclude (subnet, hole);
  g_assert_true (bs_subnet_reserve (subnet, 0x0a010009, NULL));
  assert_not_reserved (subnet, 0x0a010009, BS_ERROR_EXISTS, "address '10.1.0.9' of subnet '10.1.0.0/24' is taken");
  assert_not_reserved (subnet, 0x0a010101, BS_ERROR_INVALID, "address '10.1.1.1' is not in subnet '10.1.0.0/24'");
  assert_not_reserved (subnet, 0x0a010000, BS_ERROR_INVALID,
                       "address '10.1.0.0' is the network address of subnet '10.1.0.0/24'");
  assert_not_reserved (subnet, 0x0a010001, BS_ERROR_INVALID,
                       "address '10.1.0.1' is the gateway address of subnet '10.1.0.0/24'");
  assert_not_reserved (subnet, 0x0a0100ff, BS_ERROR_INVALID,
                       "address '10.1.0.255' is the broadcast address of subnet '10.1.0.0/24'");
  assert_not_reserved (subnet, 0x0a010081, BS_ERROR_INVALID,
                       "address '10.1.0.129' of subnet '10.1.0.0/24' is reserved");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/subnet/parse-and-format", test_parse_and_format);
  g_test_add_func ("/subnet/parse-names-the-offending-part", test_parse_names_the_offending_part);
  g_test_add_func ("/subnet/parse-around-clears-host-bits", test_parse_around_clears_host_bits);
  g_test_add_func ("/subnet/overlaps", test_overlaps);
  g_test_add_func ("/subnet/take-gives-the-lowest-free", test_take_gives_the_lowest_free);
  g_test_add_func ("/subnet/take-fails-where-there-is-no-room", test_take_fails_where_there_is_no_room);
  g_test_add_func ("/subnet/take-passes-over-the-excluded", test_take_passes_over_the_excluded);
  g_test_add_func ("/subnet/reserve-refuses", test_reserve_refuses);
  return g_test_run ();
}
