/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-measure.h"

#include <math.h>
#include <stdlib.h>

#define Z 1.959963984540054 /* of 95 %, both sides */

BsInterval
bs_measure_chance (double hits, double n)
{
  double p, middle, half, below;

  if (n <= 0)
    return (BsInterval){ 0, 0, 1 };
  p = hits / n;
  below = 1 + Z * Z / n;
  middle = (p + Z * Z / (2 * n)) / below;
  half = Z / below * sqrt (p * (1 - p) / n + Z * Z / (4 * n * n));
  return (BsInterval){ p, MAX (middle - half, 0), MIN (middle + half, 1) };
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

BsInterval
bs_measure_median (double *values, guint n)
{
  double reach = Z * sqrt (n) / 2, low = floor (n / 2.0 - reach), high = ceil (n / 2.0 + reach);
  guint first = low > 0 ? (guint) low - 1 : 0, last = high < n ? (guint) high : n - 1;

  qsort (values, n, sizeof *values, compare);
  return (BsInterval){ n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2, values[first],
                       values[last] };
}

/* Quantiles 0.975 of Student's distribution by degrees of freedom, from 1. */
static const double student[]
    = { 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120,  2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045 };

BsInterval
bs_measure_mean (const double *values, guint n)
{
  double sum = 0, squares = 0, mean, half;

  n = MIN (n, G_N_ELEMENTS (student) + 1);
  for (guint i = 0; i < n; i++)
    sum += values[i];
  mean = sum / n;
  for (guint i = 0; i < n; i++)
    squares += (values[i] - mean) * (values[i] - mean);
  half = student[n - 2] * sqrt (squares / (n - 1) / n);
  return (BsInterval){ mean, mean - half, mean + half };
}

double
bs_measure_burst_share (double enter, double leave)
{
  double correlation = CLAMP (1 - enter - leave, 0, 0.9999);

  return (1 - correlation) / (1 + correlation);
}
