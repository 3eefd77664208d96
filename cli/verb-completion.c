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
  return "file";
}

static void
print_bash_verb (const CliVerb *verb)
{
  printf ("    %s%s%s)\n      options='--help", verb->name, verb->alias != NULL ? "|" : "",
          verb->alias != NULL ? verb->alias : "");
  for (const GOptionEntry *option = verb->options; option->long_name != NULL; option++)
    printf (" --%s", option->long_name);
  for (const GOptionEntry *option = cli_global_options; option->long_name != NULL; option++)
    printf (" --%s", option->long_name);
  printf ("'\n      kind=%s ;;\n", argument_kind (verb));
}

static void
print_bash (void)
{
  printf (
      "# bash completion of benchscale\n"
      "_benchscale_labs() { benchscale list --json 2>/dev/null | grep -o '\"name\":\"[^\"]*\"' | cut -d'\"' -f4; }\n"
      "_benchscale_nodes() {\n  local lab=${1%%%%/*}\n  [ \"$lab\" != \"$1\" ] || { _benchscale_labs | sed 's,$,/,'; "
      "return; }\n"
      "  benchscale status \"$lab\" --json 2>/dev/null | grep -o '{\"name\":\"[^\"]*\",\"backend\"' | cut -d'\"' -f4 | "
      "sed \"s,^,$lab/,\"\n}\n"
      "_benchscale() {\n  local word=${COMP_WORDS[COMP_CWORD]} options='' kind=file\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then\n    COMPREPLY=($(compgen -W '--help --version");
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (!cli_verbs[i]->hidden)
      printf (" %s", cli_verbs[i]->name);
  printf ("' -- \"$word\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n");
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (!cli_verbs[i]->hidden)
      print_bash_verb (cli_verbs[i]);
  printf ("  esac\n  case $word in\n    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
          "    *) case $kind in\n"
          "      lab) COMPREPLY=($(compgen -W \"$(_benchscale_labs)\" -- \"$word\") $(compgen -f -- \"$word\")) ;;\n"
          "      node) COMPREPLY=($(compgen -W \"$(_benchscale_nodes \"$word\")\" -- \"$word\")) ;;\n"
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
print_zsh (void)
{
  printf ("#compdef benchscale\n"
          "_benchscale_labs() { local -a labs; labs=(${(f)\"$(benchscale list --json 2>/dev/null | grep -o "
          "'\"name\":\"[^\"]*\"' | cut -d'\"' -f4)\"}); "
          "compadd -a labs; }\n"
          "_benchscale() {\n  local -a verbs\n  verbs=(");
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    if (!cli_verbs[i]->hidden)
      {
        printf (" '%s:", cli_verbs[i]->name);
        print_quoted (cli_verbs[i]->summary);
        printf ("'");
      }
  printf (" )\n  if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n  local verb=$words[2]\n  shift words; "
          "(( CURRENT-- ))\n"
          "  case $verb in\n");
  for (guint i = 0; cli_verbs[i] != NULL; i++)
    {
      if (cli_verbs[i]->hidden)
        continue;
      printf ("    %s) _arguments '--help[print a short help]'", cli_verbs[i]->name);
      for (const GOptionEntry *option = cli_verbs[i]->options; option->long_name != NULL; option++)
        print_zsh_option (option);
      for (const GOptionEntry *option = cli_global_options; option->long_name != NULL; option++)
        print_zsh_option (option);
      printf (" '*:argument:%s' ;;\n",
              strcmp (argument_kind (cli_verbs[i]), "file") == 0 ? "_files" : "_benchscale_labs");
    }
  printf ("  esac\n}\n_benchscale \"$@\"\n");
}

static void
print_fish_option (const CliVerb *verb, const GOptionEntry *option)
{
  printf ("complete -c benchscale -n '__fish_seen_subcommand_from %s' -l %s", verb->name, option->long_name);
  if (option->short_name != 0)
    printf (" -s %c", option->short_name);
  printf ("%s -d '", option->arg == G_OPTION_ARG_NONE ? "" : " -r");
  print_quoted (option->description);
  printf ("'\n");
}

static void
print_fish_verb (const CliVerb *verb)
{
  printf ("complete -c benchscale -n __fish_use_subcommand -f -a %s -d '", verb->name);
  print_quoted (verb->summary);
  printf ("'\n");
  printf ("complete -c benchscale -n '__fish_seen_subcommand_from %s' -l help -d 'print a short help'\n", verb->name);
  for (const GOptionEntry *option = verb->options; option->long_name != NULL; option++)
    print_fish_option (verb, option);
  for (const GOptionEntry *option = cli_global_options; option->long_name != NULL; option++)
    print_fish_option (verb, option);
  if (strcmp (argument_kind (verb), "file") != 0)
    printf ("complete -c benchscale -n '__fish_seen_subcommand_from %s' -a '(__benchscale_labs)'\n", verb->name);
}

static void
print_fish (void)
{
  printf ("# fish completion of benchscale\n"
          "function __benchscale_labs; benchscale list --json 2>/dev/null | grep -o '\"name\":\"[^\"]*\"' | cut -d'\"' "
          "-f4; end\n");
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
