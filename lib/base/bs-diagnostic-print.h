/* SPDX-License-Identifier: Apache-2.0 */
/* bs-diagnostic-print.h — diagnostics as text for people and as JSON for editors
 *
 *   benchscale: shop.yaml:12:16: 'memory_mb' must be an integer, not 'lots'
 *     12 |     memory_mb: lots
 *        |                ^^^^
 *   hint: write MiB as a number
 *
 * Whatever is in the file, the terminal is told nothing but text: control and format characters are shown as U+FFFD,
 * tabs as an arrow and blanks, at most a few combining marks per letter; what is too long is cut around the place.
 */
#pragma once

#include "bs-diagnostic.h"
#include "bs-json.h"

typedef struct
{
  gboolean quotes; /* show the line and underline the place: for terminals */
  gboolean colour;
  gboolean ascii; /* the terminal knows no other characters */
  guint width;    /* of the terminal, in cells; at least 40 are used */
} BsDiagnosticStyle;

/* All of them; @style is (nullable): plain lines. (transfer full) */
char *bs_diagnostics_render (const BsDiagnostics *self, const BsDiagnosticStyle *style);

/* An array of {file, line, column, end_column, severity, message, hint}; (transfer full) */
json_t *bs_diagnostics_json (const BsDiagnostics *self);

/* "FILE", "FILE:LINE" or "FILE:LINE:COLUMN", safe to print. */
void bs_diagnostics_append_position (GString *text, const BsDiagnostics *self, const BsDiagnostic *item);
