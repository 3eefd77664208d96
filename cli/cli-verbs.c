/* SPDX-License-Identifier: Apache-2.0 */
/* cli-verbs.c — all verbs, and how they are found */
#include "cli.h"

#include <string.h>

/* clang-format off */
const CliVerb *const cli_verbs[] = {
  &cli_init,
  &cli_up,
  &cli_down,
  &cli_list,
  &cli_status,
  &cli_exec,
  &cli_ssh,
  &cli_cp,
  &cli_logs,
  &cli_console,
  &cli_test,
  &cli_image_list,
  &cli_image_pull,
  &cli_image_build,
  &cli_image_import,
  &cli_image_verify,
  &cli_image_prune,
  &cli_net_show,
  &cli_net_set,
  &cli_net_reset,
  &cli_net_partition,
  &cli_net_heal,
  &cli_net_capture,
  &cli_net_record,
  &cli_net_replay,
  &cli_net_verify,
  &cli_validate,
  &cli_fmt,
  &cli_schema,
  &cli_graph,
  &cli_import,
  &cli_config,
  &cli_ssh_config,
  &cli_inventory,
  &cli_gc,
  &cli_backends,
  &cli_failpoints,
  &cli_manual,
  &cli_completion,
  NULL,
};
/* clang-format on */

const CliGroup cli_groups[] = {
  { "image", "list, download, build, import, verify and prune images" },
  { "net", "see and change what the wires of a running lab do" },
  { NULL, NULL },
};

const CliVerb *
cli_find_verb (const char *name)
{
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (strcmp (cli_verbs[i]->name, name) == 0 || g_strcmp0 (cli_verbs[i]->alias, name) == 0)
      return cli_verbs[i];
  return NULL;
}

const CliGroup *
cli_find_group (const char *name)
{
  for (const CliGroup *group = cli_groups; group->name != NULL; group++)
    if (strcmp (group->name, name) == 0)
      return group;
  return NULL;
}

const CliGroup *
cli_verb_group (const CliVerb *verb)
{
  const char *space = strchr (verb->name, ' ');
  g_autofree char *word = space != NULL ? g_strndup (verb->name, (gsize) (space - verb->name)) : NULL;

  return word != NULL ? cli_find_group (word) : NULL;
}

const char *
cli_verb_word (const CliVerb *verb)
{
  const char *space = strrchr (verb->name, ' ');

  return space != NULL ? space + 1 : verb->name;
}

char *
cli_verb_joined (const CliVerb *verb, char with)
{
  return g_strdelimit (g_strdup (verb->name), " ", with);
}

gboolean
cli_verb_is_first (guint index)
{
  const CliGroup *group = cli_verb_group (cli_verbs[index]);

  if (cli_verbs[index]->hidden)
    return FALSE;
  for (guint i = 0; group != NULL && i < index; i++)
    if (!cli_verbs[i]->hidden && cli_verb_group (cli_verbs[i]) == group)
      return FALSE;
  return TRUE;
}

char *
cli_help (void)
{
  GString *text
      = g_string_new ("Usage: benchscale VERB [OPTION…] [ARGUMENT…]\n\n"
                      "Turns a YAML file into a running lab of machines, runs tests in it, takes it away.\n\nVerbs:\n");

  for (guint i = 0; cli_verbs[i] != NULL; i++)
    {
      const CliGroup *group = cli_verb_group (cli_verbs[i]);

      if (cli_verb_is_first (i))
        g_string_append_printf (text, "  %-10s %s\n", group != NULL ? group->name : cli_verbs[i]->name,
                                group != NULL ? group->summary : cli_verbs[i]->summary);
    }
  g_string_append (text, "\nOptions:\n  -h, --help     print this, or a verb's help after the verb\n"
                         "  --version      print the version\n"
                         "  --config FILE  read settings from this file; see `benchscale config`\n"
                         "  --setting SECTION.KEY=VALUE\n                 change a setting (may be repeated)\n\n"
                         "A node is LAB/NODE. `man benchscale` says more.\n");
  return g_string_free (text, FALSE);
}

char *
cli_group_help (const CliGroup *group)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Usage: benchscale %s VERB [OPTION…] [ARGUMENT…]\n\nVerbs:\n", group->name);
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (cli_verb_group (cli_verbs[i]) == group && !cli_verbs[i]->hidden)
      g_string_append_printf (text, "  %-10s %s\n", cli_verb_word (cli_verbs[i]), cli_verbs[i]->summary);
  g_string_append_printf (text, "\n`benchscale %s VERB --help` says more.\n", group->name);
  return g_string_free (text, FALSE);
}
