/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-clock.h"

#include <math.h>
#include <time.h>

#define TIMES 30

static double
now_nsec (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

/* It read its clock after we asked and before we had the answer. */
static gboolean
ask (BsLabProbe *probe, guint n, BsClockBound *bound, GError **error)
{
  double asked = now_nsec (), answered, told;
  g_autofree char *line = NULL;

  bs_lab_probe_poke (probe);
  if (!bs_lab_probe_wait_line (probe, n, error))
    return FALSE;
  answered = now_nsec ();
  line = bs_lab_probe_line (probe, n);
  told = g_ascii_strtod (line, NULL);
  bound->low = fmax (bound->low, told - answered);
  bound->high = fmin (bound->high, told - asked);
  return TRUE;
}

gboolean
bs_lab_clock_ask (BsLab *lab, const char *node, BsClockBound *bound, GError **error)
{
  BsLabProbe *probe = bs_lab_probe_start (lab, node, "clock", error);
  g_autofree char *text = NULL;
  gboolean ok = probe != NULL;

  for (guint n = 1; ok && n <= TIMES; n++)
    ok = ask (probe, n, bound, error);
  text = bs_lab_probe_finish (probe, ok ? error : NULL);
  return ok && text != NULL;
}
