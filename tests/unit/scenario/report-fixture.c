/* SPDX-License-Identifier: Apache-2.0 */
#include "report-fixture.h"
#include "bs-step.h"

const char fixture_hostile_name[] = "a # SKIP \\ <b> & \"c\"\nnot ok 7 - injected\r\xe2\x80\xa8\x1b[2J";

char *
fixture_hostile_output (void)
{
  g_autofree char *line = g_strnfill (1024 * 1024, 'y');
  GString *output = g_string_new (line);

  g_string_append (output,
                   "\nnot ok 1 - fake\nok 2 - fake\nBail out! fake\n1..99\nTAP version 14\n  ---\n  ...\n...\n");
  g_string_append (output, "]]> </system-out></testcase> <![CDATA[ &amp; & \" ' <!-- \\ \\\" \\n # %s %n\n");
  for (char c = 1; c < 0x20; c++)
    g_string_append_c (output, c);
  g_string_append (output, "\x7f\xc2\x85\xc2\x9b\xe2\x80\xa8\xe2\x80\xa9\xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\x98\x80");
  g_string_append (output, "\x80\xff\xed\xa0\x80\xc0\xaf\xf4\x90\x80\x80\xe2\x82\nthe end\n");
  return g_string_free (output, FALSE);
}

static BsScenarioReport *
add_scenario (BsRunReport *report, const char *name, BsOutcome outcome)
{
  BsScenarioReport *scenario = g_new0 (BsScenarioReport, 1);

  scenario->name = g_strdup (name);
  scenario->outcome = outcome;
  scenario->started_realtime_usec = 1767323045678901; /* 2026-01-02T03:04:05.678901Z */
  scenario->duration_usec = 1234567;
  scenario->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_step_report_free);
  g_ptr_array_add (report->scenarios, scenario);
  if (outcome == BS_OUTCOME_PASSED)
    report->passed++;
  else
    report->failed++;
  return scenario;
}

static BsStepReport *
add_step (BsScenarioReport *scenario, BsOutcome outcome, const char *message)
{
  BsStepReport *step = g_new0 (BsStepReport, 1);

  step->name = g_strdup_printf ("step %u", scenario->steps->len + 1);
  step->node = g_strdup ("web");
  step->outcome = outcome;
  step->message = g_strdup (message);
  step->out = g_strdup ("");
  step->err = g_strdup ("");
  step->exit_code = outcome == BS_OUTCOME_PASSED ? 0 : -1;
  step->attempts = outcome == BS_OUTCOME_SKIPPED ? 0 : 1;
  step->duration_usec = 1500;
  step->line = 12;
  step->column = 9;
  g_ptr_array_add (scenario->steps, step);
  return step;
}

BsRunReport *
fixture_report_new (void)
{
  BsRunReport *report = g_new0 (BsRunReport, 1);
  BsScenarioReport *scenario;
  BsStepReport *step;

  report->lab = g_strdup ("shop");
  report->file = g_strdup ("lab.yaml");
  report->scenarios = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_scenario_report_free);
  scenario = add_scenario (report, "all good", BS_OUTCOME_PASSED);
  add_step (scenario, BS_OUTCOME_PASSED, NULL);
  add_step (scenario, BS_OUTCOME_PASSED, NULL);
  scenario = add_scenario (report, fixture_hostile_name, BS_OUTCOME_FAILED);
  step = add_step (scenario, BS_OUTCOME_FAILED, "stdout is '\"'\n  ...\nok 3, expected ]]>");
  g_free (step->out);
  step->out = fixture_hostile_output ();
  g_free (step->err);
  step->err = g_strdup ("not ok 4\n");
  step->exit_code = 3;
  step->attempts = 4;
  add_step (scenario, BS_OUTCOME_SKIPPED, "an earlier step did not pass");
  add_step (add_scenario (report, "gone", BS_OUTCOME_ERROR), BS_OUTCOME_ERROR, "node 'web' has ended");
  return report;
}
