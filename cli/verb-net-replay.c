/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-replay.c — wires that decide as a log says */
#include "cli-net.h"
#include "bs-error.h"
#include "bs-lab-capture.h"

#include <stdio.h>

static gboolean stop, quiet;

static const GOptionEntry options[] = {
  { "stop", 0, 0, G_OPTION_ARG_NONE, &stop, "decide by the seed again", NULL },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print errors only", NULL },
  { NULL },
};

static int
run (int argc, char **argv)
{
  g_autoptr (BsDecisionLog) log = NULL;
  g_autoptr (BsLab) lab = NULL;
  GError *error = NULL;
  gboolean ok;

  if (argc != (stop ? 1 : 2))
    return cli_usage ("net replay", stop ? "--stop takes no log" : "needs a log, or --stop");
  cli_interruptible ();
  if ((!stop && (log = bs_decision_log_read (argv[1], &error)) == NULL)
      || (lab = bs_lab_open (argv[0], &error)) == NULL)
    return cli_fail (error);
  ok = stop ? bs_lab_replay_stop (lab, cli_interruptible (), &error)
            : bs_lab_replay (lab, log, cli_interruptible (), &error);
  if (!ok)
    return cli_fail (error);
  if (!stop && !quiet)
    fprintf (stderr, "following %u decisions, until `benchscale net replay %s --stop`\n", log->decisions->len, argv[0]);
  return 0;
}

const CliVerb cli_net_replay = {
  .name = "net replay",
  .arguments = "LAB [FILE]",
  .summary = "let the wires decide as a log says",
  .description
  = "From now on, what happens to a packet is what the log of *benchscale net record* says of the packet in its place: "
    "of the same sending and receiving interface, protocol and lower port, and as far in its flow. What the log does "
    "not know the seed decides. Delays and rates are those of the lab; places in flows go on from what has passed "
    "already, so begin at the same point as the recording did. The log stays when the lab's processes die; *--stop* "
    "ends it. A log that is damaged is refused, and nothing is changed.",
  .examples = "benchscale net replay shop failed.log — fail again, now every time\n"
              "benchscale net replay shop --stop — as before\n",
  .options = options,
  .min = 1,
  .max = 2,
  .run = run,
};
