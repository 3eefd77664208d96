/* SPDX-License-Identifier: Apache-2.0 */
/* bs-model-private.h — a model's insides, for the library */
#pragma once

#include "bs-json.h"
#include "bs-topology.h"

#include <benchscale/bs-model.h>

struct _BsModel
{
  char *file;       /* for messages, and where paths begin */
  json_t *document; /* what is said */
  json_t *complete; /* (nullable) the same with all defaults; NULL: to be made */
};

/* (transfer full): takes @diagnostics */
BsProblems *bs_problems_new (BsDiagnostics *diagnostics);

/**
 * bs_model_topology:
 * @text: (out) (optional) (transfer full): what was read
 *
 * Returns: (transfer full) (nullable): the model as the library uses it; NULL when it is not valid
 */
BsTopology *bs_model_topology (BsModel *self, char **text, BsDiagnostics **diagnostics);
