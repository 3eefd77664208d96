/* SPDX-License-Identifier: Apache-2.0 */
/* test-wire-values.c — from keys to what the switch is told; the merging is in test-supervisor-net.c */
#include "bs-wire-values.h"
#include "bs-error.h"

#include <string.h>

static BsSwitchWire
fill (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) values = bs_json_load (json, strlen (json), &error);
  BsSwitchWire wire = { 0 };

  g_assert_no_error (error);
  bs_wire_values_check (values, &error);
  g_assert_no_error (error);
  bs_wire_values_fill (values, 5, &wire);
  return wire;
}

/* All zero would be a wire that is forgotten. */
static void
test_nothing_is_not_all_zero (void)
{
  const BsSwitchWire wire = fill ("{}"), zero = { .seed = wire.seed };

  g_assert_cmpmem (&wire, sizeof wire, &zero, sizeof zero);
  g_assert_cmphex (wire.seed, ==, UINT64_C (1) << 63 | 5);
}

static void
test_jitter_is_normal_and_has_no_kind_alone (void)
{
  g_assert_cmpuint (fill ("{'jitter_nsec': 1}").jitter_kind, ==, BS_SWITCH_JITTER_NORMAL);
  g_assert_cmpuint (fill ("{'jitter_nsec': 1, 'jitter_kind': 1}").jitter_kind, ==, BS_SWITCH_JITTER_UNIFORM);
  g_assert_cmpuint (fill ("{'jitter_nsec': 0, 'jitter_kind': 1}").jitter_kind, ==, 0);
}

static void
test_queue_is_computed_from_rate_and_delay (void)
{
  /* 100 Mbit/s and 40 + 10 ms: 625,000 bytes are under way */
  g_assert_cmpuint (fill ("{'rate': 100000000, 'delay_nsec': 40000000, 'jitter_nsec': 10000000}").queue_bytes, ==,
                    625000);
  /* without delay: 20 ms of the rate */
  g_assert_cmpuint (fill ("{'rate': 100000000}").queue_bytes, ==, 250000);
  /* never less than 64 KiB */
  g_assert_cmpuint (fill ("{'rate': 1000}").queue_bytes, ==, 64 * 1024);
  g_assert_cmpuint (fill ("{'rate': 1000000000000, 'delay_nsec': 3600000000000}").queue_bytes, ==, 1 << 30);
}

static void
test_a_limit_that_is_given_is_kept (void)
{
  const BsSwitchWire bytes = fill ("{'rate': 1000, 'queue_bytes': 100, 'codel': true}");
  const BsSwitchWire time = fill ("{'rate': 1000, 'queue_nsec': 100}");

  g_assert_cmpuint (bytes.queue_bytes, ==, 100);
  g_assert_cmpuint (bytes.flags, ==, BS_SWITCH_WIRE_CODEL);
  g_assert_cmpuint (time.queue_bytes, ==, 0);
  g_assert_cmpuint (time.queue_nsec, ==, 100);
}

static void
test_without_a_rate_there_is_no_queue (void)
{
  const BsSwitchWire wire = fill ("{'rate': 0, 'queue_bytes': 100, 'codel': true}");

  g_assert_cmpuint (wire.queue_bytes, ==, 0);
  g_assert_cmpuint (wire.flags, ==, 0);
}

static void
test_a_trace_takes_the_place_of_the_rate (void)
{
  const BsSwitchWire wire = fill ("{'rate': 1000, 'trace': {'path': 't', 'bytes': 8, 'rate': 100000000}}");

  g_assert_cmpuint (wire.rate, ==, 0);
  g_assert_cmpuint (wire.trace_bytes, ==, 8);
  g_assert_cmpuint (wire.queue_bytes, ==, 250000);
  g_assert_cmpuint (fill ("{'rate': 1000, 'trace': null}").rate, ==, 1000);
}

static void
test_flags (void)
{
  g_assert_cmpuint (fill ("{'down': true, 'own_bucket': true, 'burst': [1, 2, 3, 4]}").flags, ==,
                    BS_SWITCH_WIRE_DOWN | BS_SWITCH_WIRE_OWN_BUCKET | BS_SWITCH_WIRE_BURST);
  g_assert_cmpuint (fill ("{'burst': [1, 2, 3, 4]}").burst_good_delivers, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire-values/nothing", test_nothing_is_not_all_zero);
  g_test_add_func ("/wire-values/jitter", test_jitter_is_normal_and_has_no_kind_alone);
  g_test_add_func ("/wire-values/queue", test_queue_is_computed_from_rate_and_delay);
  g_test_add_func ("/wire-values/limit", test_a_limit_that_is_given_is_kept);
  g_test_add_func ("/wire-values/no-queue", test_without_a_rate_there_is_no_queue);
  g_test_add_func ("/wire-values/trace", test_a_trace_takes_the_place_of_the_rate);
  g_test_add_func ("/wire-values/flags", test_flags);
  return g_test_run ();
}
