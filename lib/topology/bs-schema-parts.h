/* SPDX-License-Identifier: Apache-2.0 */
/* bs-schema-parts.h — what bs-schema.c puts together; of no use to others */
#pragma once

#include "bs-decoder.h"
#include "bs-json.h"

/* {"$ref": "#/definitions/NAME"} */
json_t *bs_schema_reference (const char *name);

/* The definitions that are no tables: "line", "text", "variable", … */
void bs_schema_add_values (json_t *definitions);

/* What @field's value may be. @table: gives the schema of a table of fields */
json_t *bs_schema_value (const BsField *field, json_t *(*table) (const BsField *fields));

/* Of `network_conditions_preset` of a node, which older versions wrote. */
json_t *bs_schema_older_preset (void);

/* What keys of a mapping of @fields may be together: an array for "allOf"; (nullable) */
json_t *bs_schema_rules (const BsField *fields);
