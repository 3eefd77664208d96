/* SPDX-License-Identifier: Apache-2.0 */
/* bs-explain-private.h — the two halves of an explanation */
#pragma once

#include "bs-explain.h"

typedef struct
{
  const BsTopology *topology;
  json_t *values;
  BsExplainFunc tell; /* (nullable) */
  gpointer user_data;
  gboolean backend_given;
} BsExplain;

/* One value. @value: (transfer full); @origin: unless it is @at a place in the file */
void bs_explain_add (BsExplain *self, const char *path, json_t *value, const char *origin, BsPosition at);

/* "setting KEY (ORIGIN)" when the user set what is there when the file says nothing. @below: the list or mapping that
 * @key is in; (transfer full) (nullable) */
char *bs_explain_setting (const char *below, const char *key);

/* What holds though neither file nor model has a value for it. @object: the complete one at @path */
void bs_explain_add_unsaid (BsExplain *self, const char *path, const char *below, const json_t *object);

/* (transfer full): the list `condition_defaults` */
json_t *bs_explain_condition_defaults (void);

/* (transfer full): the list `conditions` */
json_t *bs_explain_conditions (const BsTopology *topology, guint *left_out);

static inline void
bs_explain_put_place (json_t *entry, BsPosition at)
{
  if (at.line == 0)
    return;
  json_object_set_new (entry, "line", json_integer (at.line));
  json_object_set_new (entry, "column", json_integer (at.column));
}
