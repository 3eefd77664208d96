/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-time.h"
#include "bs-topology-model.h"
#include "local-host.h"
#include "scenario-fixture.h"

#include <string.h>

static const BsScenarioHost local_host = { .exec = local_host_exec };

static BsRunReport *
run (const BsTopology *topology, const char *const *names)
{
  g_autoptr (GError) error = NULL;
  BsRunReport *report = bs_scenario_run (topology, "shop", names, &local_host, NULL, &error);

  g_assert_no_error (error);
  return report;
}

static const BsScenarioReport *
scenario_at (const BsRunReport *report, guint index)
{
  g_assert_cmpuint (index, <, report->scenarios->len);
  return report->scenarios->pdata[index];
}

static const BsStepReport *
step_at (const BsRunReport *report, guint index)
{
  const BsScenarioReport *scenario = scenario_at (report, 0);

  g_assert_cmpuint (index, <, scenario->steps->len);
  return scenario->steps->pdata[index];
}

static void
assert_step (const BsStepReport *step, BsOutcome outcome, const char *message)
{
  g_assert_cmpstr (step->message, ==, message);
  g_assert_cmpstr (bs_outcome_name (step->outcome), ==, bs_outcome_name (outcome));
}

static void
test_passing_step_is_told_in_full (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  const BsStepReport *step;

  fixture_scenario (topology, "works")->description = g_strdup ("it does");
  fixture_step (topology, "echo out; echo err >&2");
  report = run (topology, NULL);
  g_assert_cmpstr (report->lab, ==, "shop");
  g_assert_cmpstr (report->file, ==, "lab.yaml");
  g_assert_cmpuint (report->passed, ==, 1);
  g_assert_cmpuint (report->failed, ==, 0);
  g_assert_cmpstr (scenario_at (report, 0)->name, ==, "works");
  g_assert_cmpstr (scenario_at (report, 0)->description, ==, "it does");
  step = step_at (report, 0);
  assert_step (step, BS_OUTCOME_PASSED, NULL);
  g_assert_cmpstr (step->name, ==, "step 1");
  g_assert_cmpstr (step->node, ==, "here");
  g_assert_cmpstr (step->out, ==, "out\n");
  g_assert_cmpstr (step->err, ==, "err\n");
  g_assert_cmpint (step->exit_code, ==, 0);
  g_assert_cmpuint (step->attempts, ==, 1);
  g_assert_cmpint (step->duration_usec, >, 0);
  g_assert_cmpuint (step->line, ==, 21);
  g_assert_cmpuint (step->column, ==, 9);
}

static void
test_exit_code (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;

  fixture_scenario (topology, "codes");
  fixture_step (topology, "exit 28")->expected_exit_code = 28;
  fixture_step (topology, "kill -9 $$")->expected_exit_code = 137;
  fixture_step (topology, "echo first >&2; printf 'no such\\thost\\n\\n' >&2; exit 6");
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_PASSED, NULL);
  assert_step (step_at (report, 1), BS_OUTCOME_PASSED, NULL);
  assert_step (step_at (report, 2), BS_OUTCOME_FAILED, "exit code is 6, expected 0, stderr ends with 'no such\\thost'");
  g_assert_cmpint (step_at (report, 2)->exit_code, ==, 6);
  g_assert_cmpuint (report->failed, ==, 1);
}

static void
test_a_signal_is_named (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;

  fixture_scenario (topology, "signal");
  fixture_step (topology, "kill -9 $$");
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_FAILED, "exit code is 137 (killed by signal 9), expected 0");
}

static void
test_all_unmet_expectations_are_told (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  BsTopologyStep *step;

  fixture_scenario (topology, "both");
  step = fixture_step (topology, "echo a; echo b >&2; exit 1");
  step->out.equals = g_strdup ("b");
  step->err.contains = g_strdup ("c");
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_FAILED,
               "exit code is 1, expected 0, stderr ends with 'b'; stdout is 'a', expected 'b'; "
               "stderr does not contain 'c', it is 'b\\n'");
}

static void
test_env_and_input_reach_the_command (void)
{
  const char *const env[] = { "COLOUR=dark blue", "EMPTY=", NULL };
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  BsTopologyStep *step;

  fixture_scenario (topology, "in");
  step = fixture_step (topology, "echo \"$COLOUR,$EMPTY,\"; wc -c");
  g_strfreev (step->env);
  step->env = g_strdupv ((char **) env);
  step->standard_input = g_strnfill (1024 * 1024, 'x');
  step->out.equals = g_strdup ("dark blue,,\n1048576");
  step = fixture_step (topology, "wc -c");
  step->out.equals = g_strdup ("0");
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_PASSED, NULL);
  assert_step (step_at (report, 1), BS_OUTCOME_PASSED, NULL);
}

static void
test_step_timeout (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;

  fixture_scenario (topology, "slow");
  fixture_step (topology, "echo begun; sleep 100")->timeout_usec = 100 * BS_USEC_PER_MSEC;
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_ERROR, "timed out after 100ms");
  g_assert_cmpstr (step_at (report, 0)->out, ==, "begun\n");
  g_assert_cmpint (step_at (report, 0)->exit_code, ==, -1);
  g_assert_cmpint (step_at (report, 0)->duration_usec, <, 10 * BS_USEC_PER_SEC);
}

static void
test_scenario_timeout_bounds_its_steps (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;

  fixture_scenario (topology, "slow")->timeout_usec = 150 * BS_USEC_PER_MSEC;
  fixture_step (topology, "sleep 100")->timeout_usec = 50 * BS_USEC_PER_SEC;
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_ERROR, "timed out, the scenario may take 150ms");
  g_assert_cmpint (scenario_at (report, 0)->duration_usec, <, 10 * BS_USEC_PER_SEC);
}

static void
test_first_failure_skips_the_rest_of_its_scenario (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;

  fixture_scenario (topology, "breaks");
  fixture_step (topology, "true");
  fixture_step (topology, "false");
  fixture_step (topology, "true");
  fixture_scenario (topology, "next");
  fixture_step (topology, "true");
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_PASSED, NULL);
  assert_step (step_at (report, 1), BS_OUTCOME_FAILED, "exit code is 1, expected 0");
  assert_step (step_at (report, 2), BS_OUTCOME_SKIPPED, "an earlier step did not pass");
  g_assert_cmpuint (step_at (report, 2)->attempts, ==, 0);
  g_assert_cmpint (step_at (report, 2)->exit_code, ==, -1);
  g_assert_cmpstr (bs_outcome_name (scenario_at (report, 0)->outcome), ==, "failed");
  g_assert_cmpstr (bs_outcome_name (scenario_at (report, 1)->outcome), ==, "passed");
  g_assert_cmpuint (report->passed, ==, 1);
  g_assert_cmpuint (report->failed, ==, 1);
}

static void
test_what_cannot_be_run_is_an_error (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  BsTopologyStep *step;

  fixture_scenario (topology, "no program");
  step = fixture_step (topology, "");
  g_strfreev (step->command);
  step->command = g_strdupv ((char *[]){ (char *) "no-such-program", NULL });
  fixture_scenario (topology, "no node");
  step = fixture_step (topology, "true");
  g_free (step->node);
  step->node = g_strdup ("gone");
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_ERROR, "no program 'no-such-program'");
  assert_step (scenario_at (report, 1)->steps->pdata[0], BS_OUTCOME_ERROR, "node 'gone' has ended");
  g_assert_cmpuint (report->failed, ==, 2);
}

static void
test_a_step_without_command_is_an_error (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  BsTopologyStep *step;

  fixture_scenario (topology, "waits");
  step = fixture_step (topology, "true");
  g_clear_pointer (&step->command, g_strfreev);
  g_clear_pointer (&step->node, g_free);
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_ERROR, "only steps with a command can be run");
  g_assert_cmpstr (step_at (report, 0)->node, ==, "");
}

static void
test_as_written_in_a_file (void)
{
  static const char yaml[]
      = "nodes: [{name: here, image: tiny}]\n"
        "scenarios:\n"
        "  - name: all keys\n"
        "    timeout: 60s\n"
        "    steps:\n"
        "      - {name: text, node: here, command: 'echo \"$A $0\"; exit 3', env: {A: b},\n"
        "         expected_exit_code: 3, expect: {stdout: {equals: b sh, matches: '^b', not: c}}}\n"
        "      - node: here\n"
        "        command: [cat]\n"
        "        timeout: 30s\n"
        "        stdin: |\n"
        "          hello\n"
        "        expect: {exit_code: 0, stdout: {equals: \"hello\\n\"}, stderr: {equals: ''}}\n"
        "        retry: {every: 10ms, for: 2s}\n"
        "      - {node: here, command: 'false'}\n";
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse ("lab.yaml", yaml, sizeof yaml - 1, &diagnostics);
  g_autofree char *problems = bs_diagnostics_format (diagnostics);
  g_autoptr (BsRunReport) report = NULL;

  g_assert_cmpstr (problems, ==, "");
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_PASSED, NULL);
  assert_step (step_at (report, 1), BS_OUTCOME_PASSED, NULL);
  assert_step (step_at (report, 2), BS_OUTCOME_FAILED, "exit code is 1, expected 0");
  g_assert_cmpstr (step_at (report, 2)->name, ==, "step 3");
  g_assert_cmpuint (step_at (report, 2)->line, ==, 15);
  g_assert_cmpuint (step_at (report, 2)->column, ==, 9);
}

static void
test_outputs_are_kept_to_64_kib (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  BsTopologyStep *step;

  fixture_scenario (topology, "loud");
  fixture_step (topology, "head -c 3000000 /dev/zero | tr '\\0' x; echo end; head -c 100000 /dev/zero >&2");
  step = fixture_step (topology, "echo begin; head -c 3000000 /dev/zero | tr '\\0' x; echo end");
  step->out.matches = g_strdup ("\\Abegin\nx{3}");
  report = run (topology, NULL);
  for (guint i = 0; i < 2; i++)
    {
      assert_step (step_at (report, i), BS_OUTCOME_PASSED, NULL);
      g_assert_cmpuint (strlen (step_at (report, i)->out), ==, 64 * 1024);
      g_assert_true (g_str_has_suffix (step_at (report, i)->out, "xend\n"));
    }
  g_assert_cmpuint (strlen (step_at (report, 0)->err), <=, 64 * 1024);
  g_assert_true (g_str_has_prefix (step_at (report, 0)->err, "\xef\xbf\xbd"));
}

static void
test_too_much_to_check_is_an_error (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;

  fixture_scenario (topology, "flood");
  fixture_step (topology, "yes >&2")->err.not_contains = g_strdup ("n");
  report = run (topology, NULL);
  assert_step (step_at (report, 0), BS_OUTCOME_ERROR, "stderr is larger than 16 MiB, too much to be checked");
}

static void
test_names_select (void)
{
  const char *const globs[] = { "b*", "a [1]", NULL }, *const none[] = { NULL };
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL, all = NULL;

  for (guint i = 0; i < 4; i++)
    {
      fixture_scenario (topology, ((const char *[]){ "a [1]", "a 1", "cut", "big" })[i]);
      fixture_step (topology, "true");
    }
  report = run (topology, globs);
  g_assert_cmpuint (report->scenarios->len, ==, 3);
  g_assert_cmpstr (scenario_at (report, 0)->name, ==, "a [1]");
  g_assert_cmpstr (scenario_at (report, 1)->name, ==, "a 1");
  g_assert_cmpstr (scenario_at (report, 2)->name, ==, "big");
  all = run (topology, none);
  g_assert_cmpuint (all->scenarios->len, ==, 4);
}

static void
test_unknown_names_are_refused (void)
{
  const char *const names[] = { "cut", "cutt", NULL };
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (GError) unknown = NULL, none = NULL;

  g_assert_null (bs_scenario_run (topology, "shop", NULL, &local_host, NULL, &none));
  g_assert_error (none, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (none->message, ==, "'lab.yaml' has no scenarios");
  fixture_scenario (topology, "cut");
  fixture_scenario (topology, "heal");
  g_assert_null (bs_scenario_run (topology, "shop", names, &local_host, NULL, &unknown));
  g_assert_error (unknown, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (unknown->message, ==, "no scenario of 'lab.yaml' is named 'cutt'");
  g_assert_cmpstr (bs_error_hint (unknown), ==, "scenarios: 'cut', 'heal'");
}

static void
on_event (const char *kind, const char *scenario, const char *step, const char *node, const char *detail,
          gpointer events)
{
  g_string_append_printf (events, "%s %s", kind, scenario);
  if (step != NULL)
    g_string_append_printf (events, "/%s@%s", step, node);
  g_string_append_printf (events, "%s%s\n", detail != NULL ? " " : "", detail != NULL ? detail : "");
}

static void
test_events_tell_begin_and_end (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (GString) events = g_string_new (NULL);
  BsScenarioHost host = { .exec = local_host_exec, .event = on_event, .user_data = events };
  g_autoptr (BsRunReport) report = NULL;

  fixture_scenario (topology, "s");
  fixture_step (topology, "true");
  fixture_step (topology, "false");
  fixture_step (topology, "true");
  report = bs_scenario_run (topology, "shop", NULL, &host, NULL, NULL);
  g_assert_cmpstr (events->str, ==,
                   "scenario-begin s\n"
                   "step-begin s/step 1@here\n"
                   "step-end s/step 1@here passed\n"
                   "step-begin s/step 2@here\n"
                   "step-end s/step 2@here failed: exit code is 1, expected 0\n"
                   "step-end s/step 3@here skipped: an earlier step did not pass\n"
                   "scenario-end s failed\n");
}

/* What a host of wires was asked for: "begin KIND", "end NUMBER". */
typedef struct
{
  GString *log;
  guint64 last;
  const char *refuses; /* (nullable) */
} Wires;

static gboolean
wires_act (const BsTopologyAction *action, const char *what, guint64 *fault, GCancellable *cancellable,
           gpointer user_data, GError **error)
{
  Wires *wires = user_data;

  g_string_append_printf (wires->log, "act %d for %s; ", action->kind, what);
  *fault = ++wires->last;
  if (wires->refuses == NULL)
    return TRUE;
  *fault = 0;
  bs_set_error (error, BS_ERROR_FAILED, NULL, "%s", wires->refuses);
  return FALSE;
}

static gboolean
wires_end (const guint64 *faults, guint n_faults, gpointer user_data, GError **error)
{
  for (guint i = 0; i < n_faults; i++)
    g_string_append_printf (((Wires *) user_data)->log, "end %u; ", (guint) faults[i]);
  return TRUE;
}

static gboolean
wires_exec (const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
            GCancellable *cancellable, gpointer user_data, GError **error)
{
  g_string_append (((Wires *) user_data)->log, "command; ");
  return local_host_exec (node, spec, io, result, cancellable, NULL, error);
}

/* A step that is a fault (@for_usec is not 0) or changes wires. */
static void
add_action (BsTopology *topology, BsActionKind kind, gint64 for_usec)
{
  BsTopologyStep *step = fixture_step (topology, "true");
  BsTopologyAction *action = bs_topology_action_new (step->at);

  action->kind = kind;
  action->for_usec = for_usec;
  step->action = action;
  step->kind = for_usec > 0 ? BS_STEP_FAULT : BS_STEP_NET;
  g_clear_pointer (&step->command, g_strfreev);
  g_clear_pointer (&step->node, g_free);
}

static BsRunReport *
run_wires (BsTopology *topology, Wires *wires)
{
  const BsScenarioHost host = { .exec = wires_exec, .act = wires_act, .end = wires_end, .user_data = wires };
  g_autoptr (GError) error = NULL;
  BsRunReport *report;

  wires->log = g_string_new (NULL);
  report = bs_scenario_run (topology, "shop", NULL, &host, NULL, &error);
  g_assert_no_error (error);
  return report;
}

static void
test_faults_end_with_their_scenario_and_net_lasts (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  Wires wires = { 0 };

  fixture_scenario (topology, "works");
  add_action (topology, BS_ACTION_PARTITION, G_USEC_PER_SEC);
  add_action (topology, BS_ACTION_CONDITIONS, 0);
  fixture_step (topology, "true");
  fixture_scenario (topology, "other");
  fixture_step (topology, "true");
  report = run_wires (topology, &wires);
  g_assert_cmpuint (report->passed, ==, 2);
  g_assert_cmpstr (wires.log->str, ==,
                   "act 2 for scenario 'works', step 'step 1'; act 0 for scenario 'works', step 'step 2'; command; "
                   "end 1; command; ");
  g_string_free (wires.log, TRUE);
}

static void
test_faults_end_when_a_step_fails (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  Wires wires = { 0 };

  fixture_scenario (topology, "breaks");
  add_action (topology, BS_ACTION_DOWN, G_USEC_PER_SEC);
  fixture_step (topology, "false");
  report = run_wires (topology, &wires);
  g_assert_cmpuint (report->failed, ==, 1);
  g_assert_cmpstr (wires.log->str, ==, "act 1 for scenario 'breaks', step 'step 1'; command; end 1; ");
  g_string_free (wires.log, TRUE);
}

static void
test_a_fault_that_is_refused_is_an_error (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (BsRunReport) report = NULL;
  Wires wires = { .refuses = "no more cuts" };

  fixture_scenario (topology, "breaks");
  add_action (topology, BS_ACTION_PARTITION, G_USEC_PER_SEC);
  fixture_step (topology, "true");
  report = run_wires (topology, &wires);
  assert_step (step_at (report, 0), BS_OUTCOME_ERROR, "no more cuts");
  assert_step (step_at (report, 1), BS_OUTCOME_SKIPPED, "an earlier step did not pass");
  g_assert_null (strstr (wires.log->str, "end"));
  g_string_free (wires.log, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenario/passing-step-is-told-in-full", test_passing_step_is_told_in_full);
  g_test_add_func ("/scenario/exit-code", test_exit_code);
  g_test_add_func ("/scenario/a-signal-is-named", test_a_signal_is_named);
  g_test_add_func ("/scenario/all-unmet-expectations-are-told", test_all_unmet_expectations_are_told);
  g_test_add_func ("/scenario/env-and-input-reach-the-command", test_env_and_input_reach_the_command);
  g_test_add_func ("/scenario/step-timeout", test_step_timeout);
  g_test_add_func ("/scenario/scenario-timeout-bounds-its-steps", test_scenario_timeout_bounds_its_steps);
  g_test_add_func ("/scenario/first-failure-skips-the-rest-of-its-scenario",
                   test_first_failure_skips_the_rest_of_its_scenario);
  g_test_add_func ("/scenario/what-cannot-be-run-is-an-error", test_what_cannot_be_run_is_an_error);
  g_test_add_func ("/scenario/a-step-without-command-is-an-error", test_a_step_without_command_is_an_error);
  g_test_add_func ("/scenario/as-written-in-a-file", test_as_written_in_a_file);
  g_test_add_func ("/scenario/outputs-are-kept-to-64-kib", test_outputs_are_kept_to_64_kib);
  g_test_add_func ("/scenario/too-much-to-check-is-an-error", test_too_much_to_check_is_an_error);
  g_test_add_func ("/scenario/names-select", test_names_select);
  g_test_add_func ("/scenario/unknown-names-are-refused", test_unknown_names_are_refused);
  g_test_add_func ("/scenario/events-tell-begin-and-end", test_events_tell_begin_and_end);
  g_test_add_func ("/scenario/faults/end", test_faults_end_with_their_scenario_and_net_lasts);
  g_test_add_func ("/scenario/faults/failed", test_faults_end_when_a_step_fails);
  g_test_add_func ("/scenario/faults/refused", test_a_fault_that_is_refused_is_an_error);
  return g_test_run ();
}
