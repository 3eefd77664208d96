/* SPDX-License-Identifier: Apache-2.0 */
/* bs-up-hold.c — what a lab stands on stays in the cache as long as the lab is recorded */
#include "bs-cache-hold.h"
#include "bs-error.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-up.h"

static void
add (GPtrArray *names, char *name)
{
  if (name != NULL)
    g_ptr_array_add (names, name);
}

static gboolean
hold (const BsUp *up, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autoptr (GPtrArray) files = g_ptr_array_new (), templates = g_ptr_array_new ();
  g_autofree char *witness = NULL;

  if (settings == NULL)
    return FALSE;
  for (guint i = 0; i < up->plan->nodes->len; i++)
    {
      const BsBackendNode *spec = ((BsPlanNode *) g_ptr_array_index (up->plan->nodes, i))->spec;

      add (files, spec->kernel);
      add (files, spec->initrd);
      add (files, spec->disk);
      add (templates, spec->template);
    }
  g_ptr_array_add (files, NULL);
  g_ptr_array_add (templates, NULL);
  witness = g_build_filename (bs_settings_state_dir (settings), "labs", up->plan->name, BS_MARKER_FILE, NULL);
  return bs_cache_hold (bs_settings_cache_dir (settings), up->plan->uuid, witness, (const char *const *) files->pdata,
                        (const char *const *) templates->pdata, error);
}

gboolean
bs_up_hold_cache (const BsUp *up, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (hold (up, &local))
    return TRUE;
  /* Who may only read the cache takes the risk that its owner prunes it; a full disk is where the limit works. */
  if (local->code != BS_ERROR_EXHAUSTED)
    {
      bs_events_emit (up->events, NULL, "start", "note", "%s", local->message);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
bs_up_hold_early (const BsUp *up)
{
  hold (up, NULL);
}

void
bs_up_release_cache (const BsUp *up)
{
  const BsSettings *settings = bs_settings_get (NULL);

  if (settings != NULL)
    bs_cache_release (bs_settings_cache_dir (settings), up->plan->uuid);
}
