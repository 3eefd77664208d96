/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fmt-item.h — a document's values in canonical order, each with its comments; parts of bs-fmt.c */
#pragma once

#include "bs-yaml-comments.h"

#include "bs-decoder.h"

/* A value of a mapping or list, or the root. */
typedef struct _BsFmtItem BsFmtItem;
struct _BsFmtItem
{
  const BsYamlNode *node;
  BsFmtItem *parent; /* (nullable) */
  /* These three are there always, and never changed but by bs_fmt_list_add(). */
  GPtrArray *children;   /* (element-type BsFmtItem) in canonical order */
  GPtrArray *leading;    /* (element-type BsYamlComment) lines before it */
  GPtrArray *tail;       /* (element-type BsYamlComment) lines after its last child */
  BsYamlComment *aside;  /* (nullable) at the end of its line */
  BsYamlPlace place;     /* of itself */
  BsYamlPlace start;     /* of its key, or of itself */
  guint column;          /* of its key, "?" or dash */
  guint rank;            /* among its siblings */
  gboolean in_order;     /* its children are as in the file */
  gboolean after_gap;    /* an empty line is before it */
  gboolean has_comments; /* of its parts */
  gboolean is_block;     /* written as a block scalar */
};

typedef struct
{
  BsFmtItem *root;
  GPtrArray *items;  /* (element-type BsFmtItem) (owned) by their starts, outer ones first */
  GPtrArray *header; /* (element-type BsYamlComment) of the file as a whole */
} BsFmtItems;

BsFmtItems *bs_fmt_items_new (const BsYamlNode *root, const BsField *fields, const BsYamlComments *comments);
void bs_fmt_items_free (BsFmtItems *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsFmtItems, bs_fmt_items_free)

/* To one of an item's own lists; they are changed in no other way. */
void bs_fmt_list_add (GPtrArray **list, gpointer element);

/* Gives each comment to an item. */
void bs_fmt_attach (BsFmtItems *self, const BsYamlComments *comments);

/* The document; (transfer full) */
char *bs_fmt_write (const BsFmtItems *items);
/* A scalar in one line; @flow: within brackets. (transfer full) */
char *bs_fmt_scalar (const BsYamlNode *node, gboolean flow);
/* A text as lines of a block scalar. */
gboolean bs_fmt_can_be_block (const char *text);
void bs_fmt_append_block (GString *out, const char *text, guint indent, const char *aside);

/* What @root says, whatever the order of its keys, in a few bytes; (transfer full) */
char *bs_fmt_digest (const BsYamlNode *root, const BsField *fields);
/* Whether @text says what the document of @digest says, and has all @comments, whose order is lost. FALSE when
 * reported. */
gboolean bs_fmt_check (const char *text, const char *digest, const BsYamlComments *comments,
                       BsDiagnostics *diagnostics);
