/* SPDX-License-Identifier: Apache-2.0 */
/* bs-typed-json.h — a document's values as JSON, each of the type that its field wants
 *
 * A plain scalar becomes an integer, a number or a boolean where its field takes one and it is one; every other scalar
 * is text, so that a wrong value keeps a wrong type. A field without a value is null. This is what the JSON Schema of
 * bs-schema.h is about.
 */
#pragma once

#include "bs-decoder.h"
#include "bs-json.h"

/**
 * bs_typed_json:
 * @fields: of @root, which is of the current format
 *
 * Variables stay as they are written. Returns: (transfer full)
 */
json_t *bs_typed_json (const BsYamlNode *root, const BsField *fields);
