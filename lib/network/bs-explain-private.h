/* SPDX-License-Identifier: Apache-2.0 */
/* bs-explain-private.h — the two halves of an explanation */
#pragma once

#include "bs-explain.h"

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
