/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml-comments.h — what a tree of values has not kept: comments, empty lines, and how texts were written
 *
 * libyaml drops comments. They are what stands between its tokens, so they are found by its own marks, and none can be
 * mistaken for a part of a text.
 */
#pragma once

#include "bs-yaml.h"

#define BS_YAML_COMMENTS_MAX 100000

typedef struct
{
  guint line, column; /* from 1, as of nodes; 0: none */
} BsYamlPlace;

typedef struct
{
  BsYamlPlace at;
  const char *text;   /* from "#" on, without space at its end */
  gboolean alone;     /* nothing else is on its line */
  gboolean after_gap; /* an empty line is before it */
  BsYamlPlace anchor; /* of one that is not alone: where the scalar or collection began that ends before it */
  gboolean header;    /* what began at anchor goes on after it */
  BsYamlPlace within; /* the innermost list or mapping in brackets that it is in */
} BsYamlComment;

typedef struct
{
  GPtrArray *comments; /* (element-type BsYamlComment) in their order */
  GStringChunk *texts; /* theirs */
  GHashTable *blocks;  /* (element-type BsYamlPlace) where block scalars begin */
  GHashTable *flows;   /* (element-type BsYamlPlace) where lists and mappings in brackets begin */
  GHashTable *dashes;  /* (element-type BsYamlPlace guint) an element's place to its dash's column */
  GHashTable *asks;    /* (element-type BsYamlPlace guint) a key's place to the column of its "?", if it has one */
  GArray *gaps;        /* (element-type guint) empty lines, ascending */
  gboolean too_many;   /* there are more than BS_YAML_COMMENTS_MAX: the last of these is the last that was read */
} BsYamlComments;

/* @data is a document that bs_yaml_parse() takes. */
BsYamlComments *bs_yaml_comments_scan (const char *data, gsize length);
void bs_yaml_comments_free (BsYamlComments *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsYamlComments, bs_yaml_comments_free)

/* Whether @line is empty, and whether the one before it is. */
gboolean bs_yaml_comments_is_gap (const BsYamlComments *self, guint line);
gboolean bs_yaml_comments_gap_before (const BsYamlComments *self, guint line);

guint bs_yaml_place_hash (gconstpointer place);
gboolean bs_yaml_place_equal (gconstpointer a, gconstpointer b);

static inline BsYamlPlace
bs_yaml_place (const BsYamlNode *node)
{
  return (BsYamlPlace){ node->line, node->column };
}
