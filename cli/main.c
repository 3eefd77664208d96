/* SPDX-License-Identifier: Apache-2.0 */
/* main.c — benchscale VERB: find the verb, read its options, run it */
#include "cli.h"
#include "bs-error.h"
#include "bs-failpoint.h"
#include "bs-fd.h"
#include "bs-steps.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

const CliVerb *const cli_verbs[] = {
  &cli_up,   &cli_down,     &cli_list,       &cli_status,     &cli_exec,       &cli_cp,
  &cli_logs, &cli_console,  &cli_ssh,        &cli_ssh_config, &cli_inventory,  &cli_test,
  &cli_gc,   &cli_backends, &cli_failpoints, &cli_manual,     &cli_completion, NULL,
};

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
                         "  --version      print the version\n\n"
                         "A node is LAB/NODE. `man benchscale` says more.\n");
  return g_string_free (text, FALSE);
}

static GOptionContext *
make_context (const CliVerb *verb)
{
  g_autofree char *usage = g_strdup_printf ("%s %s", verb->name, verb->arguments);
  GOptionContext *context = g_option_context_new (verb->arguments);

  g_option_context_set_summary (context, verb->summary);
  if (verb->options != NULL)
    g_option_context_add_main_entries (context, verb->options, NULL);
  g_option_context_set_strict_posix (context, verb->options_first);
  return context;
}

char *
cli_verb_help (const CliVerb *verb)
{
  g_autoptr (GOptionContext) context = make_context (verb);
  g_autofree char *program = g_strdup_printf ("benchscale %s", verb->name);

  g_set_prgname (program);
  return g_option_context_get_help (context, TRUE, NULL);
}

/* Every option of a verb can be given as BENCHSCALE_VERB_OPTION too; what the command line says comes later and wins.
 */
static void
add_environment (const CliVerb *verb, GPtrArray *args)
{
  for (const GOptionEntry *option = verb->options; option != NULL && option->long_name != NULL; option++)
    {
      g_autofree char *raw = g_strdup_printf ("BENCHSCALE_%s_%s", verb->name, option->long_name);
      g_autofree char *name = g_strdelimit (g_ascii_strup (raw, -1), "-", '_');
      const char *value = g_getenv (name);

      if (value == NULL || (option->arg == G_OPTION_ARG_NONE && (value[0] == '\0' || strcmp (value, "0") == 0)))
        continue;
      if (option->arg == G_OPTION_ARG_NONE)
        g_ptr_array_add (args, g_strdup_printf ("--%s", option->long_name));
      else
        g_ptr_array_add (args, g_strdup_printf ("--%s=%s", option->long_name, value));
    }
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
  g_autoptr (GOptionContext) context = make_context (verb);
  g_autoptr (GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  char **rest;
  int n;

  if (wants_help (verb, argc, argv))
    {
      g_autofree char *help = cli_verb_help (verb);

      fputs (help, stdout);
      return 0;
    }
  g_ptr_array_add (args, g_strdup ("benchscale"));
  add_environment (verb, args);
  for (int i = 0; i < argc; i++)
    g_ptr_array_add (args, g_strdup (argv[i]));
  g_ptr_array_add (args, NULL);
  g_option_context_set_help_enabled (context, FALSE);
  /* The parser moves the pointers about: give it an array of its own. */
  rest = g_memdup2 (args->pdata, args->len * sizeof (gpointer));
  n = (int) args->len - 1;
  if (!g_option_context_parse (context, &n, &rest, &error))
    {
      g_free (rest);
      return cli_usage (verb->name, "%s", error->message);
    }
  if (n > 1 && strcmp (rest[1], "--") == 0)
    {
      memmove (&rest[1], &rest[2], (gsize) (n - 1) * sizeof (char *));
      n--;
    }
  if ((guint) n - 1 < verb->min || (guint) n - 1 > verb->max)
    n = cli_usage (verb->name, (guint) n - 1 < verb->min ? "wants %s" : "wants no more than %s",
                   verb->arguments[0] != '\0' ? verb->arguments : "no argument");
  else
    n = verb->run (n - 1, rest + 1);
  g_free (rest);
  return n;
}

static int
dispatch (int argc, char **argv)
{
  g_auto (GStrv) failpoints = NULL;
  g_autoptr (GError) error = NULL;
  const CliVerb *verb;

  bs_fd_ensure_standard ();
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
