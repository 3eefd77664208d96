/* SPDX-License-Identifier: Apache-2.0 */
/* verb-exec.c — run a command in a node, as if it were here */
#include "cli-relay.h"
#include "cli.h"
#include "bs-error.h"
#include "bs-lab-private.h"

#include <string.h>

static char **env;
static char *cwd, *user, *timeout;
static gboolean tty, no_stdin;

static const GOptionEntry options[] = {
  { "tty", 't', 0, G_OPTION_ARG_NONE, &tty, "give the command a terminal", NULL },
  { "no-stdin", 'n', 0, G_OPTION_ARG_NONE, &no_stdin, "the command reads end of file at once", NULL },
  { "env", 'e', 0, G_OPTION_ARG_STRING_ARRAY, &env, "set a variable (may be repeated)", "NAME=VALUE" },
  { "cwd", 'C', 0, G_OPTION_ARG_STRING, &cwd, "run in this folder of the node", "DIR" },
  { "user", 'u', 0, G_OPTION_ARG_STRING, &user, "run as this user of the node (default root)", "USER" },
  { "timeout", 0, 0, G_OPTION_ARG_STRING, &timeout, "end it after this long (exit code 124)", "DURATION" },
  { NULL },
};

static int
run (int argc, char **argv)
{
  g_autofree char *lab_name = NULL, *node = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autoptr (GError) error = NULL;
  gboolean dashes = argc > 2 && strcmp (argv[1], "--") == 0;
  BsExecSpec spec = { .argv = (const char *const *) argv + (dashes ? 2 : 1),
                      .env = (const char *const *) env,
                      .cwd = cwd,
                      .user = user,
                      .tty = tty };
  BsExecIO io;
  BsExecResult result = { 0 };
  gboolean ok = FALSE;

  if (!cli_duration ("--timeout", timeout, &spec.timeout_usec, &error)
      || !cli_split_node (argv[0], &lab_name, &node, &error))
    {
      cli_fail (g_steal_pointer (&error));
      return CLI_EXIT_OURS;
    }
  if (cli_relay_begin (&spec, &io, no_stdin, &error) && (lab = bs_lab_open (lab_name, &error)) != NULL)
    {
      cli_relay_raw (tty);
      ok = bs_lab_exec (lab, node, &spec, &io, &result, NULL, &error);
      cli_relay_cooked ();
    }
  return ok ? result.exit_code : cli_relay_failed (spec.timeout_usec > 0, g_steal_pointer (&error));
}

const CliVerb cli_exec = {
  .name = "exec",
  .arguments = "LAB/NODE COMMAND [ARGUMENT…]",
  .summary = "run a command in a node",
  .description
  = "Runs COMMAND in the node with standard input, output and error connected to here, and returns its exit code "
    "(128 + N when signal N ended it, 124 when --timeout did, 125 when the failure is benchscale's). SIGINT, SIGTERM, "
    "SIGHUP, "
    "SIGQUIT, SIGUSR1 and SIGUSR2 are handed on to it; when the node does not answer, a second SIGINT or SIGTERM ends "
    "exec itself after 2 s, and a third one at once. No shell is between: for one, run *sh -c*.",
  .examples = "benchscale exec hello/alpha ping -c1 beta — does alpha reach beta?\n"
              "benchscale exec -t hello/alpha sh -l — an interactive shell\n"
              "tar c site | benchscale exec hello/alpha tar x -C /srv — feed its standard input\n",
  .options = options,
  .options_first = TRUE,
  .min = 2,
  .max = G_MAXUINT,
  .run = run,
};
