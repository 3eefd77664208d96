/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-reset.c — let wires do again what the topology says */
#include "cli-net.h"

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (BsLab) lab = bs_lab_open (argv[0], &error);

  if (lab == NULL || !bs_lab_net_reset (lab, argc > 1 ? argv[1] : NULL, NULL, &error))
    return cli_fail (error);
  return 0;
}

static const GOptionEntry options[] = { { NULL } };

const CliVerb cli_net_reset = {
  .name = "net reset",
  .arguments = "LAB [TARGET]",
  .summary = "let wires do again what the topology says",
  .description = "Ends all changes of conditions, or those of TARGET, which is as in `net set`. Partitions stay: `net "
                 "heal` ends them.",
  .examples = "benchscale net reset shop — all of them\n"
              "benchscale net reset shop web — what web sends and receives\n",
  .options = options,
  .min = 1,
  .max = 2,
  .run = run,
};
