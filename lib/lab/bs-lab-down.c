/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-down.c — take a lab down by its record, or by its objects' tags alone */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-lab-private.h"
#include "bs-process.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-tag.h"
#include "bs-teardown.h"
#include "bs-time.h"

/* Only objects of the lab are left: its folder is made anew, so that nobody else takes the name meanwhile. */
static int
claim_name (const char *name, const char *state_id, GError **error)
{
  g_autofree char *prefix = bs_tag_prefix_lab (state_id, name);
  g_autoptr (GPtrArray) left = bs_tag_find (prefix);

  if (left->len > 0)
    return bs_registry_create (name, "", error);
  bs_set_error (error, BS_ERROR_NOT_FOUND, "`benchscale list` shows the labs there are", "there is no lab '%s'", name);
  return -1;
}

/* The locked folder of the lab, or -1. */
static int
claim_folder (const char *name, const char *state_id, GError **error)
{
  g_autoptr (GError) local = NULL;
  int lab_dir = bs_registry_open_lab (name, BS_LOCK_EXCLUSIVE, &local);

  if (lab_dir >= 0 && !bs_registry_check_ours (name, lab_dir, error))
    bs_fd_clear (&lab_dir);
  else if (g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    return claim_name (name, state_id, error);
  else if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return lab_dir;
}

gboolean
bs_lab_down (const char *name, const BsLabOptions *options, GCancellable *cancellable, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autoptr (BsEvents) events = NULL;
  g_autofree char *state_id = NULL;
  g_autoptr (json_t) record = NULL;
  g_autoptr (GError) damaged = NULL;
  bs_autofd int lab_dir = -1;
  gint64 timeout_usec = options != NULL && options->timeout_usec > 0 ? options->timeout_usec
                                                                     : bs_setting_number (BS_SETTING_DOWN_TIMEOUT);

  if (settings == NULL || !bs_registry_check_name (name, error))
    return FALSE;
  if (g_cancellable_is_cancelled (cancellable))
    {
      bs_set_error (error, BS_ERROR_CANCELLED, NULL, "interrupted");
      return FALSE;
    }
  state_id = bs_tag_state_id (bs_settings_state_dir (settings));
  lab_dir = claim_folder (name, state_id, error);
  if (lab_dir < 0)
    return FALSE;
  events = bs_events_new (name, options);
  record = bs_record_read (lab_dir, &damaged);
  if (g_error_matches (damaged, BS_ERROR, BS_ERROR_UNSUPPORTED))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&damaged), "lab '%s': ", name);
      return FALSE;
    }
  return bs_teardown (&(BsTeardown){ .name = name,
                                     .state_id = state_id,
                                     .lab_dir = lab_dir,
                                     .record = record,
                                     .graceful = options != NULL && options->graceful,
                                     .deadline_usec = bs_time_now_usec () + timeout_usec,
                                     .events = events },
                      error);
}
