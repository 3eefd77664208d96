/* SPDX-License-Identifier: Apache-2.0 */
/* cli.h — what the verbs share: their table, errors, interruption, printing */
#pragma once

#include "bs-json.h"

#include <benchscale/bs-lab.h>

/* One verb: one file. Help, manual and completion are made from this, so that they cannot drift. */
typedef struct
{
  const char *name;        /* "up", or of two words "image list": the first is then one of cli_groups */
  const char *alias;       /* (nullable) */
  const char *arguments;   /* "LAB/NODE COMMAND…" */
  const char *summary;     /* one line, no full stop */
  const char *description; /* paragraphs for the manual */
  const char *examples;    /* lines of "command — what it does" */
  const GOptionEntry *options;
  gboolean options_first; /* what follows the first argument is not ours (exec) */
  const gboolean *json;   /* (nullable) its --json, where that prints problems as one array, too */
  gboolean hidden;
  guint min, max;                     /* how many arguments */
  int (*run) (int argc, char **argv); /* arguments without options; returns the exit code */
} CliVerb;

/* clang-format off */
extern const CliVerb
    cli_init,
    cli_up,
    cli_down,
    cli_list,
    cli_status,
    cli_exec,
    cli_ssh,
    cli_cp,
    cli_logs,
    cli_console,
    cli_test,
    cli_image_list,
    cli_image_pull,
    cli_image_build,
    cli_image_import,
    cli_image_verify,
    cli_image_prune,
    cli_net_show,
    cli_net_set,
    cli_net_reset,
    cli_net_partition,
    cli_net_heal,
    cli_net_capture,
    cli_net_record,
    cli_net_replay,
    cli_net_verify,
    cli_validate,
    cli_fmt,
    cli_schema,
    cli_graph,
    cli_import,
    cli_config,
    cli_ssh_config,
    cli_inventory,
    cli_gc,
    cli_backends,
    cli_failpoints,
    cli_manual,
    cli_completion;
/* clang-format on */

/* NULL-terminated, in the order of the help. */
extern const CliVerb *const cli_verbs[];

/* What verbs of two words have in common. */
typedef struct
{
  const char *name;
  const char *summary;
} CliGroup;

/* Ends with a NULL name. */
extern const CliGroup cli_groups[];

/* By name or alias, "image list" for one of two words; (nullable). */
const CliVerb *cli_find_verb (const char *name);
const CliGroup *cli_find_group (const char *name);
/* (nullable): NULL for a verb of one word */
const CliGroup *cli_verb_group (const CliVerb *verb);
/* Its last word. */
const char *cli_verb_word (const CliVerb *verb);
/* @name with @with in place of spaces, "image-list"; (transfer full). */
char *cli_verb_joined (const CliVerb *verb, char with);
/* The first verb of its group, or of one word: what stands for it in a list of first words. Hidden ones are not. */
gboolean cli_verb_is_first (guint index);

/* The text of `benchscale --help`, `benchscale VERB --help`; (transfer full). */
char *cli_help (void);
char *cli_group_help (const CliGroup *group);
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

/* "10G", "512M", "1000": bytes, in powers of 1024, as given to @option; FALSE with %BS_ERROR_INVALID. */
gboolean cli_bytes (const char *option, const char *text, guint64 *bytes, GError **error);

/* Shows events: on a terminal a live line per node, elsewhere one line each, or JSON lines on standard output. */
typedef struct _CliProgress CliProgress;
CliProgress *cli_progress_new (gboolean json, gboolean quiet);
void cli_progress_event (const BsEvent *event, gpointer progress); /* a BsEventFunc */
void cli_progress_free (CliProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliProgress, cli_progress_free)
