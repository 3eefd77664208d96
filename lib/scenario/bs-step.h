/* SPDX-License-Identifier: Apache-2.0 */
/* bs-step.h — one step: its attempts, its time, its verdict
 *
 * Three clocks bound an attempt: the step's timeout (each attempt has all of it), the retry's window (from the step's
 * begin) and the rest of the scenario. The nearest one is handed to the node as the command's timeout; should the node
 * not obey, the watchdog ends the call a grace later. An attempt that the window or the scenario cut short has nothing
 * to say: the one before it is reported, if there is one.
 */
#pragma once

#include "bs-scenario.h"

#define BS_STEP_GRACE_USEC (5 * G_USEC_PER_SEC)

typedef struct
{
  const BsScenarioHost *host;
  gint64 deadline_usec, limit_usec; /* when the scenario's time is over (negative: never), and how long it was */
  gint64 grace_usec;                /* BS_STEP_GRACE_USEC */
  GCancellable *cancellable;        /* (nullable) */
  const char *scenario;             /* its name */
  GArray *faults;                   /* (element-type guint64) that have begun, for the scenario's end */
} BsStepContext;

BsStepReport *bs_step_run (const BsTopologyStep *step, const BsStepContext *context);
/* The report of a step that is not run. */
BsStepReport *bs_step_skip (const BsTopologyStep *step, const char *why);
void bs_step_report_free (BsStepReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsStepReport, bs_step_report_free)
