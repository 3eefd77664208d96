/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-mac.h"

#include <glib.h>

#define MAC_A UINT64_C (0x02000000000a)

static BsMacTable table;
static BsPins pins;

static void
test_learns (void)
{
  const BsMacEntry *entry;

  table = (BsMacTable){ 0 };
  g_assert_null (bs_mac_table_find (&table, MAC_A, 5));
  bs_mac_table_learn (&table, MAC_A, 3, 9, 5);
  entry = bs_mac_table_find (&table, MAC_A, 5);
  g_assert_nonnull (entry);
  g_assert_cmpuint (entry->port, ==, 3);
  g_assert_cmpuint (entry->epoch, ==, 9);
}

static void
test_ages (void)
{
  table = (BsMacTable){ 0 };
  bs_mac_table_learn (&table, MAC_A, 3, 0, 100);
  g_assert_nonnull (bs_mac_table_find (&table, MAC_A, 100 + BS_MAC_AGE_SEC));
  g_assert_null (bs_mac_table_find (&table, MAC_A, 101 + BS_MAC_AGE_SEC));
}

static void
test_seeing_again_refreshes (void)
{
  table = (BsMacTable){ 0 };
  bs_mac_table_learn (&table, MAC_A, 3, 0, 100);
  bs_mac_table_learn (&table, MAC_A, 4, 0, 200);
  g_assert_cmpuint (bs_mac_table_find (&table, MAC_A, 200 + BS_MAC_AGE_SEC)->port, ==, 4);
}

static void
test_seconds_may_wrap (void)
{
  table = (BsMacTable){ 0 };
  bs_mac_table_learn (&table, MAC_A, 3, 0, UINT32_MAX - 1);
  g_assert_nonnull (bs_mac_table_find (&table, MAC_A, 20));
  g_assert_null (bs_mac_table_find (&table, MAC_A, BS_MAC_AGE_SEC));
}

static void
test_zero_is_never_learnt (void)
{
  table = (BsMacTable){ 0 };
  bs_mac_table_learn (&table, 0, 3, 0, 1);
  g_assert_null (bs_mac_table_find (&table, 0, 1));
}

static unsigned
count_known (uint64_t first, unsigned n, uint32_t now)
{
  unsigned known = 0;

  for (unsigned i = 0; i < n; i++)
    if (bs_mac_table_find (&table, first + i, now) != NULL)
      known++;
  return known;
}

static void
test_is_bounded (void)
{
  table = (BsMacTable){ 0 };
  for (unsigned i = 0; i < 100000; i++)
    bs_mac_table_learn (&table, MAC_A + i, 3, 0, 1);
  g_assert_cmpuint (count_known (MAC_A, 100000, 1), ==, BS_MAC_BUCKETS * BS_MAC_WAYS);
}

static void
test_holds_a_usual_network (void)
{
  table = (BsMacTable){ 0 };
  for (unsigned i = 0; i < 256; i++)
    bs_mac_table_learn (&table, MAC_A + i, 3, 0, 1);
  g_assert_cmpuint (count_known (MAC_A, 256, 1), ==, 256);
}

static gsize
bucket_of (uint64_t mac)
{
  static BsMacTable empty;

  empty = (BsMacTable){ 0 };
  bs_mac_table_learn (&empty, mac, 0, 0, 1);
  return (gsize) (bs_mac_table_find (&empty, mac, 1) - &empty.buckets[0][0]) / BS_MAC_WAYS;
}

static void
test_replaces_the_oldest (void)
{
  static const uint32_t seen[BS_MAC_WAYS] = { 12, 11, 10, 13 };
  uint64_t macs[BS_MAC_WAYS + 1] = { MAC_A };

  for (unsigned i = 1; i < G_N_ELEMENTS (macs); i++)
    for (macs[i] = macs[i - 1] + 1; bucket_of (macs[i]) != bucket_of (MAC_A);)
      macs[i]++;
  table = (BsMacTable){ 0 };
  for (unsigned i = 0; i < BS_MAC_WAYS; i++)
    bs_mac_table_learn (&table, macs[i], 3, 0, seen[i]);
  bs_mac_table_learn (&table, macs[BS_MAC_WAYS], 3, 0, 14);
  for (unsigned i = 0; i < G_N_ELEMENTS (macs); i++)
    g_assert_true ((bs_mac_table_find (&table, macs[i], 14) == NULL) == (i == 2));
}

static void
test_pins (void)
{
  pins = (BsPins){ 0 };
  for (uint16_t port = 0; port < BS_SWITCH_PORTS_MAX; port++)
    bs_pins_add (&pins, port % 100, MAC_A + port / 100, port);
  for (uint16_t port = 0; port < BS_SWITCH_PORTS_MAX; port++)
    g_assert_cmpuint (bs_pins_find (&pins, port % 100, MAC_A + port / 100), ==, port);
  g_assert_cmpuint (bs_pins_find (&pins, 100, MAC_A), ==, BS_PORT_NONE);
  g_assert_cmpuint (bs_pins_find (&pins, 0, MAC_A - 1), ==, BS_PORT_NONE);
}

static void
test_removes_pins (void)
{
  test_pins ();
  for (uint16_t port = 0; port < BS_SWITCH_PORTS_MAX; port += 2)
    bs_pins_remove (&pins, port);
  bs_pins_remove (&pins, 0); /* twice is fine */
  for (uint16_t port = 0; port < BS_SWITCH_PORTS_MAX; port++)
    g_assert_cmpuint (bs_pins_find (&pins, port % 100, MAC_A + port / 100), ==, port % 2 == 0 ? BS_PORT_NONE : port);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/mac/learns", test_learns);
  g_test_add_func ("/switch/mac/ages", test_ages);
  g_test_add_func ("/switch/mac/seeing-again-refreshes", test_seeing_again_refreshes);
  g_test_add_func ("/switch/mac/seconds-may-wrap", test_seconds_may_wrap);
  g_test_add_func ("/switch/mac/zero-is-never-learnt", test_zero_is_never_learnt);
  g_test_add_func ("/switch/mac/is-bounded", test_is_bounded);
  g_test_add_func ("/switch/mac/holds-a-usual-network", test_holds_a_usual_network);
  g_test_add_func ("/switch/mac/replaces-the-oldest", test_replaces_the_oldest);
  g_test_add_func ("/switch/mac/pins", test_pins);
  g_test_add_func ("/switch/mac/removes-pins", test_removes_pins);
  return g_test_run ();
}
