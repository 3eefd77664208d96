/* SPDX-License-Identifier: Apache-2.0 */
/* test-retry.c — what happens in time: retries, cancellation, nodes that hang */
#include "bs-file.h"
#include "bs-step.h"
#include "bs-time.h"
#include "bs-watchdog.h"
#include "local-host.h"
#include "scenario-fixture.h"

static char *folder;

static BsStepContext
context_of (const BsScenarioHost *host, GCancellable *cancellable)
{
  return (
      BsStepContext){ .host = host, .deadline_usec = -1, .grace_usec = BS_STEP_GRACE_USEC, .cancellable = cancellable };
}

static const BsScenarioHost local_host = { .exec = local_host_exec };

/* A step that appends a byte to the file "count" at each attempt, then runs @script. */
static BsTopologyStep *
counting_step (BsTopology *topology, const char *script)
{
  g_autofree char *path = g_build_filename (folder, "count", NULL);
  g_autofree char *whole = g_strdup_printf ("cd '%s'; printf x >> count; %s", folder, script);

  unlink (path);
  fixture_scenario (topology, "s");
  return fixture_step (topology, whole);
}

static void
assert_step (const BsStepReport *step, BsOutcome outcome, const char *message)
{
  g_assert_cmpstr (step->message, ==, message);
  g_assert_cmpstr (bs_outcome_name (step->outcome), ==, bs_outcome_name (outcome));
}

static void
test_retries_until_it_passes (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "cat count");
  BsStepContext context = context_of (&local_host, NULL);
  g_autoptr (BsStepReport) report = NULL;

  step->out.equals = g_strdup ("xxx");
  step->retry_every_usec = 10 * BS_USEC_PER_MSEC;
  step->retry_for_usec = 60 * BS_USEC_PER_SEC;
  report = bs_step_run (step, &context);
  assert_step (report, BS_OUTCOME_PASSED, NULL);
  g_assert_cmpuint (report->attempts, ==, 3);
  g_assert_cmpstr (report->out, ==, "xxx");
  g_assert_cmpint (report->duration_usec, >=, 20 * BS_USEC_PER_MSEC);
}

static void
test_gives_up_when_the_window_ends (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "exit 3");
  BsStepContext context = context_of (&local_host, NULL);
  g_autoptr (BsStepReport) report = NULL;
  g_autofree char *beginning = NULL;

  step->retry_every_usec = 20 * BS_USEC_PER_MSEC;
  step->retry_for_usec = BS_USEC_PER_SEC;
  report = bs_step_run (step, &context);
  beginning = g_strdup_printf ("exit code is 3, expected 0 (%u attempts in ", report->attempts);
  g_assert_cmpuint (report->attempts, >, 1);
  g_assert_true (g_str_has_prefix (report->message, beginning));
  g_assert_cmpint (report->outcome, ==, BS_OUTCOME_FAILED);
  g_assert_cmpint (report->duration_usec, <, 20 * BS_USEC_PER_SEC);
}

static void
test_does_not_wait_for_an_attempt_that_may_not_begin (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "exit 3");
  BsStepContext context = context_of (&local_host, NULL);
  g_autoptr (BsStepReport) report = NULL;

  step->retry_every_usec = 3600 * BS_USEC_PER_SEC;
  step->retry_for_usec = 3599 * BS_USEC_PER_SEC;
  report = bs_step_run (step, &context);
  assert_step (report, BS_OUTCOME_FAILED, "exit code is 3, expected 0");
  g_assert_cmpuint (report->attempts, ==, 1);
}

static void
test_an_attempt_cut_by_the_window_says_nothing (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "echo no; test $(cat count) = x || sleep 100; exit 3");
  BsStepContext context = context_of (&local_host, NULL);
  g_autoptr (BsStepReport) report = NULL;

  step->retry_every_usec = 10 * BS_USEC_PER_MSEC;
  step->retry_for_usec = 2 * BS_USEC_PER_SEC;
  report = bs_step_run (step, &context);
  g_assert_cmpint (report->outcome, ==, BS_OUTCOME_FAILED);
  g_assert_true (g_str_has_prefix (report->message, "exit code is 3, expected 0 (2 attempts in "));
}

static void
test_a_first_attempt_cut_by_the_window_timed_out (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "sleep 100");
  BsStepContext context = context_of (&local_host, NULL);
  g_autoptr (BsStepReport) report = NULL;

  step->retry_for_usec = 100 * BS_USEC_PER_MSEC;
  report = bs_step_run (step, &context);
  assert_step (report, BS_OUTCOME_ERROR, "timed out, it is retried for 100ms");
}

static void
test_each_attempt_has_the_whole_step_timeout (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "test $(wc -c < count) -ge 3 || sleep 100");
  BsStepContext context = context_of (&local_host, NULL);
  g_autoptr (BsStepReport) report = NULL;

  step->timeout_usec = 300 * BS_USEC_PER_MSEC;
  step->retry_every_usec = 10 * BS_USEC_PER_MSEC;
  step->retry_for_usec = 60 * BS_USEC_PER_SEC;
  report = bs_step_run (step, &context);
  assert_step (report, BS_OUTCOME_PASSED, NULL);
  g_assert_cmpuint (report->attempts, >=, 3);
}

static void
test_the_scenario_ends_retries (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "exit 3");
  BsStepContext context = context_of (&local_host, NULL);
  g_autoptr (BsStepReport) report = NULL;

  context.deadline_usec = bs_time_now_usec () + BS_USEC_PER_SEC;
  step->retry_every_usec = 20 * BS_USEC_PER_MSEC;
  report = bs_step_run (step, &context);
  g_assert_cmpint (report->outcome, ==, BS_OUTCOME_FAILED);
  g_assert_cmpuint (report->attempts, >, 1);
}

/* Cancels after its first command. */
static gboolean
exec_then_cancel (const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                  GCancellable *cancellable, gpointer user_data, GError **error)
{
  gboolean ok = local_host_exec (node, spec, io, result, NULL, NULL, error);

  g_cancellable_cancel (user_data);
  return ok;
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (50 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel_ends_the_wait (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "exit 3");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  BsStepContext context = context_of (&local_host, cancellable);
  g_autoptr (BsStepReport) report = NULL;
  g_autoptr (GThread) thread = NULL;

  step->retry_every_usec = 3600 * BS_USEC_PER_SEC;
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  report = bs_step_run (step, &context);
  g_thread_join (g_steal_pointer (&thread));
  g_assert_cmpint (report->outcome, ==, BS_OUTCOME_SKIPPED);
  g_assert_true (g_str_has_prefix (report->message, "interrupted")); /* in the wait, or before */
  g_assert_cmpint (report->duration_usec, <, 60 * BS_USEC_PER_SEC);
}

static void
test_cancel_ends_the_command (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "echo begun; sleep 1000");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  BsStepContext context = context_of (&local_host, cancellable);
  g_autoptr (BsStepReport) report = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  report = bs_step_run (step, &context);
  g_thread_join (thread);
  assert_step (report, BS_OUTCOME_SKIPPED, "interrupted");
  g_assert_cmpint (report->duration_usec, <, 60 * BS_USEC_PER_SEC);
}

static void
test_cancel_skips_all_that_follows (void)
{
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  BsScenarioHost host = { .exec = exec_then_cancel, .user_data = cancellable };
  g_autoptr (BsRunReport) report = NULL;
  const BsScenarioReport *first, *second;

  fixture_scenario (topology, "first");
  fixture_step (topology, "true");
  fixture_step (topology, "true");
  fixture_scenario (topology, "second");
  fixture_step (topology, "true");
  report = bs_scenario_run (topology, "shop", NULL, &host, cancellable, NULL);
  g_assert_cmpuint (report->passed, ==, 0);
  g_assert_cmpuint (report->failed, ==, 2);
  first = report->scenarios->pdata[0];
  second = report->scenarios->pdata[1];
  assert_step (first->steps->pdata[0], BS_OUTCOME_PASSED, NULL);
  assert_step (first->steps->pdata[1], BS_OUTCOME_SKIPPED, "interrupted");
  assert_step (second->steps->pdata[0], BS_OUTCOME_SKIPPED, "interrupted");
  g_assert_cmpint (first->outcome, ==, BS_OUTCOME_SKIPPED);
  g_assert_cmpint (second->outcome, ==, BS_OUTCOME_SKIPPED);
}

/* A node that hangs: only cancelling ends the call. */
static gboolean
exec_hangs (const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
            GCancellable *cancellable, gpointer user_data, GError **error)
{
  g_assert_false (bs_watchdog_sleep (bs_time_now_usec () + 3600 * BS_USEC_PER_SEC, cancellable));
  bs_set_error (error, BS_ERROR_CANCELLED, NULL, "cancelled");
  return FALSE;
}

static void
test_a_node_that_hangs_is_left (void)
{
  BsScenarioHost host = { .exec = exec_hangs };
  g_autoptr (FixtureTopology) topology = fixture_topology_new ();
  BsTopologyStep *step = counting_step (topology, "true");
  BsStepContext context = context_of (&host, NULL);
  g_autoptr (BsStepReport) report = NULL;

  context.grace_usec = 50 * BS_USEC_PER_MSEC;
  step->timeout_usec = 50 * BS_USEC_PER_MSEC;
  report = bs_step_run (step, &context);
  assert_step (report, BS_OUTCOME_ERROR,
               "node 'here' does not answer: the command's time is over and it was not ended");
  g_assert_cmpint (report->duration_usec, >=, 100 * BS_USEC_PER_MSEC);
}

static void
test_watchdog_is_quiet_in_time (void)
{
  g_autoptr (GCancellable) parent = g_cancellable_new ();
  BsWatchdog *watchdog = bs_watchdog_new (parent, bs_time_now_usec () + 3600 * BS_USEC_PER_SEC);
  g_autoptr (GCancellable) cancellable = g_object_ref (bs_watchdog_cancellable (watchdog));

  g_assert_false (g_cancellable_is_cancelled (cancellable));
  bs_watchdog_free (watchdog);
  g_cancellable_cancel (parent);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("bs-retry-XXXXXX", NULL);
  g_test_add_func ("/retry/until-it-passes", test_retries_until_it_passes);
  g_test_add_func ("/retry/gives-up-when-the-window-ends", test_gives_up_when_the_window_ends);
  g_test_add_func ("/retry/does-not-wait-for-an-attempt-that-may-not-begin",
                   test_does_not_wait_for_an_attempt_that_may_not_begin);
  g_test_add_func ("/retry/an-attempt-cut-by-the-window-says-nothing", test_an_attempt_cut_by_the_window_says_nothing);
  g_test_add_func ("/retry/a-first-attempt-cut-by-the-window-timed-out",
                   test_a_first_attempt_cut_by_the_window_timed_out);
  g_test_add_func ("/retry/each-attempt-has-the-whole-step-timeout", test_each_attempt_has_the_whole_step_timeout);
  g_test_add_func ("/retry/the-scenario-ends-retries", test_the_scenario_ends_retries);
  g_test_add_func ("/cancel/ends-the-wait", test_cancel_ends_the_wait);
  g_test_add_func ("/cancel/ends-the-command", test_cancel_ends_the_command);
  g_test_add_func ("/cancel/skips-all-that-follows", test_cancel_skips_all_that_follows);
  g_test_add_func ("/hang/a-node-that-hangs-is-left", test_a_node_that_hangs_is_left);
  g_test_add_func ("/hang/watchdog-is-quiet-in-time", test_watchdog_is_quiet_in_time);
  result = g_test_run ();
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
  g_free (folder);
  return result;
}
