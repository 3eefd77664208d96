/* SPDX-License-Identifier: Apache-2.0 */
/* cli-options.h — a verb's options: from its table, the environment and the command line */
#pragma once

#include "cli.h"

/* --config and --setting, which stand before or after the verb. */
extern const GOptionEntry cli_global_options[];

/* The parser of a verb's options and the global ones. */
GOptionContext *cli_options_context (const CliVerb *verb);

/* Takes the global options that stand before the verb out of @argv. FALSE with the reason. */
gboolean cli_options_take_global (int *argc, char ***argv, GError **error);

/**
 * cli_options_parse:
 * @args: (array length=n_args): what came after the verb
 * @rest: (out) (transfer full): the arguments that are no options, behind one that stands for the program
 *
 * Every option can be given as BENCHSCALE_VERB_OPTION too, true or false for those without a value; what the command
 * line says wins. An empty variable counts as not set.
 *
 * Returns: how many are in @rest, or -1 with the reason, which names the variable or option
 */
int cli_options_parse (const CliVerb *verb, int n_args, char **args, char ***rest, GError **error);

/* Reads the settings, with what the global options say, and prints what is wrong with them, as JSON where @verb was
 * asked to. FALSE: wrong. */
gboolean cli_options_load_settings (const CliVerb *verb);
