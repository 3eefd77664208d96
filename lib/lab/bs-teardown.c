/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-teardown.h"
#include "bs-backend.h"
#include "bs-cache-hold.h"
#include "bs-error.h"
#include "bs-failpoint.h"
#include "bs-journal.h"
#include "bs-pool.h"
#include "bs-process.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-steps.h"
#include "bs-tag.h"
#include "bs-time.h"

#include <string.h>

#define SUPERVISOR_USEC (2 * BS_USEC_PER_SEC)
#define KILL_ROUNDS 5

typedef struct
{
  const BsTeardown *plan;
  BsJournal *journal; /* (nullable): down goes on where it cannot be written */
  BsBackendLab backend_lab;
  json_t *nodes; /* (borrowed) of the record */
} Run;

/* Removal needs no journal, so a full disk must not stop it; a failpoint must. */
static gboolean
step (Run *run, gboolean (*mark) (BsJournal *, const char *, const char *, const json_t *, GError **), const char *name,
      const char *object, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (run->journal == NULL || mark (run->journal, name, object, NULL, &local)
      || g_error_matches (local, BS_ERROR, BS_ERROR_EXHAUSTED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
stop_one (guint item, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Run *run = user_data;
  const json_t *node = json_array_get (run->nodes, item);
  const char *name = bs_json_string (node, "name", "");
  const BsBackendClass *backend = bs_backend_find (bs_json_string (node, "backend", ""));
  g_autoptr (GError) local = NULL;

  if (backend == NULL)
    return TRUE;
  if (!step (run, bs_journal_begin, BS_STEP_STOP_NODE, name, error))
    return FALSE;
  /* What does not stop here is ended by its tag later: only tell. */
  if (backend->stop_node (&run->backend_lab, name, run->plan->graceful ? run->plan->deadline_usec : 0, &local))
    bs_events_emit (run->plan->events, name, "stop", "end", "stopped");
  else
    bs_events_emit (run->plan->events, name, "stop", "note", "%s", local->message);
  return step (run, bs_journal_done, BS_STEP_STOP_NODE, name, error);
}

static gboolean
stop_nodes (Run *run, GError **error)
{
  guint n = (guint) json_array_size (run->nodes);

  return n == 0 || run->backend_lab.control == NULL
         || bs_pool_run_graph (n, NULL, (guint) bs_setting_number (BS_SETTING_DOWN_WORKERS), BS_POOL_KEEP_GOING,
                               stop_one, run, NULL, NULL, error);
}

static gboolean
stop_supervisor (Run *run, GError **error)
{
  if (run->backend_lab.control == NULL)
    return TRUE;
  if (!step (run, bs_journal_begin, BS_STEP_STOP_SUPERVISOR, "supervisor", error))
    return FALSE;
  bs_events_set_control (run->plan->events, NULL);
  /* One that does not answer is ended by its tag. */
  bs_control_do (run->backend_lab.control, "shutdown", json_pack ("{s:b}", "force", 1),
                 bs_time_now_usec () + SUPERVISOR_USEC, NULL, NULL);
  return step (run, bs_journal_done, BS_STEP_STOP_SUPERVISOR, "supervisor", error);
}

/* The supervisor first: alive, it would start the switch again. */
static gboolean
kill_role (const char *prefix, const char *role, gint64 deadline_usec, GError **error)
{
  g_autoptr (GPtrArray) all = bs_tag_find (prefix);
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      BsProcess *process = g_ptr_array_index (all, i);
      g_auto (BsTag) tag = { 0 };

      if (bs_tag_of_process (process, &tag) && (role == NULL || g_str_equal (tag.role, role)))
        g_ptr_array_add (chosen, process);
    }
  return bs_process_kill_all (chosen, deadline_usec, error);
}

static gboolean
anything_left (const char *prefix)
{
  g_autoptr (GPtrArray) left = bs_tag_find (prefix);

  return left->len > 0;
}

gboolean
bs_teardown_objects (const char *prefix, gint64 deadline_usec, GError **error)
{
  for (int round = 0; round < KILL_ROUNDS && anything_left (prefix); round++)
    if (!kill_role (prefix, "supervisor", deadline_usec, error) || !kill_role (prefix, NULL, deadline_usec, error))
      return FALSE;
  for (const BsBackendClass *const *backend = bs_backend_list (); *backend != NULL; backend++)
    if (!(*backend)->remove_owned (prefix, error))
      return FALSE;
  return TRUE;
}

static gboolean
remove_objects (Run *run, const char *prefix, GError **error)
{
  gint64 least_usec = bs_time_now_usec () + SUPERVISOR_USEC;
  gint64 deadline_usec = MAX (run->plan->deadline_usec, least_usec);

  return step (run, bs_journal_begin, BS_STEP_REMOVE_OBJECTS, run->plan->name, error)
         && bs_teardown_objects (prefix, deadline_usec, error)
         && step (run, bs_journal_done, BS_STEP_REMOVE_OBJECTS, run->plan->name, error);
}

/* A lab whose uuid is not known any more holds nothing either, since its folder is gone. */
static void
release_cache (const BsTeardown *plan)
{
  const BsSettings *settings = bs_settings_get (NULL);
  const char *uuid = plan->uuid != NULL ? plan->uuid : bs_json_string (plan->record, "uuid", "");

  if (settings != NULL && g_uuid_string_is_valid (uuid))
    bs_cache_release (bs_settings_cache_dir (settings), uuid);
}

static gboolean
remove_record (Run *run, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!step (run, bs_journal_begin, BS_STEP_REMOVE_RECORD, run->plan->name, error))
    return FALSE;
  /* Not found: the folder is gone already, or its name leads to another lab's. */
  if (!bs_registry_remove (run->plan->name, run->plan->lab_dir, &local)
      && !g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  release_cache (run->plan);
  return bs_failpoint (BS_STEP_REMOVE_RECORD ".after", error);
}

gboolean
bs_teardown (const BsTeardown *self, GError **error)
{
  g_autoptr (BsJournal) journal = NULL;
  g_autoptr (BsControl) control = bs_control_connect (self->lab_dir, NULL);
  g_autofree char *prefix = self->uuid != NULL ? bs_tag_prefix_uuid (self->state_id, self->name, self->uuid)
                                               : bs_tag_prefix_lab (self->state_id, self->name);
  Run run = { .plan = self, .nodes = json_object_get (self->record, "nodes") };

  bs_registry_mark (self->lab_dir);
  run.journal = journal = bs_journal_open (self->lab_dir, BS_JOURNAL_FILE, NULL);
  run.backend_lab = (BsBackendLab){ .state_id = self->state_id,
                                    .lab = self->name,
                                    .uuid = self->uuid != NULL ? self->uuid : "",
                                    .lab_dir = self->lab_dir,
                                    .control = control };
  bs_events_emit (self->events, NULL, "stop", "begin", "taking lab '%s' down", self->name);
  if (!stop_nodes (&run, error) || !stop_supervisor (&run, error) || !remove_objects (&run, prefix, error)
      || !remove_record (&run, error))
    {
      g_prefix_error (error, "lab '%s' is not wholly removed: ", self->name);
      return FALSE;
    }
  bs_events_emit (self->events, NULL, "stop", "end", "lab '%s' is gone", self->name);
  return TRUE;
}
