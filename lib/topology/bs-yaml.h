/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml.h — one YAML document as a tree of values that know their positions */
#pragma once

#include "bs-diagnostic.h"

#define BS_YAML_BYTES_MAX ((gsize) 48 * 1024 * 1024)
#define BS_YAML_DEPTH_MAX 64
/* What text and tree may take together: so much and twice the text, but no more than the second. */
#define BS_YAML_MEMORY ((gsize) 96 * 1024 * 1024)
#define BS_YAML_MEMORY_MAX ((gsize) 160 * 1024 * 1024)

typedef enum
{
  BS_YAML_SCALAR,
  BS_YAML_SEQUENCE,
  BS_YAML_MAPPING,
} BsYamlKind;

/* A value, borrowed from its tree. 32 bytes, for there may be millions; a key is cut short behind its first 16. */
typedef struct _BsYamlNode BsYamlNode;
struct _BsYamlNode
{
  union
  {
    const char *text;  /* of a scalar: UTF-8 without NUL */
    BsYamlNode *first; /* (nullable) of a sequence or mapping */
  };
  guint64 line : 26, column : 26; /* from 1; a file of 48 MiB has no more */
  guint64 length : 9;             /* characters on its first line, at least 1; 511 stands for more too */
  guint64 kind : 2;               /* BsYamlKind */
  guint64 plain : 1;              /* a scalar without quotes */
  BsYamlNode *next;               /* (nullable) the next one in the same sequence or mapping; not of a key */
  BsYamlNode *key;                /* (nullable) in a mapping: its key, a scalar; not of a key */
};

typedef struct _BsYamlTree BsYamlTree;

/**
 * bs_yaml_parse:
 * @diagnostics: gets an error for each fault found; duplicate keys are reported and the first one is kept
 *
 * Returns: (nullable): the document, or NULL after a fault that leaves nothing to look at further
 */
BsYamlTree *bs_yaml_parse (const char *data, gsize length, BsDiagnostics *diagnostics);
void bs_yaml_tree_free (BsYamlTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsYamlTree, bs_yaml_tree_free)

const BsYamlNode *bs_yaml_root (const BsYamlTree *self);
/* Bytes that text and tree take. */
gsize bs_yaml_taken (const BsYamlTree *self);

/* The value of @key in a mapping, or NULL. */
const BsYamlNode *bs_yaml_get (const BsYamlNode *mapping, const char *key);

/* A value for messages: 'short text without control characters', "a list" or "a mapping"; (transfer full) */
char *bs_yaml_show (const BsYamlNode *value);
char *bs_yaml_show_text (const char *text);

/* Checks what must hold before libyaml sees the bytes: size, UTF-8, no control characters, no byte order mark, no %TAG.
 */
gboolean bs_yaml_check_bytes (const char *data, gsize length, BsDiagnostics *diagnostics);
