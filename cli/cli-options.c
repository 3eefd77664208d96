/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-options.h"

#include "bs-settings.h"
#include "cli-diagnostics.h"

#include <stdio.h>
#include <string.h>

static char *config;
static char **given_settings;
static GPtrArray *settings; /* of given_settings, before and after the verb */

const GOptionEntry cli_global_options[] = {
  { "config", 0, 0, G_OPTION_ARG_FILENAME, &config, "read settings from this file; see `benchscale config`", "FILE" },
  { "setting", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given_settings, "change a setting (may be repeated)",
    "SECTION.KEY=VALUE" },
  { NULL },
};

/* Options whose value came from the environment: what is wrong with it is told of the variable. */
typedef struct
{
  char *option, *variable;
  gconstpointer *place;
  gconstpointer value;
} FromEnvironment;

static GArray *from_environment;

GOptionContext *
cli_options_context (const CliVerb *verb)
{
  GOptionContext *context = g_option_context_new (verb->arguments);

  g_option_context_set_summary (context, verb->summary);
  if (verb->options != NULL)
    g_option_context_add_main_entries (context, verb->options, NULL);
  g_option_context_add_main_entries (context, cli_global_options, NULL);
  g_option_context_set_strict_posix (context, verb->options_first);
  return context;
}

static void
keep_settings (void)
{
  if (settings == NULL)
    settings = g_ptr_array_new_with_free_func (g_free);
  for (char **setting = given_settings; setting != NULL && *setting != NULL; setting++)
    g_ptr_array_add (settings, g_strdup (*setting));
  g_clear_pointer (&given_settings, g_strfreev);
}

gboolean
cli_options_take_global (int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, cli_global_options, NULL);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_set_strict_posix (context, TRUE);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  keep_settings ();
  return TRUE;
}

/* Parses one option as the command line would. */
static gboolean
parse_one (const CliVerb *verb, const char *argument, GError **error)
{
  g_autoptr (GOptionContext) context = cli_options_context (verb);
  g_autofree char *copy = g_strdup (argument);
  char *argv[] = { (char *) "benchscale", copy, NULL }, **rest = argv;
  int argc = 2;

  g_option_context_set_help_enabled (context, FALSE);
  return g_option_context_parse (context, &argc, &rest, error);
}

static gboolean
take_flag (const CliVerb *verb, const GOptionEntry *option, const char *variable, const char *value, GError **error)
{
  g_autofree char *argument = g_strdup_printf ("--%s", option->long_name);

  if (strcmp (value, "true") == 0 || strcmp (value, "1") == 0)
    return parse_one (verb, argument, error);
  if (strcmp (value, "false") == 0 || strcmp (value, "0") == 0)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s must be true or false, not '%s'", variable, value);
  return FALSE;
}

static gboolean
take_value (const CliVerb *verb, const GOptionEntry *option, const char *variable, const char *value, GError **error)
{
  g_autofree char *argument = g_strdup_printf ("--%s=%s", option->long_name, value);
  FromEnvironment from = { g_strdup_printf ("--%s", option->long_name), g_strdup (variable), option->arg_data, NULL };

  if (!parse_one (verb, argument, error))
    {
      g_prefix_error (error, "%s: ", variable);
      return FALSE;
    }
  from.value = *from.place;
  g_array_append_val (from_environment, from);
  return TRUE;
}

static gboolean
take_environment (const CliVerb *verb, GError **error)
{
  from_environment = g_array_new (FALSE, FALSE, sizeof (FromEnvironment));
  for (const GOptionEntry *option = verb->options; option != NULL && option->long_name != NULL; option++)
    {
      g_autofree char *raw = g_strdup_printf ("BENCHSCALE_%s_%s", verb->name, option->long_name);
      g_autofree char *name = g_strdelimit (g_ascii_strup (raw, -1), "- ", '_');
      const char *value = g_getenv (name);
      gboolean flag = option->arg == G_OPTION_ARG_NONE;

      if (value == NULL || *value == '\0')
        continue;
      if (flag ? !take_flag (verb, option, name, value, error) : !take_value (verb, option, name, value, error))
        return FALSE;
    }
  return TRUE;
}

const char *
cli_option_name (const char *option)
{
  for (guint i = 0; from_environment != NULL && i < from_environment->len; i++)
    {
      const FromEnvironment *from = &g_array_index (from_environment, FromEnvironment, i);

      if (strcmp (from->option, option) == 0 && *from->place == from->value)
        return from->variable;
    }
  return option;
}

int
cli_options_parse (const CliVerb *verb, int n_args, char **args, char ***rest, GError **error)
{
  g_autoptr (GOptionContext) context = cli_options_context (verb);
  int n = n_args + 1;

  if (!take_environment (verb, error))
    return -1;
  *rest = g_new0 (char *, (gsize) n + 1);
  (*rest)[0] = (char *) "benchscale";
  memcpy (*rest + 1, args, (gsize) n_args * sizeof (char *));
  g_option_context_set_help_enabled (context, FALSE);
  if (!g_option_context_parse (context, &n, rest, error))
    return -1;
  keep_settings ();
  if (n > 1 && strcmp ((*rest)[1], "--") == 0)
    {
      memmove (*rest + 1, *rest + 2, (gsize) (n - 1) * sizeof (char *));
      n--;
    }
  return n;
}

gboolean
cli_options_load_settings (const CliVerb *verb)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  gboolean good;

  keep_settings ();
  g_ptr_array_add (settings, NULL);
  good = bs_settings_begin (config, (const char *const *) settings->pdata, &diagnostics);
  if (!good && verb->json != NULL && *verb->json)
    {
      g_autoptr (json_t) list = bs_diagnostics_json (diagnostics);
      g_autofree char *text = bs_json_dump (list);

      printf ("%s\n", text);
    }
  else
    cli_print_diagnostics (diagnostics);
  return good;
}
