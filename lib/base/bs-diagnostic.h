/* SPDX-License-Identifier: Apache-2.0 */
/* bs-diagnostic.h — what is wrong with an input file, all of it at once */
#pragma once

#include "bs-error.h"

#include <stdio.h>

typedef enum
{
  BS_DIAGNOSTIC_ERROR,
  BS_DIAGNOSTIC_WARNING,
} BsDiagnosticSeverity;

typedef struct
{
  BsDiagnosticSeverity severity;
  guint line, column; /* from 1, in characters; 0: the file as a whole */
  guint length;       /* characters to underline, at least 1 */
  char *message;      /* (owned) lower case, no full stop */
  char *hint;         /* (owned) (nullable) */
  char *file;         /* (owned) (nullable) where it is not in the file of all the others */
  char *quote;        /* (owned) (nullable) the line around the place, as it is in the file */
  guint quote_column; /* of the first character of the quote */
  gboolean quote_cut; /* the line goes on after the quote */
  guint order;        /* in which they were found */
} BsDiagnostic;

typedef struct
{
  char *file;           /* (owned) */
  GPtrArray *items;     /* (element-type BsDiagnostic) */
  guint beyond;         /* how many were not kept; the last item says so */
  guint added;          /* how many there were in all */
  BsDiagnostic *newest; /* (nullable) what was added last, if it was kept */
  gboolean heap;        /* the items are in the order of a heap */
} BsDiagnostics;

BsDiagnostics *bs_diagnostics_new (const char *file);
void bs_diagnostics_free (BsDiagnostics *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsDiagnostics, bs_diagnostics_free)

/* The first 1000 by position are kept; the others are only counted, and one last item says so. */
void bs_diagnostics_add (BsDiagnostics *self, BsDiagnosticSeverity severity, guint line, guint column, guint length,
                         const char *hint, const char *format, ...) G_GNUC_PRINTF (7, 8);
/* Whether an item at this place would be kept: the making of other texts can be spared. */
gboolean bs_diagnostics_keeps (BsDiagnostics *self, guint line, guint column);
/* Removes the items that @filter says TRUE of, of those that were added after `added` was @since. */
typedef gboolean (*BsDiagnosticFilter) (const BsDiagnostic *item, gconstpointer data);
void bs_diagnostics_remove (BsDiagnostics *self, guint since, BsDiagnosticFilter filter, gconstpointer data);
/* The item added last is of another @file (nullable: of this one). */
void bs_diagnostics_set_last_file (BsDiagnostics *self, const char *file);

gboolean bs_diagnostics_has_errors (const BsDiagnostics *self);
gboolean bs_diagnostics_has_warnings (const BsDiagnostics *self);
/* By position; those of other files come last. */
void bs_diagnostics_sort (BsDiagnostics *self);

typedef enum
{
  BS_LINES_YAML, /* end with LF, CR, CRLF, NEL, LS or PS, as libyaml counts them */
  BS_LINES_TOML, /* end with LF */
} BsLines;

/* Keeps the line around each place of the file itself, for printing: @data is its content. After sorting. */
void bs_diagnostics_quote (BsDiagnostics *self, const char *data, gsize length, BsLines lines);

/* One error BS_ERROR_INVALID for the first of them: "FILE:LINE:COLUMN: MESSAGE" (and how many more there are). */
void bs_diagnostics_to_error (const BsDiagnostics *self, GError **error);

/* All of them as plain lines: "benchscale: FILE:LINE:COLUMN: MESSAGE" ("warning: MESSAGE" for warnings) and
 * "hint: …" lines for each item; (transfer full) */
char *bs_diagnostics_format (const BsDiagnostics *self);
