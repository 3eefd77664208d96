/* SPDX-License-Identifier: Apache-2.0 */
/* cli.h — what the verbs share: their table, errors, interruption, printing */
#pragma once

#include "bs-json.h"

#include <benchscale/bs-lab.h>

/* One verb: one file. Help, manual and completion are made from this, so that they cannot drift. */
typedef struct
{
  const char *name;
  const char *alias;       /* (nullable) */
  const char *arguments;   /* "LAB/NODE COMMAND…" */
  const char *summary;     /* one line, no full stop */
  const char *description; /* paragraphs for the manual */
  const char *examples;    /* lines of "command — what it does" */
  const GOptionEntry *options;
  gboolean options_first; /* what follows the first argument is not ours (exec) */
  gboolean hidden;
  guint min, max;                     /* how many arguments */
  int (*run) (int argc, char **argv); /* arguments without options; returns the exit code */
} CliVerb;

/* clang-format off: one a line */
extern const CliVerb cli_init, cli_up, cli_down, cli_list, cli_status, cli_exec, cli_cp, cli_logs, cli_console,
    cli_test, cli_validate, cli_config, cli_graph, cli_import, cli_schema, cli_fmt, cli_gc, cli_backends,
    cli_failpoints, cli_manual, cli_completion;
/* clang-format on */

/* NULL-terminated, in the order of the help. */
extern const CliVerb *const cli_verbs[];

const CliVerb *cli_find_verb (const char *name);
/* The text of `benchscale --help`, `benchscale VERB --help`; (transfer full). */
char *cli_help (void);
char *cli_verb_help (const CliVerb *verb);

/* Prints "benchscale: …" and "hint: …" to stderr, frees @error, returns its exit code. */
int cli_fail (GError *error);
/* As cli_fail() for wrong usage: exit code 2. */
int cli_usage (const char *verb, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Cancelled by SIGINT, SIGTERM, SIGQUIT and SIGHUP (unless that is ignored: nohup). Call before any thread is made. */
GCancellable *cli_interruptible (void);

/* Splits "LAB/NODE"; FALSE with %BS_ERROR_INVALID. */
gboolean cli_split_node (const char *text, char **lab, char **node, GError **error);

/* "BENCHSCALE_UP_TIMEOUT" when that is where the value of @option ("--timeout") came from, else @option. */
const char *cli_option_name (const char *option);

/* "30s" as given to @option; 0 for NULL; FALSE with %BS_ERROR_INVALID. */
gboolean cli_duration (const char *option, const char *text, gint64 *usec, GError **error);

/* Shows events: on a terminal a live line per node, elsewhere one line each, or JSON lines on standard output. */
typedef struct _CliProgress CliProgress;
CliProgress *cli_progress_new (gboolean json, gboolean quiet);
void cli_progress_event (const BsEvent *event, gpointer progress); /* a BsEventFunc */
void cli_progress_free (CliProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliProgress, cli_progress_free)
