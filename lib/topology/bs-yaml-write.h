/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml-write.h — typed values as one YAML document that our own parser, and any other, reads as they were
 *
 * Objects keep their order. Text is plain where nobody can take it for anything but text, else in double quotes, or a
 * literal block when it has lines. What fits into a line and holds nothing deeper is written in a line.
 */
#pragma once

#include "bs-json.h"

#include <glib.h>

/* Whether some reader of plain @text takes it for something else: a number, a date, a boolean, nothing. */
gboolean bs_yaml_is_ambiguous (const char *text);

/**
 * bs_yaml_write:
 * @document: of objects, arrays, strings, integers, reals, booleans; no null
 * @comment: (nullable): lines to put before it, without "# "
 *
 * Returns: (transfer full): the document, ends with a newline
 */
char *bs_yaml_write (const json_t *document, const char *comment);
