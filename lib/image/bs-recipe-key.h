/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-key.h — a digest of what decides an image, known before it is built */
#pragma once

#include "bs-recipe-private.h"

/* Hex digest of all @inputs but the way to the mirror, and of @state; (transfer full). */
char *bs_recipe_digest (GTree *inputs, const char *state);
