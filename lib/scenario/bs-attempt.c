/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-attempt.h"
#include "bs-excerpt.h"
#include "bs-expect.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-output.h"
#include "bs-time.h"
#include "bs-watchdog.h"

#include <string.h>
#include <sys/mman.h>

#define LAST_LINE 100

typedef struct
{
  BsOutput out, err;
  const char *overflow; /* (nullable) the channel that became too large to check */
} Capture;

static void
capture_clear (Capture *capture)
{
  bs_output_clear (&capture->out);
  bs_output_clear (&capture->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Capture, capture_clear)

static gboolean
on_output (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  Capture *capture = user_data;
  gboolean is_err = channel == BS_EXEC_STDERR;

  if (bs_output_add (is_err ? &capture->err : &capture->out, data, length))
    return TRUE;
  capture->overflow = is_err ? "stderr" : "stdout";
  bs_set_error (error, BS_ERROR_FAILED, NULL, "%s is too large to be checked", capture->overflow);
  return FALSE;
}

/* A file in memory, so that no writer has to wait for the reader. -1: end of file at once. */
static gboolean
open_input (const char *text, int *fd, GError **error)
{
  *fd = -1;
  if (text == NULL)
    return TRUE;
  *fd = memfd_create ("stdin", MFD_CLOEXEC);
  if (*fd >= 0 && bs_fd_write_all (*fd, text, strlen (text)) && lseek (*fd, 0, SEEK_SET) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot keep the input");
  bs_fd_clear (fd);
  return FALSE;
}

static void
conclude (BsStepReport *report, BsOutcome outcome, char *message)
{
  report->outcome = outcome;
  g_free (report->message);
  report->message = message;
}

static void
check_exit_code (const BsTopologyStep *step, const BsExecResult *result, const char *err, GPtrArray *problems)
{
  g_autofree char *signal = NULL, *last = NULL;

  if (step->any_exit_code || result->exit_code == step->expected_exit_code)
    return;
  if (result->exit_signal != 0)
    signal = g_strdup_printf (" (killed by signal %d)", result->exit_signal);
  last = bs_excerpt_last_line (err, LAST_LINE);
  g_ptr_array_add (problems, g_strdup_printf ("exit code is %d%s, expected %d%s%s", result->exit_code,
                                              signal != NULL ? signal : "", step->expected_exit_code,
                                              last != NULL ? ", stderr ends with " : "", last != NULL ? last : ""));
}

static gboolean
check_channel (const char *channel, const BsTopologyExpect *expect, const BsOutput *output, GPtrArray *problems,
               GError **error)
{
  g_autofree char *text = NULL;

  if (bs_expect_is_empty (expect))
    return TRUE;
  text = bs_output_text (output);
  return bs_expect_check (channel, expect, text, problems, error);
}

/* The command has ended by itself. */
static void
judge (const BsTopologyStep *step, const BsExecResult *result, const Capture *capture, BsStepReport *report)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  report->exit_code = result->exit_code;
  check_exit_code (step, result, report->err, problems);
  if (!check_channel ("stdout", &step->out, &capture->out, problems, &error)
      || !check_channel ("stderr", &step->err, &capture->err, problems, &error))
    {
      conclude (report, BS_OUTCOME_ERROR, g_strdup (error->message));
      return;
    }
  if (problems->len == 0)
    {
      conclude (report, BS_OUTCOME_PASSED, NULL);
      return;
    }
  g_ptr_array_add (problems, NULL);
  conclude (report, BS_OUTCOME_FAILED, g_strjoinv ("; ", (char **) problems->pdata));
}

static void
judge_failure (const BsTopologyStep *step, const BsStepContext *context, const Capture *capture, gboolean hangs,
               const GError *error, BsStepReport *report)
{
  if (capture->overflow != NULL)
    conclude (report, BS_OUTCOME_ERROR,
              g_strdup_printf ("%s is larger than %d MiB, too much to be checked", capture->overflow,
                               BS_OUTPUT_WHOLE_MAX / (1024 * 1024)));
  else if (g_cancellable_is_cancelled (context->cancellable))
    conclude (report, BS_OUTCOME_SKIPPED, g_strdup ("interrupted"));
  else if (hangs)
    conclude (
        report, BS_OUTCOME_ERROR,
        g_strdup_printf ("node '%s' does not answer: the command's time is over and it was not ended", step->node));
  else
    conclude (report, BS_OUTCOME_ERROR, g_strdup (error->message));
}

static BsStepReport *
report_new (const BsTopologyStep *step)
{
  BsStepReport *report = bs_step_skip (step, NULL);

  report->outcome = BS_OUTCOME_ERROR;
  return report;
}

BsStepReport *
bs_attempt_run (const BsTopologyStep *step, const BsStepContext *context, const BsAttemptLimit *limit,
                gboolean *timed_out)
{
  g_autoptr (BsStepReport) report = report_new (step);
  g_autoptr (BsWatchdog) watchdog = NULL;
  g_auto (Capture) capture = { 0 };
  g_autoptr (GError) error = NULL;
  bs_autofd int input = -1;
  BsExecSpec spec = { .argv = (const char *const *) step->command, .env = (const char *const *) step->env };
  BsExecIO io = { .output = on_output, .user_data = &capture, .control_fd = -1 };
  BsExecResult result = { 0 };
  gboolean ended = FALSE;

  bs_output_init (&capture.out, !bs_expect_is_empty (&step->out));
  bs_output_init (&capture.err, !bs_expect_is_empty (&step->err));
  if (limit->until_usec >= 0)
    {
      gint64 left_usec = bs_time_left_usec (limit->until_usec);

      spec.timeout_usec = MAX (left_usec, 1);
    }
  watchdog
      = bs_watchdog_new (context->cancellable, limit->until_usec < 0 ? -1 : limit->until_usec + context->grace_usec);
  if (open_input (step->standard_input, &input, &error))
    {
      io.stdin_fd = input;
      ended = context->host->exec (step->node, &spec, &io, &result, bs_watchdog_cancellable (watchdog),
                                   context->host->user_data, &error);
    }
  g_free (report->out);
  g_free (report->err);
  report->out = bs_output_tail (&capture.out);
  report->err = bs_output_tail (&capture.err);
  *timed_out = ended ? result.timed_out : bs_watchdog_fired (watchdog);
  if (!ended)
    judge_failure (step, context, &capture, bs_watchdog_fired (watchdog), error, report);
  else if (result.timed_out)
    conclude (report, BS_OUTCOME_ERROR, g_strdup (limit->timeout_text));
  else
    judge (step, &result, &capture, report);
  if (ended && report->outcome != BS_OUTCOME_PASSED && g_cancellable_is_cancelled (context->cancellable))
    conclude (report, BS_OUTCOME_SKIPPED, g_strdup ("interrupted"));
  return g_steal_pointer (&report);
}
