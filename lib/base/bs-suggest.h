/* SPDX-License-Identifier: Apache-2.0 */
/* bs-suggest.h — the known word that a wrong one was most likely meant to be */
#pragma once

#include <glib.h>

typedef struct
{
  const char *wrong;
  const char *nearest; /* (nullable) the best so far */
  guint distance;      /* of nearest; at first one more than is still a likely slip */
} BsSuggest;

void bs_suggest_init (BsSuggest *self, const char *wrong);

/* Considers @candidate; the first of equally near ones stays. One of which no letter would be left was not meant. */
void bs_suggest_offer (BsSuggest *self, const char *candidate);

/* The nearest of @known, which ends with NULL; (nullable) (transfer none) a member of it. */
const char *bs_suggest_nearest (const char *wrong, const char *const *known);

/* Number of characters inserted, deleted, changed or swapped with their neighbour, where case costs nothing; @limit
 * when it is that or more. */
guint bs_suggest_distance (const char *a, const char *b, guint limit);
