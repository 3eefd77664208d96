/* SPDX-License-Identifier: Apache-2.0 */
/* bs-text-tree.h — a topology or scenario file for tools that work on its text: its tree and its table of fields */
#pragma once

#include "bs-decoder.h"

/**
 * bs_text_tree_read:
 * @fields: (out): of the root
 * @diagnostics: gets what is wrong with YAML, keys, types and ranges; names and files are not looked up
 *
 * A file of an older format becomes one of the current. Variables stay as they are, and a value with one is not judged.
 *
 * Returns: (transfer full) (nullable): NULL after errors
 */
BsYamlTree *bs_text_tree_read (const char *data, gsize length, const BsField **fields, BsDiagnostics *diagnostics);
