/* SPDX-License-Identifier: Apache-2.0 */
/* verb-manual.c — the manual pages, in scdoc's language, from the verbs' own tables */
#include "cli.h"
#include "cli-options.h"
#include "bs-error.h"

#include <stdio.h>
#include <string.h>

static const GOptionEntry options[] = {
  { NULL },
};

/* scdoc gives these a meaning: the text has none. */
static char *
escape (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at++)
    {
      /* Terminals of the POSIX locale have no such character. */
      if (g_str_has_prefix (at, "…"))
        {
          g_string_append (out, "...");
          at += strlen ("…") - 1;
          continue;
        }
      if (strchr ("\\_`<[#~*", *at) != NULL)
        g_string_append_c (out, '\\');
      g_string_append_c (out, *at);
    }
  return g_string_free (out, FALSE);
}

static void
print_escaped (const char *text)
{
  g_autofree char *escaped = escape (text);

  fputs (escaped, stdout);
}

static void
print_option (const GOptionEntry *option)
{
  printf ("*");
  if (option->short_name != 0)
    printf ("-%c*, *", option->short_name);
  printf ("--%s*", option->long_name);
  if (option->arg_description != NULL)
    {
      printf (" ");
      print_escaped (option->arg_description);
    }
  printf ("\n\t");
  print_escaped (option->description);
  printf (".\n\n");
}

static void
print_examples (const char *examples)
{
  g_auto (GStrv) lines = g_strsplit (examples, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) halves = g_strsplit (*line, " — ", 2);

      if (halves[0] == NULL || halves[1] == NULL)
        continue;
      printf ("*");
      print_escaped (halves[0]);
      printf ("*\n\t%s\n\n", halves[1]);
    }
}

static void
print_codes (void)
{
  printf ("# EXIT STATUS\n\n"
          "0 done; 1 a test or check failed; 2 the input is wrong; 3 the host lacks something; 4 an operation failed; "
          "5 timed out; 130 interrupted, and everything begun was undone or recorded.\n\n");
}

static void
print_verb (const CliVerb *verb)
{
  g_autofree char *page = cli_verb_joined (verb, '-'), *joined = cli_verb_joined (verb, '_');
  g_autofree char *upper = g_ascii_strup (joined, -1), *variable = escape (upper);

  printf ("benchscale-%s(1)\n\n# NAME\n\nbenchscale-%s - %s\n\n# SYNOPSIS\n\n", page, page, verb->summary);
  printf ("*benchscale %s* [OPTION...] ", verb->name);
  print_escaped (verb->arguments);
  printf ("\n\n# DESCRIPTION\n\n%s\n\n# OPTIONS\n\n", verb->description);
  for (const GOptionEntry *option = verb->options; option->long_name != NULL; option++)
    print_option (option);
  for (const GOptionEntry *option = cli_global_options; option->long_name != NULL; option++)
    print_option (option);
  printf ("*-h*, *--help*\n\tprint a short help.\n\n");
  printf ("Each option can also be given in the environment: *--option* as BENCHSCALE\\_%s\\_OPTION.\n\n", variable);
  printf ("# EXAMPLES\n\n");
  print_examples (verb->examples);
  print_codes ();
  printf ("# SEE ALSO\n\n*benchscale*(1)\n");
}

static void
print_reference (const CliVerb *verb)
{
  g_autofree char *page = cli_verb_joined (verb, '-');

  if (!verb->hidden)
    printf ("*benchscale-%s*(1)\n\t%s.\n\n", page, verb->summary);
}

static void
print_group (const CliGroup *group)
{
  printf ("benchscale-%s(1)\n\n# NAME\n\nbenchscale-%s - %s\n\n# SYNOPSIS\n\n*benchscale %s* VERB [OPTION...] "
          "[ARGUMENT...]\n\n# VERBS\n\n",
          group->name, group->name, group->summary, group->name);
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (cli_verb_group (cli_verbs[i]) == group)
      print_reference (cli_verbs[i]);
  printf ("# SEE ALSO\n\n*benchscale*(1)\n");
}

static void
print_program (void)
{
  printf ("benchscale(1)\n\n# NAME\n\nbenchscale - labs of real machines from one YAML file\n\n# SYNOPSIS\n\n"
          "*benchscale* VERB [OPTION...] [ARGUMENT...]\n\n# DESCRIPTION\n\n"
          "Turns one YAML file into a running lab of machines whose wires behave as the file says, runs tests in it, "
          "and takes it away "
          "without a trace. A node is named LAB/NODE.\n\n# VERBS\n\n");
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    print_reference (cli_verbs[i]);
  printf ("# OPTIONS\n\n*-h*, *--help*\n\tprint a short help; after a verb, that verb's.\n\n*--version*\n\tprint the "
          "version.\n\n*--config* FILE\n\tread settings from this file.\n\n"
          "*--setting* SECTION.KEY=VALUE\n\tchange a setting (may be repeated).\n\n"
          "# ENVIRONMENT\n\n"
          "*BENCHSCALE\\_STATE\\_DIR*\n\twhere labs are recorded (/var/lib/benchscale for root, the XDG state folder "
          "for others).\n\n"
          "*BENCHSCALE\\_CACHE\\_DIR*\n\twhere images are kept (/var/cache/benchscale for root, the XDG cache folder "
          "for others).\n\n"
          "*BENCHSCALE\\_CONFIG*\n\tthe configuration file; empty: none.\n\n"
          "*BENCHSCALE\\_SECTION\\_KEY*\n\tany setting; *benchscale-config*(1) lists them.\n\n"
          "*NO\\_COLOR*\n\tno colours.\n\n");
  print_codes ();
}

static int
run (int argc, char **argv)
{
  g_autofree char *name = g_strjoinv (" ", argv);
  const CliVerb *verb = argc > 0 ? cli_find_verb (name) : NULL;
  const CliGroup *group = argc > 0 ? cli_find_group (name) : NULL;

  if (argc > 0 && verb == NULL && group == NULL)
    return cli_usage ("manual", "there is no verb '%s'", name);
  if (verb != NULL)
    print_verb (verb);
  else if (group != NULL)
    print_group (group);
  else
    print_program ();
  return 0;
}

const CliVerb cli_manual = {
  .name = "manual",
  .arguments = "[VERB]",
  .summary = "print a manual page for scdoc",
  .description = "What the build makes the manual pages of.",
  .examples = "benchscale manual up | scdoc | man -l - — read one\n",
  .options = options,
  .hidden = TRUE,
  .max = 2,
  .run = run,
};
