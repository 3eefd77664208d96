/* SPDX-License-Identifier: Apache-2.0 */
/* bs-field-form.h — what a field's value looks like, for those who cannot call its decoder
 *
 * Each decoder that is more than its field's type has one form here: a shape and, for texts, a pattern in the subset of
 * regular expressions that ECMA-262, Perl and Python read alike. Tests hold pattern and decoder against each other.
 */
#pragma once

#include "bs-decoder.h"

typedef enum
{
  BS_SHAPE_TYPE,     /* as the field's type says */
  BS_SHAPE_LINE,     /* a text in one line */
  BS_SHAPE_LINES,    /* a list of these */
  BS_SHAPE_TRUE,     /* true, and nothing else */
  BS_SHAPE_FLAG,     /* the same, in quotes or not */
  BS_SHAPE_NODES,    /* true, or some lines */
  BS_SHAPE_GROUPS,   /* lists of some lines */
  BS_SHAPE_COMMAND,  /* a text, or a list of texts */
  BS_SHAPE_COMMANDS, /* a list of these */
  BS_SHAPE_PRESET,   /* the name of one */
  BS_SHAPE_PACKAGES, /* a list of lines or, where the field has a table, mappings */
  BS_SHAPE_READY,    /* a list of mappings or the word agent */
  BS_SHAPE_LABELS,   /* names to lines */
  BS_SHAPE_LIMITS,   /* names to integers, 'unlimited' or mappings */
  BS_SHAPE_FREE,     /* any mapping */
  BS_SHAPE_OBJECT,   /* a mapping of the field's table */
  BS_SHAPE_OBJECTS,  /* a list of these */
} BsShape;

typedef struct
{
  BsFieldDecode decode;
  BsShape shape;
  const char *pattern; /* (nullable) of a line, or of each line; anchored at both ends or at none */
  guint least, most;   /* entries of a list; characters of a line; 0: as many as one likes */
} BsFieldForm;

/* The form of @field; NULL when its decoder has none, which a test finds. */
const BsFieldForm *bs_field_form (const BsField *field);

/* Of durations: of at least a millisecond, and of any. */
extern const char bs_pattern_duration[], bs_pattern_any_duration[];
/* A character that is not in one line; in one line with tabs; in a text; in data. */
extern const char bs_pattern_no_line[], bs_pattern_no_tabs[], bs_pattern_no_lines[], bs_pattern_no_data[];
extern const char bs_pattern_variable[];   /* a use of a variable somewhere */
extern const char bs_pattern_env_name[];   /* of an environment */
extern const char bs_pattern_label_name[]; /* of an engine's labels */
extern const char bs_pattern_word[];       /* something that is not space */
