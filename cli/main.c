/* SPDX-License-Identifier: Apache-2.0 */
/* main.c — benchscale VERB: find the verb, read its options, run it */
#include "cli.h"
#include "cli-options.h"
#include "bs-error.h"
#include "bs-failpoint.h"
#include "bs-fd.h"
#include "bs-steps.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* clang-format off: one a line */
const CliVerb *const cli_verbs[] = {
  &cli_init,    &cli_up,       &cli_down,       &cli_list,   &cli_status,     &cli_exec,   &cli_cp,     &cli_logs,
  &cli_console, &cli_test,     &cli_validate,   &cli_config, &cli_graph,      &cli_import, &cli_schema, &cli_fmt,
  &cli_gc,      &cli_backends, &cli_failpoints, &cli_manual, &cli_completion, NULL,
};
/* clang-format on */

const CliVerb *
cli_find_verb (const char *name)
{
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (strcmp (cli_verbs[i]->name, name) == 0 || g_strcmp0 (cli_verbs[i]->alias, name) == 0)
      return cli_verbs[i];
  return NULL;
}

char *
cli_help (void)
{
  GString *text
      = g_string_new ("Usage: benchscale VERB [OPTION…] [ARGUMENT…]\n\n"
                      "Turns a YAML file into a running lab of machines, runs tests in it, takes it away.\n\nVerbs:\n");

  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (!cli_verbs[i]->hidden)
      g_string_append_printf (text, "  %-10s %s\n", cli_verbs[i]->name, cli_verbs[i]->summary);
  g_string_append (text, "\nOptions:\n  -h, --help     print this, or a verb's help after the verb\n"
                         "  --version      print the version\n"
                         "  --config FILE  read settings from this file; see `benchscale config`\n"
                         "  --setting SECTION.KEY=VALUE\n                 change a setting (may be repeated)\n\n"
                         "A node is LAB/NODE. `man benchscale` says more.\n");
  return g_string_free (text, FALSE);
}

char *
cli_verb_help (const CliVerb *verb)
{
  g_autoptr (GOptionContext) context = cli_options_context (verb);
  g_autofree char *program = g_strdup_printf ("benchscale %s", verb->name);

  g_set_prgname (program);
  return g_option_context_get_help (context, TRUE, NULL);
}

static gboolean
wants_help (const CliVerb *verb, int argc, char **argv)
{
  for (int i = 0; i < argc && strcmp (argv[i], "--") != 0; i++)
    {
      if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0)
        return TRUE;
      if (verb->options_first && argv[i][0] != '-')
        return FALSE;
    }
  return FALSE;
}

static int
run_verb (const CliVerb *verb, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char **rest = NULL;
  int n;

  if (wants_help (verb, argc, argv))
    {
      g_autofree char *help = cli_verb_help (verb);

      fputs (help, stdout);
      return 0;
    }
  n = cli_options_parse (verb, argc, argv, &rest, &error);
  if (n < 0)
    return cli_usage (verb->name, "%s", error->message);
  if ((guint) n - 1 < verb->min || (guint) n - 1 > verb->max)
    return cli_usage (verb->name, (guint) n - 1 < verb->min ? "wants %s" : "wants no more than %s",
                      verb->arguments[0] != '\0' ? verb->arguments : "no argument");
  /* What the build runs for itself depends on nobody's settings. */
  if (!verb->hidden && !cli_options_load_settings ())
    return 2;
  return verb->run (n - 1, rest + 1);
}

static int
dispatch (int argc, char **argv)
{
  g_auto (GStrv) failpoints = NULL;
  g_autoptr (GError) error = NULL;
  const CliVerb *verb;

  bs_fd_ensure_standard ();
  if (!cli_options_take_global (&argc, &argv, &error))
    return cli_usage (NULL, "%s", error->message);
  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      printf ("benchscale %s\n", BS_VERSION);
      return 0;
    }
  if (argc < 2 || strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 || strcmp (argv[1], "help") == 0)
    {
      g_autofree char *help
          = argc > 2 && cli_find_verb (argv[2]) != NULL ? cli_verb_help (cli_find_verb (argv[2])) : cli_help ();

      fputs (help, argc < 2 ? stderr : stdout);
      return argc < 2 ? 2 : 0;
    }
  verb = cli_find_verb (argv[1]);
  if (verb == NULL)
    return cli_usage (NULL, "there is no verb '%s'", argv[1]);
  failpoints = bs_steps_failpoints ();
  if (!bs_failpoint_check_environment ((const char *const *) failpoints, &error))
    return cli_fail (g_steal_pointer (&error));
  return run_verb (verb, argc - 2, argv + 2);
}

/* Standard output is written whole, or that is an error: a disk may be full, a reader gone. The latter ends the
 * printing only, so that what was begun is ended as always. */
int
main (int argc, char **argv)
{
  int code;

  signal (SIGPIPE, SIG_IGN);
  code = dispatch (argc, argv);
  errno = 0;
  if (fflush (stdout) == 0 && !ferror (stdout))
    return code;
  if (errno != EPIPE)
    fprintf (stderr, "benchscale: cannot write to standard output%s%s\n", errno != 0 ? ": " : "",
             errno != 0 ? g_strerror (errno) : "");
  return code != 0 ? code : 4;
}
