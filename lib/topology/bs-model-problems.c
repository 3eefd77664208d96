/* SPDX-License-Identifier: Apache-2.0 */
/* bs-model-problems.c — diagnostics for those outside */
#include "bs-model-private.h"

struct _BsProblems
{
  BsDiagnostics *diagnostics;
  GArray *items; /* (element-type BsProblem) */
};

BsProblems *
bs_problems_new (BsDiagnostics *diagnostics)
{
  BsProblems *self = g_new0 (BsProblems, 1);

  self->diagnostics = diagnostics;
  self->items = g_array_new (FALSE, FALSE, sizeof (BsProblem));
  for (guint i = 0; i < diagnostics->items->len; i++)
    {
      const BsDiagnostic *from = g_ptr_array_index (diagnostics->items, i);
      BsProblem problem = { .severity = from->severity == BS_DIAGNOSTIC_ERROR ? BS_PROBLEM_ERROR : BS_PROBLEM_WARNING,
                            .file = from->file != NULL ? from->file : diagnostics->file,
                            .line = from->line,
                            .column = from->column,
                            .length = from->length,
                            .message = from->message,
                            .hint = from->hint };

      g_array_append_val (self->items, problem);
    }
  return self;
}

void
bs_problems_free (BsProblems *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->items);
  bs_diagnostics_free (self->diagnostics);
  g_free (self);
}

guint
bs_problems_count (const BsProblems *self)
{
  return self->items->len;
}

const BsProblem *
bs_problems_nth (const BsProblems *self, guint index)
{
  return index < self->items->len ? &g_array_index (self->items, BsProblem, index) : NULL;
}

gboolean
bs_problems_has_errors (const BsProblems *self)
{
  return bs_diagnostics_has_errors (self->diagnostics);
}
