/* SPDX-License-Identifier: Apache-2.0 */
/* The dice on their own: known answers, distributions, and what they do not depend on. */
#include "bs-dice.h"
#include "bs-flow.h"
#include "bs-jitter.h"
#include "bs-philox.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

#define MSEC 1000000
#define SAMPLES 20000
#define GOLDEN UINT64_C (0x5cbd2727179d11ba)

static void
check_philox (BsPhilox counter, guint64 key, BsPhilox answer)
{
  BsPhilox got = bs_philox (counter, key);

  g_assert_cmpmem (&got, sizeof got, &answer, sizeof answer);
}

/* The vectors that come with the authors' own implementation (Random123, kat_vectors). */
static void
test_philox_known_answers (void)
{
  check_philox ((BsPhilox){ { 0 } }, 0, (BsPhilox){ { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } });
  check_philox ((BsPhilox){ { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX } }, UINT64_MAX,
                (BsPhilox){ { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } });
  check_philox ((BsPhilox){ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 } }, UINT64_C (0x299f31d0a4093822),
                (BsPhilox){ { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } });
}

static void
test_logarithm_and_quantile (void)
{
  for (double x = 1e-17; x < 1; x *= 1.01)
    g_assert_cmpfloat_with_epsilon (bs_jitter_log (x), log (x), 1e-14);
  /* Wichura's own checks, and a deep tail. */
  g_assert_cmpfloat_with_epsilon (bs_jitter_normal_quantile (0.25), -0.6744897501960817, 1e-15);
  g_assert_cmpfloat_with_epsilon (bs_jitter_normal_quantile (0.001), -3.090232306167814, 1e-14);
  g_assert_cmpfloat_with_epsilon (bs_jitter_normal_quantile (1e-20), -9.262340089798408, 1e-13);
  g_assert_cmpfloat_with_epsilon (bs_jitter_normal_quantile (0.999), 3.090232306167814, 1e-12);
}

/* Distribution functions of a jitter of size 1. */
static double
uniform_cdf (double x)
{
  return x < -1 ? 0 : x > 1 ? 1 : (x + 1) / 2;
}

static double
normal_cdf (double x)
{
  return erfc (-x / sqrt (2)) / 2;
}

static double
pareto_cdf (double x)
{
  double value = x * sqrt (3) / 2 + 1.5;

  return value < 1 ? 0 : 1 - pow (value, -3);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Kolmogorov-Smirnov: the greatest distance stays below its bound at the level of one in a thousand. */
static void
check_distribution (BsSwitchJitter kind, double (*cdf) (double))
{
  BsSwitchWire wire = { .jitter_nsec = 5 * MSEC, .jitter_kind = kind, .seed = 42 };
  g_autofree double *values = g_new (double, SAMPLES);
  double distance = 0;
  uint32_t bad = 0;

  for (guint i = 0; i < SAMPLES; i++)
    {
      BsSwitchDecision decision = { .index = i };

      bs_dice_throw (&wire, 7, &bad, 100, &decision);
      values[i] = (double) decision.jitter_nsec / (double) wire.jitter_nsec;
    }
  qsort (values, SAMPLES, sizeof *values, compare);
  for (guint i = 0; i < SAMPLES; i++)
    {
      double expected = cdf (values[i]);

      distance = fmax (distance, fmax (expected - (double) i / SAMPLES, (double) (i + 1) / SAMPLES - expected));
    }
  g_test_message ("distance %g, bound %g", distance, 1.95 / sqrt (SAMPLES));
  g_assert_cmpfloat (distance, <, 1.95 / sqrt (SAMPLES));
}

static void
test_jitter_distributions (void)
{
  check_distribution (BS_SWITCH_JITTER_UNIFORM, uniform_cdf);
  check_distribution (BS_SWITCH_JITTER_NORMAL, normal_cdf);
  check_distribution (BS_SWITCH_JITTER_PARETO, pareto_cdf);
}

static void
test_jitter_extremes (void)
{
  guint64 most = BS_SWITCH_DELAY_MAX_NSEC;

  g_assert_cmpint (bs_jitter (BS_SWITCH_JITTER_UNIFORM, 5, 0), ==, -5);
  g_assert_cmpint (bs_jitter (BS_SWITCH_JITTER_UNIFORM, 5, UINT64_MAX), ==, 5);
  g_assert_cmpint (bs_jitter (BS_SWITCH_JITTER_UNIFORM, most, UINT64_MAX), ==, (gint64) most);
  for (BsSwitchJitter kind = BS_SWITCH_JITTER_UNIFORM; kind <= BS_SWITCH_JITTER_PARETO; kind++)
    {
      g_assert_cmpint (bs_jitter (kind, 0, 12345), ==, 0);
      g_assert_cmpint (bs_jitter (kind, most, 0), <=, (gint64) most);
      g_assert_cmpint (bs_jitter (kind, most, 0), >=, -(gint64) most);
    }
  g_assert_cmpint (bs_jitter (BS_SWITCH_JITTER_PARETO, most, 0), ==, (gint64) most);
}

/* Always the same, on every host: a sum over many decisions of every kind. */
static void
test_golden_decisions (void)
{
  guint64 sum = 14695981039346656037u;

  for (BsSwitchJitter kind = BS_SWITCH_JITTER_UNIFORM; kind <= BS_SWITCH_JITTER_PARETO; kind++)
    {
      BsSwitchWire wire = { .flags = BS_SWITCH_WIRE_BURST,
                            .jitter_nsec = 3 * MSEC,
                            .jitter_kind = kind,
                            .duplicate = BS_SWITCH_ALWAYS / 3,
                            .reorder = BS_SWITCH_ALWAYS / 5,
                            .corrupt = BS_SWITCH_ALWAYS / 7,
                            .burst_enter = BS_SWITCH_ALWAYS / 50,
                            .burst_leave = BS_SWITCH_ALWAYS / 4,
                            .burst_bad_delivers = BS_SWITCH_ALWAYS / 10,
                            .burst_good_delivers = BS_SWITCH_ALWAYS - BS_SWITCH_ALWAYS / 100,
                            .seed = 99 };
      BsSwitchDecision decision = { .sender = 1, .receiver = 2, .protocol = 6, .port = 80 };
      guint64 flow = bs_dice_flow (&decision);
      uint32_t bad = 0;

      for (decision.index = 0; decision.index < 50000; decision.index++)
        {
          bs_dice_throw (&wire, flow, &bad, 1514, &decision);
          sum = (sum ^ decision.verdict ^ (guint64) decision.corrupt_bit << 8 ^ (guint64) decision.jitter_nsec << 24)
                * 1099511628211u;
        }
    }
  g_assert_cmphex (sum, ==, GOLDEN);
}

static guint
count_lost (const BsSwitchWire *wire, guint n)
{
  uint32_t bad = 0;
  guint lost = 0;

  for (guint i = 0; i < n; i++)
    {
      BsSwitchDecision decision = { .index = i };

      bs_dice_throw (wire, 1234567, &bad, 100, &decision);
      lost += (decision.verdict & BS_SWITCH_VERDICT_LOST) != 0;
    }
  return lost;
}

/* Of 50 seeds some 47 or 48 are expected inside the interval of 95 %. */
static void
check_loss (double chance)
{
  const guint n = 20000;
  double mean = n * chance, reach = 1.959964 * sqrt (n * chance * (1 - chance));
  guint inside = 0;

  for (guint64 seed = 1; seed <= 50; seed++)
    {
      BsSwitchWire wire = { .loss = (guint64) (chance * BS_SWITCH_ALWAYS), .seed = seed };

      inside += fabs (count_lost (&wire, n) - mean) <= reach;
    }
  g_test_message ("%g: %u of 50", chance, inside);
  g_assert_cmpuint (inside, >=, 43);
}

static void
test_loss_is_as_declared (void)
{
  BsSwitchWire never = { .duplicate = 1 }, always = { .loss = BS_SWITCH_ALWAYS };

  check_loss (0.001);
  check_loss (0.01);
  check_loss (0.1);
  check_loss (0.5);
  g_assert_cmpuint (count_lost (&never, 10000), ==, 0);
  g_assert_cmpuint (count_lost (&always, 10000), ==, 10000);
}

/* Share of time in the bad state p / (p + r), mean length of a burst 1 / r, with losses in the bad state only. */
static void
test_bursts (void)
{
  BsSwitchWire wire = { .flags = BS_SWITCH_WIRE_BURST,
                        .burst_enter = BS_SWITCH_ALWAYS / 100,
                        .burst_leave = BS_SWITCH_ALWAYS / 5,
                        .burst_good_delivers = BS_SWITCH_ALWAYS,
                        .seed = 3 };
  guint lost = 0, bursts = 0, n = 1000000;
  bool was_lost = false;
  uint32_t bad = 0;

  for (guint i = 0; i < n; i++)
    {
      BsSwitchDecision decision = { .index = i };
      bool is_lost;

      bs_dice_throw (&wire, 5, &bad, 100, &decision);
      is_lost = (decision.verdict & BS_SWITCH_VERDICT_LOST) != 0;
      lost += is_lost;
      bursts += is_lost && !was_lost;
      was_lost = is_lost;
    }
  g_assert_cmpfloat_with_epsilon ((double) lost / n, 0.01 / 0.21, 0.002);
  g_assert_cmpfloat_with_epsilon ((double) lost / bursts, 5, 0.15);
}

/* One impairment turned on changes nothing of the others. */
static void
test_decisions_are_apart (void)
{
  BsSwitchWire alone = { .loss = BS_SWITCH_ALWAYS / 10, .seed = 8 }, all = alone;

  all.duplicate = all.reorder = all.corrupt = BS_SWITCH_ALWAYS / 2;
  all.jitter_nsec = MSEC;
  all.jitter_kind = BS_SWITCH_JITTER_NORMAL;
  for (guint i = 0; i < 10000; i++)
    {
      BsSwitchDecision one = { .index = i }, other = { .index = i };
      uint32_t bad = 0;

      bs_dice_throw (&alone, 9, &bad, 100, &one);
      bs_dice_throw (&all, 9, &bad, 100, &other);
      g_assert_cmpuint (one.verdict & BS_SWITCH_VERDICT_LOST, ==, other.verdict & BS_SWITCH_VERDICT_LOST);
    }
}

/* Each part of its name makes another flow. */
static void
test_flows_differ (void)
{
  BsSwitchDecision flow = { .sender = 1, .receiver = 2, .protocol = 6, .port = 80 },
                   other[] = { flow, flow, flow, flow };

  other[0].sender = 2;
  other[1].receiver = 1;
  other[2].protocol = 17;
  other[3].port = 81;
  for (guint i = 0; i < G_N_ELEMENTS (other); i++)
    g_assert_cmphex (bs_dice_flow (&flow), !=, bs_dice_flow (&other[i]));
  other[0].sender = 2;
  other[0].receiver = 1;
  g_assert_cmphex (bs_dice_flow (&flow), !=, bs_dice_flow (&other[0]));
}

static void
test_flow_table (void)
{
  g_autofree BsSwitchMemory *memory = g_new0 (BsSwitchMemory, 1);
  const guint64 step = BS_SWITCH_FLOWS_MAX / BS_FLOW_WAYS;
  BsSwitchFlow *first = bs_flow_take (memory, 1, 10);

  first->next_index = 5;
  first->bad = 1;
  for (guint i = 1; i < BS_FLOW_WAYS; i++)
    g_assert_cmpuint (bs_flow_take (memory, 1 + i * step, 10 + i)->next_index, ==, 0);
  g_assert_cmpuint (memory->evicted_flows, ==, 0);
  g_assert_true (bs_flow_take (memory, 1, 20) == first); /* seen again: not the oldest any more */
  g_assert_cmpuint (first->next_index, ==, 5);
  bs_flow_take (memory, 1 + BS_FLOW_WAYS * step, 30);
  g_assert_cmpuint (memory->evicted_flows, ==, 1);
  g_assert_true (bs_flow_take (memory, 1, 31) == first);
  bs_flow_take (memory, 1 + step, 32); /* was evicted: begins anew, in the place of the next oldest */
  g_assert_cmpuint (memory->evicted_flows, ==, 2);
  bs_flow_take (memory, 1 + 5 * step, 33);
  bs_flow_take (memory, 1 + 6 * step, 34);
  first = bs_flow_take (memory, 1, 35);
  g_assert_cmpuint (first->next_index, ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/dice/philox-known-answers", test_philox_known_answers);
  g_test_add_func ("/wire/dice/logarithm-and-quantile", test_logarithm_and_quantile);
  g_test_add_func ("/wire/dice/jitter-distributions", test_jitter_distributions);
  g_test_add_func ("/wire/dice/jitter-extremes", test_jitter_extremes);
  g_test_add_func ("/wire/dice/golden-decisions", test_golden_decisions);
  g_test_add_func ("/wire/dice/loss-is-as-declared", test_loss_is_as_declared);
  g_test_add_func ("/wire/dice/bursts", test_bursts);
  g_test_add_func ("/wire/dice/decisions-are-apart", test_decisions_are_apart);
  g_test_add_func ("/wire/dice/flows-differ", test_flows_differ);
  g_test_add_func ("/wire/dice/flow-table", test_flow_table);
  return g_test_run ();
}
