/* SPDX-License-Identifier: Apache-2.0 */
/* Failpoints: what they do, how they count, and what the program start refuses. */
#include "bs-error.h"
#include "bs-failpoint.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLE "BENCHSCALE_FAILPOINT"

static const char *const names[] = { "start-node.before", "start-node.after", "make-folder.after", NULL };

/* The count of passings is the process's: every case that passes a point runs in a child. */
static int
run_child (const char *variable, void (*body) (void))
{
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      g_setenv (VARIABLE, variable, TRUE);
      body ();
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

static void
expect_error_at_first (void)
{
  g_autoptr (GError) error = NULL;

  if (!bs_failpoint ("start-node.before", NULL) || bs_failpoint ("start-node.after", &error))
    _exit (1);
  if (!g_error_matches (error, BS_ERROR, BS_ERROR_FAILED)
      || strcmp (error->message, "failpoint 'start-node.after'") != 0
      || g_strcmp0 (bs_error_hint (error), "unset BENCHSCALE_FAILPOINT") != 0)
    _exit (2);
  if (!bs_failpoint ("start-node.after", NULL))
    _exit (3);
}

static void
test_error_happens_at_the_first_passing_only (void)
{
  g_assert_cmpint (run_child ("start-node.after:error", expect_error_at_first), ==, 0);
}

static void
expect_error_at_third (void)
{
  for (int i = 1; i <= 4; i++)
    if (bs_failpoint ("start-node.after", NULL) != (i != 3))
      _exit (i);
}

static void
test_n_counts_passings (void)
{
  g_assert_cmpint (run_child ("start-node.after:3:error", expect_error_at_third), ==, 0);
}

static void
pass_once (void)
{
  bs_failpoint ("start-node.after", NULL);
}

static void
test_kill_kills (void)
{
  int status = run_child ("start-node.after:kill", pass_once);

  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
}

static void
expect_two_seconds (void)
{
  gint64 began = g_get_monotonic_time ();

  if (!bs_failpoint ("start-node.after", NULL) || g_get_monotonic_time () - began < 2 * G_USEC_PER_SEC)
    _exit (1);
}

static void
test_delay_waits (void)
{
  g_assert_cmpint (run_child ("start-node.after:delay", expect_two_seconds), ==, 0);
}

static void
expect_nothing (void)
{
  for (int i = 0; i < 3; i++)
    if (!bs_failpoint ("start-node.after", NULL))
      _exit (1);
}

static void
test_other_names_and_malformed_ones_do_nothing (void)
{
  static const char *const cases[] = { "start-node:error",         "start-node.after2:error", "start-node.after:crash",
                                       "start-node.after:0:error", "start-node.after",        "" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (run_child (cases[i], expect_nothing), ==, 0);
}

static void
test_environment_unset_or_right_is_fine (void)
{
  static const char *const cases[]
      = { "", "start-node.after:kill", "make-folder.after:12:error", "start-node.before:1:delay" };
  g_autoptr (GError) error = NULL;

  g_unsetenv (VARIABLE);
  g_assert_true (bs_failpoint_check_environment (names, &error));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_setenv (VARIABLE, cases[i], TRUE);
      bs_failpoint_check_environment (names, &error);
      g_assert_no_error (error);
    }
  g_unsetenv (VARIABLE);
}

static void
test_malformed_environment_is_refused_with_the_form (void)
{
  static const char *const cases[]
      = { "start-node.after",          "start-node.after:crash",   "start-node.after:0:kill",
          "start-node.after:x:kill",   "start-node.after:-1:kill", ":kill",
          "start-node.after:1:2:kill", "start-node.after::kill",   "start-node.after:99999999999:kill",
          "start-node.after:KILL",     "start-node.after:kill " };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strdup_printf ("BENCHSCALE_FAILPOINT is malformed: '%s'", cases[i]);

      g_setenv (VARIABLE, cases[i], TRUE);
      g_assert_false (bs_failpoint_check_environment (names, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, text);
      g_assert_cmpstr (bs_error_hint (error), ==,
                       "write it as NAME[:N]:kill, NAME[:N]:error or NAME[:N]:delay, with N from 1");
    }
  g_unsetenv (VARIABLE);
}

static void
test_unknown_name_is_refused_with_the_nearest (void)
{
  g_autoptr (GError) error = NULL;

  g_setenv (VARIABLE, "start-nod.after:kill", TRUE);
  g_assert_false (bs_failpoint_check_environment (names, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "BENCHSCALE_FAILPOINT names no failpoint: 'start-nod.after'");
  g_assert_cmpstr (bs_error_hint (error), ==, "did you mean 'start-node.after'?");
  g_unsetenv (VARIABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/failpoint/error-at-the-first-passing-only", test_error_happens_at_the_first_passing_only);
  g_test_add_func ("/failpoint/n-counts-passings", test_n_counts_passings);
  g_test_add_func ("/failpoint/kill-kills", test_kill_kills);
  g_test_add_func ("/failpoint/delay-waits", test_delay_waits);
  g_test_add_func ("/failpoint/other-and-malformed-names-do-nothing", test_other_names_and_malformed_ones_do_nothing);
  g_test_add_func ("/failpoint/environment-unset-or-right", test_environment_unset_or_right_is_fine);
  g_test_add_func ("/failpoint/environment-malformed", test_malformed_environment_is_refused_with_the_form);
  g_test_add_func ("/failpoint/environment-of-unknown-name", test_unknown_name_is_refused_with_the_nearest);
  return g_test_run ();
}
