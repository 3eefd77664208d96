/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-progress.h — from the lines of mmdebstrap, apt and dpkg to phrases for people */
#pragma once

#include <glib.h>

typedef struct
{
  guint packages; /* that will be there; 0: not known yet */
  guint fetched, installed;
} BsRecipeProgress;

/* What @line tells: "installing packages (57 of 150)"; (transfer full) (nullable): nothing new. */
char *bs_recipe_progress_line (BsRecipeProgress *self, const char *line);
