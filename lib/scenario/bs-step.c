/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-attempt.h"
#include "bs-time.h"
#include "bs-watchdog.h"

#define RETRY_EVERY_DEFAULT_USEC (500 * BS_USEC_PER_MSEC)

typedef struct
{
  const BsTopologyStep *step;
  const BsStepContext *context;
  gint64 every_usec, window_usec; /* window: when the last attempt ends; negative: when the scenario does */
  gboolean retries;
  guint attempts;
} Run;

void
bs_step_report_free (BsStepReport *report)
{
  if (report == NULL)
    return;
  g_free (report->name);
  g_free (report->node);
  g_free (report->message);
  g_free (report->out);
  g_free (report->err);
  g_free (report);
}

BsStepReport *
bs_step_skip (const BsTopologyStep *step, const char *why)
{
  BsStepReport *report = g_new0 (BsStepReport, 1);

  report->name = g_strdup (step->name);
  report->node = g_strdup (step->node != NULL ? step->node : "");
  report->outcome = BS_OUTCOME_SKIPPED;
  report->message = g_strdup (why);
  report->out = g_strdup ("");
  report->err = g_strdup ("");
  report->exit_code = -1;
  report->line = step->at.line;
  report->column = step->at.column;
  return report;
}

static char *
timeout_text (const char *format, gint64 usec)
{
  g_autofree char *duration = bs_time_format_duration (usec);

  return g_strdup_printf ("%s%s", format, duration);
}

/* The nearest of the three clocks; @own: (out): whether it is the step's. */
static BsAttemptLimit
nearest_limit (const Run *run, gboolean *own)
{
  const BsTopologyStep *step = run->step;
  BsAttemptLimit limit = { .until_usec = run->context->deadline_usec };
  gint64 step_until = bs_time_now_usec () + step->timeout_usec;

  *own = FALSE;
  if (limit.until_usec >= 0)
    limit.timeout_text = timeout_text ("timed out, the scenario may take ", run->context->limit_usec);
  if (run->window_usec >= 0 && (limit.until_usec < 0 || run->window_usec < limit.until_usec))
    {
      g_free (limit.timeout_text);
      limit.until_usec = run->window_usec;
      limit.timeout_text = timeout_text ("timed out, it is retried for ", step->retry_for_usec);
    }
  if (step->timeout_usec > 0 && (limit.until_usec < 0 || step_until < limit.until_usec))
    {
      g_free (limit.timeout_text);
      limit.until_usec = step_until;
      limit.timeout_text = timeout_text ("timed out after ", step->timeout_usec);
      *own = TRUE;
    }
  return limit;
}

/* Runs it once more; FALSE when there is no use in another attempt. */
static gboolean
attempt (Run *run, BsStepReport **report)
{
  gboolean own, timed_out;
  BsAttemptLimit limit = nearest_limit (run, &own);
  BsStepReport *next = bs_attempt_run (run->step, run->context, &limit, &timed_out);

  g_free (limit.timeout_text);
  run->attempts++;
  if (*report != NULL && timed_out && !own)
    {
      bs_step_report_free (next);
      return FALSE;
    }
  bs_step_report_free (*report);
  *report = next;
  return next->outcome == BS_OUTCOME_FAILED || next->outcome == BS_OUTCOME_ERROR;
}

/* Waits for the next attempt; FALSE when none may begin. */
static gboolean
wait_for_next (const Run *run, BsStepReport *report)
{
  gint64 next = bs_time_now_usec () + run->every_usec;
  g_autofree char *last = NULL;

  if (!run->retries || (run->window_usec >= 0 && next >= run->window_usec)
      || (run->context->deadline_usec >= 0 && next >= run->context->deadline_usec))
    return FALSE;
  if (bs_watchdog_sleep (next, run->context->cancellable))
    return TRUE;
  last = g_steal_pointer (&report->message);
  report->outcome = BS_OUTCOME_SKIPPED;
  report->message = g_strdup_printf ("interrupted; the last attempt: %s", last);
  return FALSE;
}

static void
tell_attempts (BsStepReport *report)
{
  g_autofree char *message = NULL, *duration = NULL;

  if (report->outcome == BS_OUTCOME_PASSED || report->attempts < 2)
    return;
  message = g_steal_pointer (&report->message);
  duration = bs_time_format_duration (report->duration_usec);
  report->message = g_strdup_printf ("%s (%u attempts in %s)", message, report->attempts, duration);
}

/* A change of wires takes effect before the next step begins. What has an end goes on meanwhile. */
static BsStepReport *
run_action (const BsTopologyStep *step, const BsStepContext *context)
{
  gint64 start = bs_time_now_usec ();
  g_autofree char *what = g_strdup_printf ("scenario '%s', step '%s'", context->scenario, step->name);
  BsStepReport *report = bs_step_skip (step, NULL);
  g_autoptr (GError) error = NULL;
  guint64 fault = 0;

  report->attempts = 1;
  if (context->host->act (step->action, what, &fault, context->cancellable, context->host->user_data, &error))
    report->outcome = BS_OUTCOME_PASSED;
  else
    {
      report->outcome = BS_OUTCOME_ERROR;
      report->message = g_strdup (error->message);
    }
  if (fault != 0 && step->action->for_usec > 0)
    g_array_append_val (context->faults, fault);
  report->duration_usec = bs_time_now_usec () - start;
  return report;
}

BsStepReport *
bs_step_run (const BsTopologyStep *step, const BsStepContext *context)
{
  gint64 start = bs_time_now_usec ();
  Run run = { .step = step, .context = context, .window_usec = -1 };
  g_autoptr (BsStepReport) report = NULL;

  if (step->action != NULL && context->host->act != NULL)
    return run_action (step, context);
  if (step->command == NULL || step->node == NULL) /* of a kind that is decoded, but not acted on yet */
    {
      report = bs_step_skip (step, "only steps with a command can be run");
      report->outcome = BS_OUTCOME_ERROR;
      return g_steal_pointer (&report);
    }
  run.retries = step->retry_every_usec > 0 || step->retry_for_usec > 0;
  run.every_usec = step->retry_every_usec > 0 ? step->retry_every_usec : RETRY_EVERY_DEFAULT_USEC;
  if (step->retry_for_usec > 0)
    run.window_usec = start + step->retry_for_usec;
  while (attempt (&run, &report) && wait_for_next (&run, report))
    ;
  report->attempts = run.attempts;
  report->duration_usec = bs_time_now_usec () - start;
  tell_attempts (report);
  return g_steal_pointer (&report);
}
