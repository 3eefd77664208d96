/* SPDX-License-Identifier: Apache-2.0 */
/* bs-legacy-name.h — names of the flat form, which were any text, as names of the current one */
#pragma once

#include "bs-yaml-tree.h"

/* A copy of @text that lives with the tree. */
const char *bs_legacy_take_text (BsYamlTree *tree, const char *text);

/* What cannot be made a name stays as it is, for the decoder to refuse; so does a text with variables. @value:
 * (nullable) */
void bs_legacy_host_name (BsYamlTree *tree, BsYamlNode *value);
void bs_legacy_lab_name (BsYamlTree *tree, BsYamlNode *value);
