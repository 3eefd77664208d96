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

/* Considers @candidate; the first of equally near ones stays. */
void bs_suggest_offer (BsSuggest *self, const char *candidate);

/* Number of characters inserted, deleted, changed or swapped with their neighbour; @limit when it is that or more. */
guint bs_suggest_distance (const char *a, const char *b, guint limit);
