/* SPDX-License-Identifier: Apache-2.0 */
/* bs-schema.h — a JSON Schema (draft 7) of what files can say, made from the decoder's own tables
 *
 * It is about the typed JSON of bs-typed-json.h, in the current format: it takes whatever the parser takes, and refuses
 * wrong keys, types, words and ranges. What it cannot say is in its "$comment". Editors that read plain YAML may use
 * it, too: where text is wanted, a number or boolean is no fault.
 */
#pragma once

#include "bs-json.h"

typedef enum
{
  BS_SCHEMA_TOPOLOGY,
  BS_SCHEMA_SCENARIOS, /* a file of scenarios */
} BsSchemaKind;

/* FALSE when @name is neither "topology" nor "scenarios". */
gboolean bs_schema_kind_parse (const char *name, BsSchemaKind *kind);

/* Returns: (transfer full) */
json_t *bs_schema (BsSchemaKind kind);
/* The same as text for people, ends with a newline; (transfer full) */
char *bs_schema_text (BsSchemaKind kind);
