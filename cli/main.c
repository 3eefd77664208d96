/* SPDX-License-Identifier: Apache-2.0 */
/* main.c — benchscale VERB: find the verb, read its options, run it */
#include "cli.h"
#include "cli-options.h"
#include "bs-error.h"
#include "bs-failpoint.h"
#include "bs-fd.h"
#include "bs-image-steps.h"
#include "bs-steps.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

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
  if (!verb->hidden && !cli_options_load_settings (verb))
    return 2;
  return verb->run (n - 1, rest + 1);
}

/* The verb of one or two words that @argv begins with, and how many words it took; (nullable). */
static const CliVerb *
match_verb (int argc, char **argv, int *words)
{
  g_autofree char *both = argc > 1 ? g_strjoin (" ", argv[0], argv[1], NULL) : NULL;
  const CliVerb *verb = both != NULL && cli_find_group (argv[0]) != NULL ? cli_find_verb (both) : NULL;

  *words = verb != NULL ? 2 : 1;
  return verb != NULL ? verb : cli_find_verb (argv[0]);
}

static gboolean
is_help (const char *word)
{
  return strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0 || strcmp (word, "help") == 0;
}

/* `help [VERB]`: what can be said about the words that follow. */
static int
print_help (int argc, char **argv)
{
  int words;
  const CliVerb *verb = argc > 0 ? match_verb (argc, argv, &words) : NULL;
  const CliGroup *group = argc > 0 ? cli_find_group (argv[0]) : NULL;
  g_autofree char *help = verb != NULL ? cli_verb_help (verb) : group != NULL ? cli_group_help (group) : cli_help ();

  fputs (help, stdout);
  return 0;
}

/* A first word that is no verb by itself. */
static int
explain_unknown (int argc, char **argv)
{
  const CliGroup *group = cli_find_group (argv[0]);

  if (group == NULL)
    return cli_usage (NULL, "there is no verb '%s'", argv[0]);
  if (argc > 1 && is_help (argv[1]))
    return print_help (1, argv);
  if (argc > 1)
    return cli_usage (group->name, "there is no verb '%s %s'", argv[0], argv[1]);
  return cli_usage (group->name, "wants a second word");
}

/* Every name that BENCHSCALE_FAILPOINT may have. */
static gboolean
check_failpoints (GError **error)
{
  g_auto (GStrv) steps = bs_steps_failpoints ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (char **step = steps; *step != NULL; step++)
    g_ptr_array_add (names, g_strdup (*step));
  for (const BsImageStep *step = bs_image_steps; step->name != NULL; step++)
    {
      g_ptr_array_add (names, g_strconcat (step->name, ".before", NULL));
      g_ptr_array_add (names, g_strconcat (step->name, ".after", NULL));
    }
  g_ptr_array_add (names, NULL);
  return bs_failpoint_check_environment ((const char *const *) names->pdata, error);
}

static int
dispatch (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const CliVerb *verb;
  int words;

  bs_fd_ensure_standard ();
  if (!cli_options_take_global (&argc, &argv, &error))
    return cli_usage (NULL, "%s", error->message);
  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      printf ("benchscale %s\n", BS_VERSION);
      return 0;
    }
  if (argc < 2)
    {
      g_autofree char *help = cli_help ();

      fputs (help, stderr);
      return 2;
    }
  if (is_help (argv[1]))
    return print_help (argc - 2, argv + 2);
  verb = match_verb (argc - 1, argv + 1, &words);
  if (verb == NULL)
    return explain_unknown (argc - 1, argv + 1);
  if (!check_failpoints (&error))
    return cli_fail (g_steal_pointer (&error));
  return run_verb (verb, argc - 1 - words, argv + 1 + words);
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
