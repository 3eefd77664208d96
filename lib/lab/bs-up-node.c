/* SPDX-License-Identifier: Apache-2.0 */
/* bs-up-node.c — start a node, tell it who it is, put into it what is its own */
#include "bs-backend-remote.h"
#include "bs-provision.h"
#include "bs-settings.h"
#include "bs-steps.h"
#include "bs-time.h"
#include "bs-up.h"

gboolean
bs_up_create_and_start (BsUp *up, const BsPlanNode *node, const BsBackendLab *lab, GError **error)
{
  const char *name = node->spec->name;
  g_autoptr (json_t) record = NULL;

  bs_events_emit (up->events, name, "start", "begin", "starting");
  return bs_journal_begin (up->journal, BS_STEP_CREATE_NODE, name, NULL, error)
         && node->backend->create_node (lab, node->spec, error)
         && bs_journal_done (up->journal, BS_STEP_CREATE_NODE, name, NULL, error)
         && bs_journal_begin (up->journal, BS_STEP_START_NODE, name, NULL, error)
         && node->backend->start_node (lab, node->spec, &record, error)
         && bs_journal_done (up->journal, BS_STEP_START_NODE, name, record, error);
}

gint64
bs_up_agent_deadline (const BsUp *up, const BsPlanNode *node)
{
  gint64 within_usec = bs_setting_number (BS_SETTING_BOOT_TIMEOUT);

  for (guint i = 0; i < node->model->ready->len; i++)
    {
      const BsTopologyReady *ready = g_ptr_array_index (node->model->ready, i);

      if (ready->kind == BS_READY_AGENT)
        within_usec = ready->within_usec;
    }
  return bs_time_sooner_usec (within_usec, up->deadline_usec);
}

gboolean
bs_up_identify (BsUp *up, const BsPlanNode *node, const BsBackendLab *lab, GError **error)
{
  const char *name = node->spec->name;

  if ((node->backend->caps & BS_CAP_IDENTITY) == 0)
    return TRUE;
  return bs_journal_begin (up->journal, BS_STEP_IDENTIFY_NODE, name, NULL, error)
         && node->backend->identify_node (
             lab, node->spec, bs_time_sooner_usec (bs_setting_number (BS_SETTING_IDENTIFY_TIMEOUT), up->deadline_usec),
             error)
         && bs_journal_done (up->journal, BS_STEP_IDENTIFY_NODE, name, NULL, error);
}

typedef struct
{
  BsUp *up;
  const char *node;
} Told;

static void
tell (const char *what, gpointer user_data)
{
  Told *told = user_data;

  bs_events_emit (told->up->events, told->node, "provision", "note", "%s", what);
}

/* The disk is as large as was asked for, its file system as it was in the image. */
static gboolean
grow (const BsPlanNode *node, BsRemote *remote, GError **error)
{
  static const char *const argv[] = { "sh", "-c", "exec resize2fs \"$(findmnt -n -o SOURCE /)\"", NULL };

  if (node->model->disk_gb == 0 || !node->spec->has_guest || node->spec->disk == NULL)
    return TRUE;
  if (bs_remote_run (remote, argv, NULL, NULL, NULL, error))
    return TRUE;
  g_prefix_error (error, "cannot grow the root file system to disk_gb: ");
  return FALSE;
}

static gboolean
is_needed (const BsPlanNode *node)
{
  return bs_provision_finishes (node->model) || node->model->disk_gb > 0;
}

gboolean
bs_up_provision (BsUp *up, const BsPlanNode *node, const BsBackendLab *lab, GError **error)
{
  const char *name = node->spec->name;
  BsBackendRemote way;
  Told told = { up, name };

  if (!is_needed (node))
    return TRUE;
  bs_events_emit (up->events, name, "provision", "begin", "gets its files and runs its commands");
  bs_backend_remote_init (&way, node->backend, lab, name, up->deadline_usec);
  return bs_journal_begin (up->journal, BS_STEP_PROVISION_NODE, name, NULL, error) && grow (node, &way.remote, error)
         && bs_provision_finish (node->model, node->spec->file, node->spec->folder, &way.remote, tell, &told, error)
         && bs_journal_done (up->journal, BS_STEP_PROVISION_NODE, name, NULL, error);
}
