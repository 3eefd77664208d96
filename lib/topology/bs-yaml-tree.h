/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml-tree.h — where a document's nodes and texts live: one arena, which goes all at once */
#pragma once

#include "bs-yaml.h"

typedef struct _BsYamlChunk BsYamlChunk;

struct _BsYamlTree
{
  BsYamlChunk *chunks;
  gsize taken; /* of BS_YAML_MEMORY_MAX */
  BsYamlNode *root;
};

/* @size bytes that live as long as the tree; @alignment is a power of two. */
gpointer bs_yaml_tree_take (BsYamlTree *self, gsize size, gsize alignment);

/* Reports each repeated key of a mapping and takes it out; the first stays. */
void bs_yaml_drop_duplicates (BsYamlNode *mapping, BsDiagnostics *diagnostics);
