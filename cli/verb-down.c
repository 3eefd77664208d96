/* SPDX-License-Identifier: Apache-2.0 */
/* verb-down.c — take labs down */
#include "cli.h"
#include "bs-error.h"
#include "bs-registry.h"

#include <stdio.h>

static char *timeout;
static gboolean json, all, graceful, quiet;

static const GOptionEntry options[] = {
  { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "every lab of this state folder", NULL },
  { "graceful", 'g', 0, G_OPTION_ARG_NONE, &graceful, "ask the guests to shut down first", NULL },
  { "timeout", 't', 0, G_OPTION_ARG_STRING, &timeout, "how long guests may take with --graceful (default 1m)",
    "DURATION" },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "no progress", NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print events as JSON lines", NULL },
  { NULL },
};

static int
take_down (const char *lab, BsLabOptions *lab_options)
{
  GError *error = NULL;
  gboolean ok;

  lab_options->event = cli_progress_event;
  lab_options->event_data = cli_progress_new (json, quiet);
  ok = bs_lab_down (lab, lab_options, cli_interruptible (), &error);
  cli_progress_free (lab_options->event_data);
  return ok ? 0 : cli_fail (error);
}

static int
run (int argc, char **argv)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) known = all ? bs_registry_list () : NULL;
  BsLabOptions lab_options = BS_LAB_OPTIONS_INIT;
  GError *error = NULL;
  int code = 0;

  cli_interruptible ();
  lab_options.graceful = graceful;
  if (!cli_duration ("--timeout", timeout, &lab_options.timeout_usec, &error))
    return cli_fail (error);
  if (all && !bs_registry_check (&error))
    return cli_fail (error);
  if (argc == 0 && !all)
    return cli_usage ("down", "wants LAB or --all");
  for (int i = 0; i < argc; i++)
    g_ptr_array_add (names, argv[i]);
  for (guint i = 0; known != NULL && i < known->len; i++)
    g_ptr_array_add (names, g_ptr_array_index (known, i));
  for (guint i = 0; i < names->len; i++)
    {
      int this_code = take_down (g_ptr_array_index (names, i), &lab_options);

      code = MAX (code, this_code);
    }
  return code;
}

const CliVerb cli_down = {
  .name = "down",
  .alias = "destroy",
  .arguments = "LAB…",
  .summary = "take labs down and remove every trace of them",
  .description
  = "Ends the machines of each LAB, its switch and its supervisor, and removes its folder. Works from whatever state a "
    "crash has left, also when the record is damaged or lost: what belongs to a lab bears its tag. Twice is fine.",
  .examples = "benchscale down hello — take the lab *hello* down\n"
              "benchscale down --all — take every lab down\n",
  .options = options,
  .min = 0,
  .max = G_MAXUINT,
  .run = run,
};
