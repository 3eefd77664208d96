/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-heal.c — end all partitions */
#include "cli-net.h"

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (BsLab) lab = bs_lab_open (argv[0], &error);

  if (lab == NULL || !bs_lab_net_heal (lab, NULL, &error))
    return cli_fail (error);
  return 0;
}

static const GOptionEntry options[] = { { NULL } };

const CliVerb cli_net_heal = {
  .name = "net heal",
  .arguments = "LAB",
  .summary = "end all partitions",
  .description = "All groups reach each other again. Conditions stay: `net reset` ends their changes.",
  .examples = "benchscale net heal shop — connected again\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
