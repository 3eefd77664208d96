/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-record.c — what wires decide, packet by packet, as a log to replay */
#include "cli-net.h"
#include "bs-error.h"
#include "bs-lab-capture.h"
#include "bs-time.h"

#include <poll.h>
#include <stdio.h>

#define LOOK_MSEC 50

static char *file, *duration;
static gboolean quiet;

static const GOptionEntry options[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &file, "the log to write", "FILE" },
  { "for", 'f', 0, G_OPTION_ARG_STRING, &duration, "end after this long", "DURATION" },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print errors only", NULL },
  { NULL },
};

static gboolean
keep (const BsSwitchSample *sample, const guint8 *payload, gpointer log, GError **error)
{
  BsSwitchDecision decision;

  if (bs_sample_decision (sample, payload, &decision))
    bs_decision_log_add (log, &decision);
  return TRUE;
}

/* Returns: FALSE when interrupted */
static gboolean
wait_a_little (void)
{
  GPollFD cancelled = { 0 };
  struct pollfd item = { .events = POLLIN };

  g_cancellable_make_pollfd (cli_interruptible (), &cancelled);
  item.fd = cancelled.fd;
  return poll (&item, 1, LOOK_MSEC) == 0;
}

static gboolean
record (BsDecisionLog *log, BsLabCapture *capture, gint64 end_usec, GError **error)
{
  gboolean more = TRUE;

  while (more)
    {
      more = wait_a_little () && (end_usec < 0 || bs_time_now_usec () < end_usec);
      if (!bs_lab_capture_take (capture, keep, log, error))
        return FALSE;
      if (bs_lab_capture_is_alive (capture))
        continue;
      bs_set_error (error, BS_ERROR_DIED, "record it again", "the lab's supervisor has ended, and the recording");
      return FALSE;
    }
  return TRUE;
}

static int
run (int argc, char **argv)
{
  const BsLabCaptureSpec spec = { .decisions = TRUE };
  g_autoptr (BsDecisionLog) log = bs_decision_log_new ();
  g_autoptr (BsLabCapture) capture = NULL;
  g_autoptr (BsLab) lab = NULL;
  GError *error = NULL;
  gint64 for_usec;

  if (file == NULL)
    return cli_usage ("net record", "needs -o FILE");
  cli_interruptible ();
  if (!cli_duration ("--for", duration, &for_usec, &error) || (lab = bs_lab_open (argv[0], &error)) == NULL
      || (capture = bs_lab_capture_new (lab, &spec, cli_interruptible (), &error)) == NULL)
    return cli_fail (error);
  if (!quiet)
    fprintf (stderr, "recording; %s\n", for_usec > 0 ? "Ctrl-C ends it earlier" : "Ctrl-C ends it");
  if (!record (log, capture, for_usec > 0 ? bs_time_now_usec () + for_usec : -1, &error))
    return cli_fail (error);
  if (bs_lab_capture_overruns (capture) > 0)
    {
      bs_set_error (&error, BS_ERROR_EXHAUSTED, "let less traffic pass, or record for a shorter time",
                    "decisions came faster than they could be kept: the log would be incomplete");
      return cli_fail (error);
    }
  if (!bs_decision_log_write (log, file, &error))
    return cli_fail (error);
  if (!quiet)
    fprintf (stderr, "%u decisions, %" G_GUINT64_FORMAT " left out\n", log->decisions->len, log->lost);
  return 0;
}

const CliVerb cli_net_record = {
  .name = "net record",
  .arguments = "LAB -o FILE",
  .summary = "log what the wires decide of each packet",
  .description
  = "Until interrupted, or as --for says, keeps what the wires decide of each packet: lost, duplicated, reordered, "
    "changed, how much later. *benchscale net replay* makes the wires of a lab follow it: packets of the same "
    "interfaces, protocol and lower port, in the same order, meet the same fate, whatever the seed is. The file is "
    "written at the end, whole or not at all.",
  .examples = "benchscale net record shop -o failed.log — then run the test that fails now and then\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
