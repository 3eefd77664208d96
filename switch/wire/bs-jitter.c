/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-jitter.h"

#include <string.h>

__extension__ typedef unsigned __int128 Wide;

/* In the middle of one of 2^53 equal steps from 0 to 1. */
static double
to_unit (uint64_t random)
{
  return ((double) (random >> 11) + 0.5) * 0x1p-53;
}

/* Heron's method; from above, for x between 2^-4 and 2^6. */
static double
square_root (double x)
{
  double y = (x + 4) / 4;

  for (int i = 0; i < 8; i++)
    y = (y + x / y) / 2;
  return y;
}

/* x = m 2^e with m in [√½, √2); log m = 2 artanh ((m - 1) / (m + 1)), whose series ends below 2^-54 here. */
double
bs_jitter_log (double x)
{
  uint64_t bits;
  int exponent;
  double m, s, square, sum = 0;

  memcpy (&bits, &x, sizeof bits);
  exponent = (int) (bits >> 52 & 0x7ff) - 1023;
  bits = (bits & UINT64_C (0x000fffffffffffff)) | UINT64_C (0x3ff0000000000000);
  memcpy (&m, &bits, sizeof m);
  if (m > 1.4142135623730951)
    {
      m /= 2;
      exponent++;
    }
  s = (m - 1) / (m + 1);
  square = s * s;
  for (int k = 21; k >= 1; k -= 2)
    sum = sum * square + 1.0 / k;
  return 2 * s * sum + exponent * 0.69314718055994530942;
}

static double
polynomial (const double coefficients[8], double x)
{
  double y = coefficients[7];

  for (int i = 6; i >= 0; i--)
    y = y * x + coefficients[i];
  return y;
}

double
bs_jitter_normal_quantile (double p)
{
  static const double a[8]
      = { 3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
          4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3 };
  static const double b[8] = { 1.0,
                               4.2313330701600911252e+1,
                               6.8718700749205790830e+2,
                               5.3941960214247511077e+3,
                               2.1213794301586595867e+4,
                               3.9307895800092710610e+4,
                               2.8729085735721942674e+4,
                               5.2264952788528545610e+3 };
  static const double c[8]
      = { 1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,  3.64784832476320460504e0,
          1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4 };
  static const double d[8] = { 1.0,
                               2.05319162663775882187e0,
                               1.67638483018380384940e0,
                               6.89767334985100004550e-1,
                               1.48103976427480074590e-1,
                               1.51986665636164571966e-2,
                               5.47593808499534494600e-4,
                               1.05075007164441684324e-9 };
  static const double e[8]
      = { 6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
          2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7 };
  static const double f[8] = { 1.0,
                               5.99832206555887937690e-1,
                               1.36929880922735805310e-1,
                               1.48753612908506148525e-2,
                               7.86869131145613259100e-4,
                               1.84631831751005468180e-5,
                               1.42151175831644588870e-7,
                               2.04426310338993978564e-15 };
  double q = p - 0.5, r, value;

  if (q >= -0.425 && q <= 0.425)
    {
      r = 0.180625 - q * q;
      return q * polynomial (a, r) / polynomial (b, r);
    }
  r = square_root (-bs_jitter_log (q < 0 ? p : 1 - p));
  if (r <= 5)
    value = polynomial (c, r - 1.6) / polynomial (d, r - 1.6);
  else
    value = polynomial (e, r - 5) / polynomial (f, r - 5);
  return q < 0 ? -value : value;
}

/* x^(-1/3) for 0 < x < 1, by Newton's method on y^-3 = x, which needs no division by y; it grows towards the root, so
 * it ends when it no longer does. */
static double
inverse_cube_root (double x)
{
  double y = 1;

  while (y * y * y * x < 0.5)
    y *= 1.25;
  for (int i = 0; i < 8; i++)
    y = y * (4 - x * y * y * y) / 3;
  return y;
}

/* Of shape 3 and scale s: mean 3s/2, standard deviation s √3/2. */
static double
pareto_quantile (double p)
{
  return (inverse_cube_root (p) - 1.5) / 0.86602540378443864676;
}

static int64_t
scale (double factor, uint64_t size)
{
  const double most = (double) BS_SWITCH_DELAY_MAX_NSEC;
  double value = factor * (double) size;

  return (int64_t) (value > most ? most : value < -most ? -most : value);
}

int64_t
bs_jitter (BsSwitchJitter kind, uint64_t size, uint64_t random)
{
  switch (kind)
    {
    case BS_SWITCH_JITTER_UNIFORM:
      return (int64_t) (((Wide) random * (2 * size + 1)) >> 64) - (int64_t) size;
    case BS_SWITCH_JITTER_NORMAL:
      return scale (bs_jitter_normal_quantile (to_unit (random)), size);
    case BS_SWITCH_JITTER_PARETO:
      return scale (pareto_quantile (to_unit (random)), size);
    default:
      return 0;
    }
}
