/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-clock.h — how far a node's clock is from ours */
#pragma once

#include "bs-lab-probe.h"

/* node's monotonic clock minus ours, in nanoseconds: certainly within */
typedef struct
{
  double low, high;
} BsClockBound;

/* Asks some times over the control channel; each answer narrows @bound. FALSE with an error */
gboolean bs_lab_clock_ask (BsLab *lab, const char *node, BsClockBound *bound, GError **error);
