/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-model.c — a lab of a model that no file has */
#include "bs-lab-private.h"
#include "bs-model-private.h"

BsLab *
bs_lab_up_model (BsModel *model, const BsLabOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autofree char *text = NULL;
  BsTopology *topology = bs_model_topology (model, &text, &diagnostics);
  BsPlan *plan;

  if (topology == NULL)
    {
      bs_diagnostics_to_error (diagnostics, error);
      return NULL;
    }
  plan = bs_plan_make (topology, options != NULL ? options->name : NULL, error);
  if (plan == NULL)
    return NULL;
  plan->text = g_steal_pointer (&text);
  return bs_lab_up_plan (plan, options, cancellable, error);
}
