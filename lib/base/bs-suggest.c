/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-suggest.h"

#include <string.h>

#define LENGTH_MAX 64

static gboolean
same (char a, char b)
{
  return g_ascii_tolower (a) == g_ascii_tolower (b);
}

/* Fills one row of the distance table within @limit of its diagonal. Returns: the row's least value. */
static guint
fill_row (const char *a, const char *b, gsize b_length, gsize i, guint limit, guint rows[3][LENGTH_MAX + 1])
{
  const guint *before = rows[(i + 1) % 3], *above = rows[(i + 2) % 3];
  guint *row = rows[i % 3];
  gsize from = i > limit ? i - limit : 1, to = MIN (b_length, i + limit);
  guint least = row[from - 1] = from == 1 ? (guint) i : limit;

  for (gsize j = from; j <= to; j++)
    {
      guint cost = above[j - 1] + !same (a[i - 1], b[j - 1]);

      cost = MIN (cost, row[j - 1] + 1);
      if (j < i + limit)
        cost = MIN (cost, above[j] + 1);
      if (i > 1 && j > 1 && same (a[i - 1], b[j - 2]) && same (a[i - 2], b[j - 1]))
        cost = MIN (cost, before[j - 2] + 1);
      row[j] = MIN (cost, limit);
      least = MIN (least, row[j]);
    }
  return least;
}

guint
bs_suggest_distance (const char *a, const char *b, guint limit)
{
  gsize a_length = strlen (a), b_length = strlen (b);
  guint rows[3][LENGTH_MAX + 1];

  if (a_length > LENGTH_MAX || b_length > LENGTH_MAX || MAX (a_length, b_length) - MIN (a_length, b_length) >= limit)
    return limit;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint j = 0; j <= b_length; j++)
      rows[i][j] = i == 0 ? MIN (j, limit) : limit;
  for (gsize i = 1; i <= a_length; i++)
    if (fill_row (a, b, b_length, i, limit, rows) >= limit)
      return limit;
  return rows[a_length % 3][b_length];
}

void
bs_suggest_init (BsSuggest *self, const char *wrong)
{
  gsize length = strlen (wrong);

  self->wrong = wrong;
  self->nearest = NULL;
  self->distance = length < 3 ? 2 : length < 6 ? 3 : 4;
}

void
bs_suggest_offer (BsSuggest *self, const char *candidate)
{
  guint distance = bs_suggest_distance (self->wrong, candidate, self->distance);

  if (distance >= self->distance || distance >= strlen (candidate))
    return;
  self->distance = distance;
  self->nearest = candidate;
}

const char *
bs_suggest_nearest (const char *wrong, const char *const *known)
{
  BsSuggest self;

  bs_suggest_init (&self, wrong);
  for (guint i = 0; known[i] != NULL; i++)
    bs_suggest_offer (&self, known[i]);
  return self.nearest;
}
