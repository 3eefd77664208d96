/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decoder.h — from a tree of YAML values to structs, by tables of fields
 *
 * Each kind of mapping has one const table: which keys it takes, of which type, where the value goes, and whether
 * anything acts on it yet. The tables alone decide what is known, so documentation and tests are checked against them.
 */
#pragma once

#include "bs-topology.h"
#include "bs-yaml.h"

typedef enum
{
  BS_FIELD_STRING,   /* char *: one line of text without control characters, not empty */
  BS_FIELD_TEXT,     /* char *: any text of one or several lines */
  BS_FIELD_INTEGER,  /* guint or int: least to most */
  BS_FIELD_NUMBER,   /* double: least to most */
  BS_FIELD_BOOLEAN,  /* true or false */
  BS_FIELD_DURATION, /* gint64, microseconds: least to most */
  BS_FIELD_CHOICE,   /* char *: one of choices */
  BS_FIELD_STRINGS,  /* char **: a list of texts */
  BS_FIELD_MAP,      /* char **: names to texts, "NAME=value" */
  BS_FIELD_OBJECT,   /* struct in place: a mapping of fields */
  BS_FIELD_LIST,     /* GPtrArray *: a list of mappings of fields */
  BS_FIELD_ANY,      /* not looked into yet */
} BsFieldType;

#define BS_FIELD_NOWHERE G_MAXUINT16
#define BS_FIELD_REQUIRED (1 << 0)
#define BS_FIELD_INERT (1 << 1)    /* decoded and checked, but nothing acts on it yet */
#define BS_FIELD_NOT_HERE (1 << 2) /* a key of a neighbouring mapping; `decode` says why it cannot be in this one */

typedef struct _BsDecoder BsDecoder;
typedef struct _BsField BsField;

/* @target: (nullable): the field's place in its struct; NULL when the field goes nowhere */
typedef void (*BsFieldDecode) (BsDecoder *decoder, const BsField *field, const BsYamlNode *value, gpointer target);

/* A struct of its own behind a pointer, made when the first of its keys is met. */
typedef struct
{
  guint16 offset; /* of the pointer */
  gpointer (*make) (BsPosition at);
} BsFieldPart;

struct _BsField
{
  const char *key;
  BsFieldType type;
  guint16 offset, at_offset; /* of value and BsPosition in the struct, or BS_FIELD_NOWHERE */
  guint flags;
  gint64 least, most;         /* of integers, numbers and durations (microseconds) */
  const char *const *choices; /* NULL-terminated */
  const BsField *fields;      /* of an object or of a list's elements; ends with a NULL key */
  BsFieldDecode decode;       /* (nullable) in place of the type's own */
  const BsFieldPart *part;    /* (nullable) where the value goes is in this part of the struct */
  const char *form;           /* (nullable) what it looks like, where the type does not say it */
  const char *example;        /* (nullable) YAML in one line, where the type does not suffice */
  const char *doc;
  const char *fallback;  /* (nullable) what holds when it is absent, as JSON, where that is one value */
  const char *text_hint; /* (nullable) what else to do with a control character: ", or …" */
  gboolean command;      /* for a shell or program, whose own ${NAME} variables stay as they are */
};

typedef enum
{
  BS_NAME_NODE,     /* one node, or all that `count` made of one */
  BS_NAME_ONE_NODE, /* not several */
  BS_NAME_NETWORK,
} BsNameKind;

/* A use of a name, to be looked up when all names are known. */
typedef struct
{
  BsNameKind kind;
  const BsYamlNode *value;
  const char *name; /* borrowed: @value's text, or a part of it */
} BsReference;

struct _BsDecoder
{
  BsDiagnostics *diagnostics;
  BsTopology *topology;
  GArray *references; /* (element-type BsReference) */
  GHashTable *places; /* (element-type gpointer BsYamlNode) where a decoded struct's or string's value is in the file */
  const BsField *path[BS_YAML_DEPTH_MAX]; /* down to the current mapping */
  guint path_length;
  const BsYamlNode *objects[4]; /* names of what is being decoded, for messages */
  gconstpointer names[4];       /* (nullable) the decoded name instead, whose place is looked up when it is needed */
  const char *object_kinds[4];
  guint n_objects;
  guint inert_depth;  /* within an inert field, whose parts are not recorded again */
  guint hints_left;   /* nearest names are looked for only so often */
  const char *folder; /* (nullable) what paths are relative to; NULL: files are not looked for */
  gint64 model_left;  /* bytes that the model may still take, so that a small file cannot become a huge one */
  gboolean stopped;   /* it would take more: nothing more is decoded */
};

/* What document and model may take together: so much; and in a file larger than FREE, for each byte beyond so many, but
 * for each node no more than so many. Measured with 100,000 nodes in 9 MB and in 33 MB, which must pass. */
#define BS_TOPOLOGY_BYTES ((gint64) 128 * 1024 * 1024)
#define BS_TOPOLOGY_BYTES_FREE ((gint64) 4 * 1024 * 1024)
#define BS_TOPOLOGY_BYTES_PER_BYTE 24
#define BS_TOPOLOGY_BYTES_PER_NODE 3072
/* A short text and its place in an array; a struct with its places; a use of a name. */
#define BS_ELEMENT_BYTES 48
#define BS_OBJECT_BYTES 256
#define BS_REFERENCE_BYTES 96

/* For a document of @length bytes, whose tree is @tree. */
void bs_decoder_init (BsDecoder *self, BsDiagnostics *diagnostics, BsTopology *topology, const BsYamlTree *tree,
                      gsize length);
void bs_decoder_clear (BsDecoder *self);

/* What is made of @value takes about so many bytes. FALSE when that is too much, which is reported once. */
gboolean bs_decoder_charge (BsDecoder *self, const BsYamlNode *value, gsize bytes);

/* Decodes @mapping by @fields into @target (nullable). Reports unknown keys, missing ones and wrong types. FALSE when
 * it is no mapping. */
gboolean bs_decoder_object (BsDecoder *self, const BsField *fields, const BsYamlNode *mapping, gpointer target);

/* The elements of a list, each passed to @decode with the list's own field and @target. */
void bs_decoder_elements (BsDecoder *self, const BsField *field, const BsYamlNode *list, gpointer target,
                          BsFieldDecode decode);

/* The hint for @wrong if one of the keys of @fields is near: "did you mean 'mtu'?"; else the keys, if they are few.
 * (transfer full) (nullable) */
char *bs_decoder_key_hint (BsDecoder *self, const BsField *fields, const char *wrong);

/* Names in messages what is decoded now, such as node 'web'; @name is (nullable). */
void bs_decoder_enter (BsDecoder *self, const char *kind, const BsYamlNode *name);
/* As the one before, with a name that was decoded; quick, for it is looked up when there is something to say. */
void bs_decoder_enter_decoded (BsDecoder *self, const char *kind, const char *name);
void bs_decoder_leave (BsDecoder *self);

/* Reports a fault at @value: "node 'web': MESSAGE". */
void bs_decoder_error (BsDecoder *self, const BsYamlNode *value, const char *hint, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* The usual one: "'KEY' must be WANTED, not 'VALUE'". */
void bs_decoder_wrong (BsDecoder *self, const BsField *field, const BsYamlNode *value, const char *hint,
                       const char *wanted, ...) G_GNUC_PRINTF (5, 6);

/* The hint for a @wrong word when the nearest right one is known: "did you mean 'web'?"; (transfer full) (nullable) */
char *bs_decoder_did_you_mean (const char *nearest);

/* Values by type. FALSE when reported. */
gboolean bs_decode_scalar (BsDecoder *self, const BsField *field, const BsYamlNode *value);
/* Texts, see bs-decode-text.c. */
typedef enum
{
  BS_TEXT_LINE,  /* one line */
  BS_TEXT_TABS,  /* the same, with tabs */
  BS_TEXT_LINES, /* several lines */
  BS_TEXT_DATA,  /* several lines, which may end with CRLF */
} BsTextForm;
/* Returns: (nullable): the first character of @text that @form does not allow */
const char *bs_text_find_refused (BsTextForm form, const char *text);
gboolean bs_decode_characters (BsDecoder *self, const BsField *field, const BsYamlNode *value, BsTextForm form);
/* One line that is not empty; any text. */
gboolean bs_decode_line (BsDecoder *self, const BsField *field, const BsYamlNode *value);
gboolean bs_decode_text (BsDecoder *self, const BsField *field, const BsYamlNode *value);
gboolean bs_decode_integer (BsDecoder *self, const BsField *field, const BsYamlNode *value, gint64 *result);
gboolean bs_decode_decimal (const char *text, double *number);
/* gint64 */
void bs_decode_integer64 (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_value (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);

static inline BsPosition
bs_yaml_position (const BsYamlNode *node)
{
  return (BsPosition){ node->line, node->column };
}
