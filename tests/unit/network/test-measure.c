/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals against figures that are known, and against what they promise. */
#include "bs-measure.h"

#include <math.h>

#define assert_near(a, b, by) g_assert_cmpfloat (fabs ((a) - (b)), <, (by))

static void
test_wilson_of_known_figures (void)
{
  BsInterval some = bs_measure_chance (10, 100), none = bs_measure_chance (0, 100), all = bs_measure_chance (100, 100);

  assert_near (some.value, 0.1, 1e-12);
  assert_near (some.low, 0.05523, 1e-5);
  assert_near (some.high, 0.17437, 1e-5);
  assert_near (none.low, 0, 1e-12);
  assert_near (none.high, 0.03699, 1e-5);
  assert_near (all.low, 0.96301, 1e-5);
  assert_near (all.high, 1, 1e-12);
  g_assert_cmpfloat (bs_measure_chance (0, 0).high, ==, 1); /* nothing is known */
}

/* Of 1000 samples, some 950 have the true chance in their interval. */
static void
test_wilson_keeps_its_promise (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint inside = 0;

  for (guint i = 0; i < 1000; i++)
    {
      guint hits = 0;
      BsInterval interval;

      for (guint k = 0; k < 200; k++)
        hits += g_rand_double (rand) < 0.05;
      interval = bs_measure_chance (hits, 200);
      inside += interval.low <= 0.05 && 0.05 <= interval.high;
    }
  g_assert_cmpuint (inside, >=, 920);
  g_assert_cmpuint (inside, <=, 985);
}

static void
test_median_keeps_its_promise (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  guint inside = 0;

  for (guint i = 0; i < 1000; i++)
    {
      double values[51];
      BsInterval interval;

      for (guint k = 0; k < 51; k++)
        values[k] = -log (1 - g_rand_double (rand));
      interval = bs_measure_median (values, 51);
      g_assert_cmpfloat (interval.low, <=, interval.value);
      g_assert_cmpfloat (interval.value, <=, interval.high);
      inside += interval.low <= log (2) && log (2) <= interval.high;
    }
  g_assert_cmpuint (inside, >=, 930);
  g_assert_cmpuint (inside, <=, 990);
}

static void
test_median_of_few (void)
{
  double one[] = { 7 }, four[] = { 4, 1, 3, 2 };
  BsInterval of_one = bs_measure_median (one, 1), of_four = bs_measure_median (four, 4);

  g_assert_cmpfloat (of_one.value, ==, 7);
  g_assert_cmpfloat (of_one.low, ==, 7);
  g_assert_cmpfloat (of_four.value, ==, 2.5);
  g_assert_cmpfloat (of_four.low, ==, 1);
  g_assert_cmpfloat (of_four.high, ==, 4);
}

static void
test_mean (void)
{
  const double values[] = { 9, 10, 11 };
  BsInterval interval = bs_measure_mean (values, 3);

  assert_near (interval.value, 10, 1e-12);
  assert_near (interval.high - interval.value, 4.303 / sqrt (3), 1e-3);
}

static void
test_bursts_count_for_less (void)
{
  assert_near (bs_measure_burst_share (0.5, 0.5), 1, 1e-12);
  assert_near (bs_measure_burst_share (0.01, 0.19), 0.2 / 1.8, 1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/measure/wilson-of-known-figures", test_wilson_of_known_figures);
  g_test_add_func ("/measure/wilson-keeps-its-promise", test_wilson_keeps_its_promise);
  g_test_add_func ("/measure/median-keeps-its-promise", test_median_keeps_its_promise);
  g_test_add_func ("/measure/median-of-few", test_median_of_few);
  g_test_add_func ("/measure/mean", test_mean);
  g_test_add_func ("/measure/bursts-count-for-less", test_bursts_count_for_less);
  return g_test_run ();
}
