/* SPDX-License-Identifier: Apache-2.0 */
/* bs-measure.h — what a few measurements say of what they are of, at 95 % confidence */
#pragma once

#include <glib.h>

typedef struct
{
  double value, low, high;
} BsInterval;

/* A chance, of which @hits of @n say something: Wilson's score interval (E. B. Wilson, Probable inference, JASA 22,
 * 1927). @n is a real number: hits that come in bursts count for less. */
BsInterval bs_measure_chance (double hits, double n);
/* The median, by order statistics: no distribution is assumed (H. A. David and H. N. Nagaraja, Order Statistics, 7.1).
 * Sorts @values; @n is at least 1. Of fewer than 6 values the interval is from the least to the greatest. */
BsInterval bs_measure_median (double *values, guint n);
/* The mean of @n values (at least 2, at most 30 count) that are about normal, by Student's t. */
BsInterval bs_measure_mean (const double *values, guint n);

/* By how much fewer a number of packets counts when they are lost in bursts (Gilbert-Elliott) with chances @enter and
 * @leave: successive losses correlate by 1 - enter - leave. */
double bs_measure_burst_share (double enter, double leave);
