/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml-tree.h — where a document's nodes and texts live: one arena, which goes all at once */
#pragma once

#include "bs-yaml.h"

typedef struct _BsYamlChunk BsYamlChunk;

#define BS_YAML_RECENT 512

struct _BsYamlTree
{
  BsYamlChunk *chunks;
  gsize taken; /* of BS_YAML_MEMORY_MAX */
  BsYamlNode *root;
  const char *recent[BS_YAML_RECENT]; /* (nullable) short texts by their hash, for most are repeated */
};

/* A copy of @text that lives as long as the tree and is not to be changed: others may share it. */
const char *bs_yaml_tree_text (BsYamlTree *self, const char *text, gsize length);

/* @size bytes that live as long as the tree; @alignment is a power of two. */
gpointer bs_yaml_tree_take (BsYamlTree *self, gsize size, gsize alignment);

/* Reports each repeated key of a mapping and takes it out; the first stays. */
void bs_yaml_drop_duplicates (BsYamlNode *mapping, BsDiagnostics *diagnostics);
