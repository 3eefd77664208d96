/* SPDX-License-Identifier: Apache-2.0 */
/* verb-completion.c — completion for bash, zsh and fish, from the verbs' own tables */
#include "cli.h"
#include "cli-options.h"

#include <stdio.h>
#include <string.h>

static const GOptionEntry options[] = {
  { NULL },
};

/* What the first argument of a verb is. */
static const char *
argument_kind (const CliVerb *verb)
{
  if (g_str_has_prefix (verb->arguments, "LAB/NODE"))
    return "node";
  if (g_str_has_prefix (verb->arguments, "LAB"))
    return "lab";
  if (g_str_has_prefix (verb->arguments, "NAME") || g_str_has_prefix (verb->arguments, "[NAME"))
    return "image";
  return "file";
}

/* The words that may follow "benchscale", or those that may follow a group's name. */
static void
print_words (const CliGroup *group)
{
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    {
      const CliGroup *own = cli_verb_group (cli_verbs[i]);

      if (group != NULL && own == group && !cli_verbs[i]->hidden)
        printf (" %s", cli_verb_word (cli_verbs[i]));
      else if (group == NULL && cli_verb_is_first (i))
        printf (" %s", own != NULL ? own->name : cli_verbs[i]->name);
    }
}

static void
print_bash_verb (const CliVerb *verb)
{
  printf ("    '%s'%s%s)\n      options='--help", verb->name, verb->alias != NULL ? "|" : "",
          verb->alias != NULL ? verb->alias : "");
  for (const GOptionEntry *option = verb->options; option->long_name != NULL; option++)
    printf (" --%s", option->long_name);
  for (const GOptionEntry *option = cli_global_options; option->long_name != NULL; option++)
    printf (" --%s", option->long_name);
  printf ("'\n      kind=%s ;;\n", argument_kind (verb));
}

static void
print_bash_functions (void)
{
  printf (
      "# bash completion of benchscale\n"
      "_benchscale_names() { grep -o '\"name\":\"[^\"]*\"' | cut -d'\"' -f4; }\n"
      "_benchscale_labs() { benchscale list --json 2>/dev/null | _benchscale_names; }\n"
      "_benchscale_images() { benchscale image list --json 2>/dev/null | _benchscale_names | sort -u; }\n"
      "_benchscale_nodes() {\n  local lab=${1%%%%/*}\n  [ \"$lab\" != \"$1\" ] || { _benchscale_labs | sed 's,$,/,'; "
      "return; }\n"
      "  benchscale status \"$lab\" --json 2>/dev/null | grep -o '{\"name\":\"[^\"]*\",\"backend\"' | cut -d'\"' "
      "-f4 | sed \"s,^,$lab/,\"\n}\n");
}

static void
print_bash (void)
{
  print_bash_functions ();
  printf ("_benchscale() {\n  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} options='' kind=file\n"
          "  if [ \"$COMP_CWORD\" = 1 ]; then\n    COMPREPLY=($(compgen -W '--help --version");
  print_words (NULL);
  printf ("' -- \"$word\"))\n    return\n  fi\n  case $verb in\n");
  for (const CliGroup *group = cli_groups; group->name != NULL; group++)
    {
      printf ("    %s)\n      if [ \"$COMP_CWORD\" = 2 ]; then\n        COMPREPLY=($(compgen -W '--help", group->name);
      print_words (group);
      printf ("' -- \"$word\"))\n        return\n      fi\n      verb=\"$verb ${COMP_WORDS[2]}\" ;;\n");
    }
  printf ("  esac\n  case $verb in\n");
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (!cli_verbs[i]->hidden)
      print_bash_verb (cli_verbs[i]);
  printf ("  esac\n  case $word in\n    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
          "    *) case $kind in\n"
          "      lab) COMPREPLY=($(compgen -W \"$(_benchscale_labs)\" -- \"$word\") $(compgen -f -- \"$word\")) ;;\n"
          "      node) COMPREPLY=($(compgen -W \"$(_benchscale_nodes \"$word\")\" -- \"$word\")) ;;\n"
          "      image) COMPREPLY=($(compgen -W \"$(_benchscale_images)\" -- \"$word\")) ;;\n"
          "      *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n    esac ;;\n  esac\n}\n"
          "complete -o filenames -F _benchscale benchscale\n");
}

static void
print_quoted (const char *text)
{
  for (; *text != '\0'; text++)
    if (*text == '\'')
      printf ("'\\''");
    else
      putchar (*text);
}

/* Brackets and colons have a meaning in an option's description of _arguments. */
static void
print_zsh_option (const GOptionEntry *option)
{
  printf (" '%s--%s[",
          option->arg == G_OPTION_ARG_STRING_ARRAY || option->arg == G_OPTION_ARG_FILENAME_ARRAY ? "*" : "",
          option->long_name);
  for (const char *at = option->description; *at != '\0'; at++)
    printf (*at == '[' || *at == ']' || *at == ':' ? "\\%c" : *at == '\'' ? "'\\''" : "%c", *at);
  printf ("]%s'", option->arg == G_OPTION_ARG_NONE ? "" : ":value:_files");
}

static void
print_zsh_word (const char *word, const char *summary)
{
  printf (" '%s:", word);
  print_quoted (summary);
  printf ("'");
}

static void
print_zsh_verb (const CliVerb *verb)
{
  const char *kind = argument_kind (verb);

  printf ("    '%s') _arguments '--help[print a short help]'", verb->name);
  for (const GOptionEntry *option = verb->options; option->long_name != NULL; option++)
    print_zsh_option (option);
  for (const GOptionEntry *option = cli_global_options; option->long_name != NULL; option++)
    print_zsh_option (option);
  printf (" '*:argument:%s' ;;\n", strcmp (kind, "file") == 0    ? "_files"
                                   : strcmp (kind, "image") == 0 ? "_benchscale_images"
                                                                 : "_benchscale_labs");
}

static void
print_zsh_groups (void)
{
  for (const CliGroup *group = cli_groups; group->name != NULL; group++)
    {
      printf ("    %s)\n      verbs=(", group->name);
      for (guint i = 0; cli_verbs[i] != NULL; i++)
        if (cli_verb_group (cli_verbs[i]) == group && !cli_verbs[i]->hidden)
          print_zsh_word (cli_verb_word (cli_verbs[i]), cli_verbs[i]->summary);
      printf (" )\n      if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n"
              "      verb=\"$verb $words[2]\"\n      shift words; (( CURRENT-- )) ;;\n");
    }
}

static void
print_zsh (void)
{
  printf ("#compdef benchscale\n"
          "_benchscale_names() { grep -o '\"name\":\"[^\"]*\"' | cut -d'\"' -f4; }\n"
          "_benchscale_labs() { local -a labs; labs=(${(f)\"$(benchscale list --json 2>/dev/null | "
          "_benchscale_names)\"}); compadd -a labs; }\n"
          "_benchscale_images() { local -a images; images=(${(f)\"$(benchscale image list --json 2>/dev/null | "
          "_benchscale_names)\"}); compadd -a images; }\n"
          "_benchscale() {\n  local -a verbs\n  verbs=(");
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (cli_verb_is_first (i))
      {
        const CliGroup *group = cli_verb_group (cli_verbs[i]);

        print_zsh_word (group != NULL ? group->name : cli_verbs[i]->name,
                        group != NULL ? group->summary : cli_verbs[i]->summary);
      }
  printf (" )\n  if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n  local verb=$words[2]\n  shift words; "
          "(( CURRENT-- ))\n  case $verb in\n");
  print_zsh_groups ();
  printf ("  esac\n  case $verb in\n");
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (!cli_verbs[i]->hidden)
      print_zsh_verb (cli_verbs[i]);
  printf ("  esac\n}\n_benchscale \"$@\"\n");
}

static void
print_fish_word (const char *condition, const char *word, const char *summary)
{
  printf ("complete -c benchscale -n %s -f -a %s -d '", condition, word);
  print_quoted (summary);
  printf ("'\n");
}

static void
print_fish_option (const CliVerb *verb, const GOptionEntry *option)
{
  printf ("complete -c benchscale -n '__benchscale_is %s' -l %s", verb->name, option->long_name);
  if (option->short_name != 0)
    printf (" -s %c", option->short_name);
  printf ("%s -d '", option->arg == G_OPTION_ARG_NONE ? "" : " -r");
  print_quoted (option->description);
  printf ("'\n");
}

static void
print_fish_verb (const CliVerb *verb)
{
  const char *kind = argument_kind (verb);

  printf ("complete -c benchscale -n '__benchscale_is %s' -l help -d 'print a short help'\n", verb->name);
  for (const GOptionEntry *option = verb->options; option->long_name != NULL; option++)
    print_fish_option (verb, option);
  for (const GOptionEntry *option = cli_global_options; option->long_name != NULL; option++)
    print_fish_option (verb, option);
  if (strcmp (kind, "file") != 0)
    printf ("complete -c benchscale -n '__benchscale_is %s' -a '(__benchscale_%s)'\n", verb->name,
            strcmp (kind, "image") == 0 ? "images" : "labs");
}

static void
print_fish_words (void)
{
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    {
      const CliGroup *group = cli_verb_group (cli_verbs[i]);
      g_autofree char *condition = group != NULL ? g_strdup_printf ("'__benchscale_begins %s'", group->name) : NULL;

      if (cli_verb_is_first (i))
        print_fish_word ("__fish_use_subcommand", group != NULL ? group->name : cli_verbs[i]->name,
                         group != NULL ? group->summary : cli_verbs[i]->summary);
      if (group != NULL && !cli_verbs[i]->hidden)
        print_fish_word (condition, cli_verb_word (cli_verbs[i]), cli_verbs[i]->summary);
    }
}

static void
print_fish (void)
{
  printf (
      "# fish completion of benchscale\n"
      "function __benchscale_names; grep -o '\"name\":\"[^\"]*\"' | cut -d'\"' -f4; end\n"
      "function __benchscale_labs; benchscale list --json 2>/dev/null | __benchscale_names; end\n"
      "function __benchscale_images; benchscale image list --json 2>/dev/null | __benchscale_names; end\n"
      "# whether the verb's words are these\n"
      "function __benchscale_is\n  set -l words (commandline -opc)\n  set -l n (math 1 + (count $argv))\n"
      "  test (count $words) -ge $n; and test \"$words[2..$n]\" = \"$argv\"\nend\n"
      "# whether only these were typed so far\n"
      "function __benchscale_begins; __benchscale_is $argv; and test (count (commandline -opc)) -eq (math 1 + (count "
      "$argv)); end\n");
  print_fish_words ();
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (!cli_verbs[i]->hidden)
      print_fish_verb (cli_verbs[i]);
}

static int
run (int argc, char **argv)
{
  static const struct
  {
    const char *shell;
    void (*print) (void);
  } shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };

  for (guint i = 0; i < G_N_ELEMENTS (shells); i++)
    if (strcmp (argv[0], shells[i].shell) == 0)
      {
        shells[i].print ();
        return 0;
      }
  return cli_usage ("completion", "'%s' is none of bash, zsh, fish", argv[0]);
}

const CliVerb cli_completion = {
  .name = "completion",
  .arguments = "bash|zsh|fish",
  .summary = "print the completion script of a shell",
  .description = "What the build installs for each shell.",
  .examples = "source <(benchscale completion bash) — use it in this shell\n",
  .options = options,
  .hidden = TRUE,
  .min = 1,
  .max = 1,
  .run = run,
};
