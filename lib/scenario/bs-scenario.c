/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-scenario.h"
#include "bs-step.h"
#include "bs-time.h"

#include <fnmatch.h>

const char *
bs_outcome_name (BsOutcome outcome)
{
  static const char *const names[] = {
    [BS_OUTCOME_PASSED] = "passed",
    [BS_OUTCOME_FAILED] = "failed",
    [BS_OUTCOME_ERROR] = "error",
    [BS_OUTCOME_SKIPPED] = "skipped",
  };

  g_return_val_if_fail (outcome < G_N_ELEMENTS (names), "error");
  return names[outcome];
}

void
bs_scenario_report_free (BsScenarioReport *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->description);
  g_clear_pointer (&self->steps, g_ptr_array_unref);
  g_free (self);
}

void
bs_run_report_free (BsRunReport *self)
{
  if (self == NULL)
    return;
  g_free (self->lab);
  g_free (self->file);
  g_clear_pointer (&self->scenarios, g_ptr_array_unref);
  g_free (self);
}

static void
tell (const BsScenarioHost *host, const char *kind, const char *scenario, const char *step, const char *node,
      const char *detail)
{
  if (host->event != NULL)
    host->event (kind, scenario, step, node, detail, host->user_data);
}

static void
tell_step_end (const BsScenarioHost *host, const char *scenario, const BsStepReport *report)
{
  const char *word = bs_outcome_name (report->outcome);
  g_autofree char *detail
      = report->message != NULL ? g_strdup_printf ("%s: %s", word, report->message) : g_strdup (word);

  tell (host, "step-end", scenario, report->name, report->node, detail);
}

static BsStepReport *
run_step (const BsTopologyScenario *scenario, const BsTopologyStep *step, const BsStepContext *context,
          BsOutcome outcome)
{
  if (outcome != BS_OUTCOME_PASSED)
    return bs_step_skip (step, "an earlier step did not pass");
  if (g_cancellable_is_cancelled (context->cancellable))
    return bs_step_skip (step, "interrupted");
  tell (context->host, "step-begin", scenario->name, step->name, step->node, NULL);
  return bs_step_run (step, context);
}

/* A fault lasts no longer than its scenario, however that ended. */
static void
end_faults (const BsTopologyScenario *scenario, const BsStepContext *context, BsScenarioReport *report)
{
  const BsScenarioHost *host = context->host;
  g_autoptr (GError) error = NULL;

  if (context->faults->len == 0 || host->end == NULL
      || host->end ((const guint64 *) (void *) context->faults->data, context->faults->len, host->user_data, &error))
    return;
  tell (host, "faults-fail", scenario->name, NULL, NULL, error->message);
  if (report->outcome == BS_OUTCOME_PASSED)
    report->outcome = BS_OUTCOME_ERROR;
}

static BsScenarioReport *
run_scenario (const BsTopologyScenario *scenario, const BsScenarioHost *host, GCancellable *cancellable)
{
  BsScenarioReport *report = g_new0 (BsScenarioReport, 1);
  gint64 start = bs_time_now_usec ();
  BsStepContext context = {
    .host = host,
    .deadline_usec = scenario->timeout_usec > 0 ? start + scenario->timeout_usec : -1,
    .limit_usec = scenario->timeout_usec,
    .grace_usec = BS_STEP_GRACE_USEC,
    .cancellable = cancellable,
    .scenario = scenario->name,
    .faults = g_array_new (FALSE, FALSE, sizeof (guint64)),
  };

  report->name = g_strdup (scenario->name);
  report->description = g_strdup (scenario->description);
  report->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_step_report_free);
  report->started_realtime_usec = g_get_real_time ();
  report->outcome = scenario->steps->len > 0 ? BS_OUTCOME_PASSED : BS_OUTCOME_SKIPPED;
  tell (host, "scenario-begin", scenario->name, NULL, NULL, NULL);
  for (guint i = 0; i < scenario->steps->len; i++)
    {
      BsStepReport *step = run_step (scenario, scenario->steps->pdata[i], &context, report->outcome);

      g_ptr_array_add (report->steps, step);
      tell_step_end (host, scenario->name, step);
      if (report->outcome == BS_OUTCOME_PASSED)
        report->outcome = step->outcome;
    }
  end_faults (scenario, &context, report);
  g_array_unref (context.faults);
  report->duration_usec = bs_time_now_usec () - start;
  tell (host, "scenario-end", scenario->name, NULL, NULL, bs_outcome_name (report->outcome));
  return report;
}

static gboolean
name_matches (const char *glob, const BsTopologyScenario *scenario)
{
  return g_str_equal (glob, scenario->name) || fnmatch (glob, scenario->name, 0) == 0;
}

static gboolean
is_selected (const char *const *names, const BsTopologyScenario *scenario)
{
  if (names == NULL || *names == NULL)
    return TRUE;
  for (; *names != NULL; names++)
    if (name_matches (*names, scenario))
      return TRUE;
  return FALSE;
}

static char *
list_names (const GPtrArray *scenarios)
{
  GString *list = g_string_new ("scenarios: ");

  for (guint i = 0; i < scenarios->len; i++)
    g_string_append_printf (list, "%s'%s'", i > 0 ? ", " : "", ((BsTopologyScenario *) scenarios->pdata[i])->name);
  return g_string_free (list, FALSE);
}

/* Each of @names has to match something: a misspelt name would pass by running nothing. */
static gboolean
check_names (const BsTopology *topology, const char *const *names, GError **error)
{
  g_autofree char *hint = NULL;

  if (topology->scenarios->len == 0)
    {
      bs_set_error (error, BS_ERROR_NOT_FOUND, "add some under the key scenarios", "'%s' has no scenarios",
                    topology->file);
      return FALSE;
    }
  for (; names != NULL && *names != NULL; names++)
    {
      gboolean found = FALSE;

      for (guint i = 0; i < topology->scenarios->len && !found; i++)
        found = name_matches (*names, topology->scenarios->pdata[i]);
      if (found)
        continue;
      hint = list_names (topology->scenarios);
      bs_set_error (error, BS_ERROR_NOT_FOUND, hint, "no scenario of '%s' is named '%s'", topology->file, *names);
      return FALSE;
    }
  return TRUE;
}

BsRunReport *
bs_scenario_run (const BsTopology *topology, const char *lab, const char *const *names, const BsScenarioHost *host,
                 GCancellable *cancellable, GError **error)
{
  BsRunReport *run;

  if (!check_names (topology, names, error))
    return NULL;
  run = g_new0 (BsRunReport, 1);
  run->lab = g_strdup (lab);
  run->file = g_strdup (topology->file);
  run->scenarios = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_scenario_report_free);
  for (guint i = 0; i < topology->scenarios->len; i++)
    {
      BsScenarioReport *report;

      if (!is_selected (names, topology->scenarios->pdata[i]))
        continue;
      report = run_scenario (topology->scenarios->pdata[i], host, cancellable);
      g_ptr_array_add (run->scenarios, report);
      if (report->outcome == BS_OUTCOME_PASSED)
        run->passed++;
      else
        run->failed++;
    }
  return run;
}
