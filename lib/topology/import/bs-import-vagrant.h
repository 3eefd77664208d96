/* SPDX-License-Identifier: Apache-2.0 */
/* bs-import-vagrant.h — the lines of a Vagrantfile */
#pragma once

#include "bs-import-private.h"

typedef struct
{
  BsImporter *importer;
  char **lines;
  guint n_lines, number; /* number: of the current line, from 0 */
  guint n_read;          /* lines so far, each time that a loop reads them */
  const char *line;      /* the current one, without indent and comment */
  guint column;
  GHashTable *numbers; /* utf8 → int: constants and loop variables */
  GHashTable *texts;   /* utf8 → utf8: constants that are texts */
  guint *ends;         /* of each line the line of its `end`, 0: not looked for yet */
  json_t *defaults;    /* what is said of all machines */
  json_t *node;        /* (borrowed) what the current lines are about */
} Vagrant;

/* A line without its indent, its comment and a bracket at its end; (transfer full). */
char *bs_import_vagrant_clean (const char *line);
/* Whether a block begins and ends on the line. */
gboolean bs_import_vagrant_is_whole (const char *line);
/* What makes a line depend on something, or another statement follow on it, outside of texts: "if x" of "a.b = 1 if x";
 * (nullable) */
const char *bs_import_vagrant_modifier (const char *line);
/* Whether a line closes a block: "end", or "end if x". */
gboolean bs_import_vagrant_ends (const char *line);
/* Whether a line opens a block that an `end` closes. */
gboolean bs_import_vagrant_opens (const char *line);
