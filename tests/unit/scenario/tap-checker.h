/* SPDX-License-Identifier: Apache-2.0 */
/* tap-checker.h — a strict reader of the TAP version 14 that a report may consist of */
#pragma once

#include <glib.h>

typedef struct
{
  gboolean ok;
  char *description;  /* escapes undone */
  char *directive;    /* (nullable) what follows an unescaped '#' */
  GHashTable *values; /* (element-type utf8 utf8) of its YAML block, quoting undone; empty without one */
} TapPoint;

/**
 * tap_check:
 *
 * Accepts exactly: the version line, a plan, that many test points numbered from 1, each with at most one YAML block of
 * lines "key: integer" or "key: \"…\"". Nothing else, no control character but the newline that ends a line.
 *
 * Returns: (transfer full) (element-type TapPoint): NULL, with what is wrong and where in @problem (out) (transfer
 * full)
 */
GPtrArray *tap_check (const char *tap, char **problem);
