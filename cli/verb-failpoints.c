/* SPDX-License-Identifier: Apache-2.0 */
/* verb-failpoints.c — where BENCHSCALE_FAILPOINT can make the program die, for its own tests */
#include "cli.h"
#include "bs-image-steps.h"
#include "bs-steps.h"

#include <stdio.h>

static const GOptionEntry options[] = {
  { NULL },
};

static int
run (int argc, char **argv)
{
  for (const BsStep *step = bs_steps; step->name != NULL; step++)
    printf ("%s %s.before\n%s %s.after\n", step->verb, step->name, step->verb, step->name);
  for (const BsImageStep *step = bs_image_steps; step->name != NULL; step++)
    printf ("%s %s.before\n%s %s.after\n", step->verb, step->name, step->verb, step->name);
  return 0;
}

const CliVerb cli_failpoints = {
  .name = "failpoints",
  .arguments = "",
  .summary = "list the places where a test can make benchscale die",
  .description
  = "One line each: the verb that passes it, and its name for BENCHSCALE_FAILPOINT=name[:n]:kill|error|delay.",
  .examples = "BENCHSCALE_FAILPOINT=start-node.after:2:kill benchscale up — die after the second machine was started\n",
  .options = options,
  .hidden = TRUE,
  .run = run,
};
