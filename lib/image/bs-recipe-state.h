/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-state.h — what the mirror would give now, as far as apt knows, and the version of the tool that takes it */
#pragma once

#include "bs-recipe-private.h"

/**
 * bs_recipe_state:
 *
 * Takes seconds. Where apt's lists lack the sources the state says so: that is no error, for the build fetches lists of
 * its own.
 *
 * Returns: (transfer full): text; NULL with %BS_ERROR_HOST when there is no apt or mmdebstrap
 */
char *bs_recipe_state (GTree *inputs, GError **error);

/* "NAME VERSION" for each "Inst NAME (VERSION …" of a simulation by apt-get, sorted; (transfer full), NULL without one.
 */
char *bs_recipe_parse_versions (const char *simulation);
