/* SPDX-License-Identifier: Apache-2.0 */
/* bs-scenario.h — run scenarios and keep what happened */
#pragma once

#include "bs-exec.h"
#include "bs-topology.h"

/* How a step reaches a node; filled by the caller (the lab), or by a test. */
typedef struct
{
  gboolean (*exec) (const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                    GCancellable *cancellable, gpointer user_data, GError **error);
  /* (nullable) does what a fault or net step says; @fault: (out): the number of what has an end, or 0 */
  gboolean (*act) (const BsTopologyAction *action, const char *what, guint64 *fault, GCancellable *cancellable,
                   gpointer user_data, GError **error);
  /* (nullable) a scenario is over: ends what is left of these */
  gboolean (*end) (const guint64 *faults, guint n_faults, gpointer user_data, GError **error);
  /* (nullable) progress: scenario and step begin and end; kind is "scenario-begin", "step-begin", "step-end",
   * "scenario-end".
   * @step and @node are NULL for scenarios. @detail is NULL at a begin; at an end the outcome's word, and for a step
   * that did not pass ": " and its message. A skipped step has an end only. */
  void (*event) (const char *kind, const char *scenario, const char *step, const char *node, const char *detail,
                 gpointer user_data);
  gpointer user_data;
} BsScenarioHost;

typedef enum
{
  BS_OUTCOME_PASSED,
  BS_OUTCOME_FAILED,  /* an expectation was not met */
  BS_OUTCOME_ERROR,   /* it could not be run: node gone, time out, no such program */
  BS_OUTCOME_SKIPPED, /* an earlier step failed, or interrupted */
} BsOutcome;

/* "passed", "failed", "error", "skipped" */
const char *bs_outcome_name (BsOutcome outcome);

typedef struct
{
  char *name, *node;
  BsOutcome outcome;
  char *message;   /* (nullable) why not passed: expected and actual */
  char *out, *err; /* last attempt's, at most 64 KiB each (the end is kept), valid UTF-8 */
  int exit_code;   /* last attempt's; -1 when none came to an end */
  guint attempts;  /* 0: never begun */
  gint64 duration_usec;
  guint line, column;
} BsStepReport;

typedef struct
{
  char *name, *description;
  BsOutcome outcome; /* of its first step that did not pass; skipped when it has no steps */
  gint64 started_realtime_usec, duration_usec;
  GPtrArray *steps; /* (element-type BsStepReport) */
} BsScenarioReport;

void bs_scenario_report_free (BsScenarioReport *self);

typedef struct
{
  char *lab, *file;
  GPtrArray *scenarios; /* (element-type BsScenarioReport) */
  guint passed, failed; /* scenarios; failed counts errors and skipped too */
} BsRunReport;

void bs_run_report_free (BsRunReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsRunReport, bs_run_report_free)

/**
 * bs_scenario_run:
 * @names: (nullable): globs of scenarios to run, NULL or empty for all; one that matches none is %BS_ERROR_NOT_FOUND
 * with the names there are
 *
 * Runs in the topology's order, one after another; in a scenario the first step that does not pass skips the rest. What
 * steps, expectations and retries mean is told in docs/scenarios.md. Blocks; host->exec is called on the calling
 * thread.
 *
 * Returns: NULL only when nothing could be begun (%BS_ERROR_NOT_FOUND, too, when there are no scenarios at all); when
 * cancelled, the report with what was skipped
 */
BsRunReport *bs_scenario_run (const BsTopology *topology, const char *lab, const char *const *names,
                              const BsScenarioHost *host, GCancellable *cancellable, GError **error);

/* Reports, (transfer full), valid UTF-8 whatever the nodes printed. TAP version 14, one test point per scenario with
 * YAML diagnostics of what did not pass; JUnit XML as Jenkins and GitLab read it, one test case per step; JSON. */
char *bs_report_tap (const BsRunReport *report);
char *bs_report_junit (const BsRunReport *report);
char *bs_report_json (const BsRunReport *report);
