/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-missing.c — stands in while no recipe is built in. REMOVE this file with the first bs-recipe.c. */
#include "bs-recipe.h"
#include "bs-error.h"

static const char *const none[] = { NULL };

__attribute__ ((weak)) const char *const *
bs_recipe_names (void)
{
  return none;
}

__attribute__ ((weak)) char *
bs_recipe_key (const char *name, GError **error)
{
  bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "this build has no recipe for image '%s'", name);
  return NULL;
}

__attribute__ ((weak)) gboolean
bs_recipe_build (const char *name, int folder_fd, const char *folder_path, BsImageProgress progress, gpointer user_data,
                 GCancellable *cancellable, json_t **manifest, GError **error)
{
  bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "this build has no recipe for image '%s'", name);
  return FALSE;
}
