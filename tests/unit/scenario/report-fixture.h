/* SPDX-License-Identifier: Apache-2.0 */
/* report-fixture.h — a run with every outcome, whose nodes print what reports stumble over */
#pragma once

#include "bs-scenario.h"

/* Scenarios "all good" (passed, passed), one with a hostile name (failed, skipped) and "gone" (error). */
BsRunReport *fixture_report_new (void);

/* What the failed step printed: test points, bail-outs, section ends, control bytes, bad UTF-8, a line of 1 MiB. It
 * ends in "the end\n". */
char *fixture_hostile_output (void);

/* The name of the hostile scenario. */
extern const char fixture_hostile_name[];
