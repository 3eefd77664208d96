/* SPDX-License-Identifier: Apache-2.0 */
/* bs-variables.h — ${NAME} and ${NAME:-default} in the values of a document
 *
 * They are replaced after YAML was read, in scalars that are values: a value can hold ": ", quotes or newlines and is
 * still one scalar, so no structure can come in by a variable, and keys never change. What was put in is not looked at
 * again, so nothing grows by itself; how much may be put in is limited. "$${" is a literal "${"; a "$" alone means
 * nothing. Fields that are commands are left alone unless asked for: a shell has variables of its own.
 *
 * A name is asked for in the given variables, then in the environment. A default counts when the variable is not set or
 * empty, as in a shell.
 */
#pragma once

#include "bs-decoder.h"
#include "bs-yaml-tree.h"

#define BS_VARIABLE_NAME_MAX 255
#define BS_VARIABLE_VALUE_MAX ((gsize) 128 * 1024)
#define BS_VARIABLES_COUNT_MAX 1000000
#define BS_VARIABLES_BYTES_MAX ((gsize) 16 * 1024 * 1024) /* of all values that variables are in, together */

/* "[A-Za-z_][A-Za-z0-9_]*", at most BS_VARIABLE_NAME_MAX bytes of @text. */
gboolean bs_variables_is_name (const char *text, gsize length);

/**
 * bs_variables_expand:
 * @fields: of the document's root
 * @options: (nullable)
 * @used: (element-type utf8): gets "NAME=value" of each variable that was found, once
 *
 * Reports each variable that is not set and has no default, each malformed use, and what is beyond a limit.
 *
 * Returns: (transfer full) (element-type BsPosition): the values that stayed as they were for that, in file order
 */
GArray *bs_variables_expand (BsYamlTree *tree, const BsField *fields, const BsTopologyLoadOptions *options,
                             GPtrArray *used, BsDiagnostics *diagnostics);

/* Takes away what was said from @since (of `added`) on of values in @failed: their fault is known already. */
void bs_variables_drop_consequences (const GArray *failed, guint since, BsDiagnostics *diagnostics);
