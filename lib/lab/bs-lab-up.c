/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-up.c — bring a planned lab up, or leave nothing */
#include "bs-error.h"
#include "bs-failpoint.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-journal.h"
#include "bs-lab-private.h"
#include "bs-lab-wires.h"
#include "bs-pool.h"
#include "bs-provision.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-steps.h"
#include "bs-tag.h"
#include "bs-teardown.h"
#include "bs-up.h"
#include "bs-time.h"

#include <string.h>

#define TOPOLOGY_MAX (64 * 1024 * 1024)

static gboolean
check_cancelled (GCancellable *cancellable, GError **error)
{
  if (!g_cancellable_is_cancelled (cancellable))
    return TRUE;
  bs_set_error (error, BS_ERROR_CANCELLED, NULL, "interrupted");
  return FALSE;
}

/* The tags name the state folder, by its real path: so it is made before the name is asked for. */
static gboolean
name_state (BsPlan *plan, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  bs_autofd int registry = settings != NULL ? bs_registry_open (error) : -1;

  if (registry < 0)
    return FALSE;
  plan->state_id = bs_tag_state_id (bs_settings_state_dir (settings));
  return TRUE;
}

/* The topology as given. */
static gboolean
record_topology (const BsUp *up, GError **error)
{
  gsize length = up->plan->text != NULL ? strlen (up->plan->text) : 0;
  g_autofree char *text = up->plan->text != NULL
                              ? g_strdup (up->plan->text)
                              : bs_file_read (AT_FDCWD, up->plan->topology->file, TOPOLOGY_MAX, &length, error);

  return text != NULL && bs_file_write_atomic (up->lab_dir, BS_TOPOLOGY_FILE, text, length, 0600, error);
}

/* The folder, the topology as given, the record, the journal. */
static gboolean
create_record (BsUp *up, GError **error)
{
  g_autoptr (json_t) record = bs_plan_record (up->plan, "starting");

  /* From here on: making images and templates has limits of its own, and may take longer than all the rest. */
  up->deadline_usec = bs_time_now_usec () + up->timeout_usec;
  if (!bs_failpoint (BS_STEP_CREATE_RECORD ".before", error))
    return FALSE;
  up->lab_dir = bs_registry_create (up->plan->name, up->plan->uuid, error);
  if (up->lab_dir < 0)
    return FALSE;
  if (!record_topology (up, error) || !bs_record_write (up->lab_dir, record, error))
    return FALSE;
  if (!bs_plan_write_access (up->plan, up->lab_dir, error)
      || !bs_wire_traces_write (&up->plan->wires->traces, up->lab_dir, error))
    return FALSE;
  if (!bs_up_hold_cache (up, error))
    return FALSE;
  up->journal = bs_journal_open (up->lab_dir, BS_JOURNAL_FILE, error);
  return up->journal != NULL && bs_journal_done (up->journal, BS_STEP_CREATE_RECORD, up->plan->name, NULL, error);
}

static gboolean
start_supervisor (BsUp *up, GError **error)
{
  if (!bs_journal_begin (up->journal, BS_STEP_START_SUPERVISOR, "supervisor", NULL, error))
    return FALSE;
  up->control = bs_lab_start_supervisor (up->lab_dir, up->plan->state_id, up->plan->name, up->plan->uuid, error);
  if (up->control == NULL)
    return FALSE;
  bs_events_set_control (up->events, up->control);
  return bs_journal_done (up->journal, BS_STEP_START_SUPERVISOR, "supervisor", NULL, error);
}

static gboolean
start_switch (BsUp *up, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *program = NULL;

  if (settings == NULL)
    return FALSE;
  program = g_build_filename (bs_settings_libexec_dir (settings), "benchscale-switch", NULL);
  return bs_journal_begin (up->journal, BS_STEP_START_SWITCH, "switch", NULL, error)
         && bs_control_do (up->control, "start-switch", json_pack ("{s:s}", "program", program), up->deadline_usec,
                           up->cancellable, error)
         && bs_journal_done (up->journal, BS_STEP_START_SWITCH, "switch", NULL, error);
}

static void
template_progress (const char *node, const char *what, gpointer user_data)
{
  BsUp *up = user_data;

  bs_events_emit (up->events, node, "template", "note", "%s", what);
}

static gboolean
prepare_one (guint item, gpointer user_data, GCancellable *cancellable, GError **error)
{
  BsUp *up = user_data;
  const BsPlanNode *node = g_ptr_array_index (up->plan->nodes, item);
  char *template = NULL;
  gboolean ok;

  node->spec->cold = up->plan->cold;
  if ((node->backend->caps & BS_CAP_TEMPLATE) == 0 || (up->plan->cold && !bs_provision_bakes (node->model)))
    return TRUE;
  node->spec->keep_failed = up->keep_failed;
  ok = node->backend->prepare_node (node->spec, template_progress, up, cancellable, &template, error);
  g_mutex_lock (&up->holding);
  node->spec->template = template;
  bs_up_hold_early (up);
  g_mutex_unlock (&up->holding);
  if (ok)
    return TRUE;
  node->spec->kept = node->spec->template != NULL;
  node->spec->cold &= !node->spec->kept;
  return FALSE;
}

/* What nodes are forked from belongs to no lab, so it is made before there is one. */
static gboolean
prepare_nodes (BsUp *up, GError **error)
{
  bs_up_hold_early (up);
  return bs_pool_run_graph (up->plan->nodes->len, NULL, 0, BS_POOL_STOP_AT_ERROR, prepare_one, up, up->cancellable,
                            NULL, error);
}

static gboolean
start_one (guint item, gpointer user_data, GCancellable *cancellable, GError **error)
{
  BsUp *up = user_data;
  const BsPlanNode *node = g_ptr_array_index (up->plan->nodes, item);
  const char *name = node->spec->name;
  gint64 began_usec = bs_time_now_usec ();
  g_autofree char *took = NULL;
  BsBackendLab lab = { .state_id = up->plan->state_id,
                       .lab = up->plan->name,
                       .uuid = up->plan->uuid,
                       .lab_dir = up->lab_dir,
                       .control = up->control,
                       .cancellable = cancellable,
                       .ssh_pool = up->ssh_pool };
  gboolean ok;

  ok = bs_up_create_and_start (up, node, &lab, error);
  if (ok)
    bs_events_emit (up->events, name, "boot", "begin", "booting");
  ok = ok && node->backend->wait_node (&lab, name, bs_up_agent_deadline (up, node), error);
  if (ok)
    bs_events_emit (up->events, name, "identity", "begin", "is up, gets its name and addresses");
  ok = ok && bs_up_identify (up, node, &lab, error) && bs_up_provision (up, node, &lab, error)
       && bs_up_check_ready (up, node, &lab, error);
  if (!ok)
    {
      g_prefix_error (error, "failed to start node '%s': ", name);
      if (error != NULL && *error != NULL && !g_error_matches (*error, BS_ERROR, BS_ERROR_CANCELLED))
        bs_events_emit (up->events, name, "start", "fail", "%s", (*error)->message);
      return FALSE;
    }
  took = bs_time_format_duration (bs_time_now_usec () - began_usec);
  bs_events_emit (up->events, name, "ready", "end", "ready after %s", took);
  return TRUE;
}

static gboolean
start_nodes (BsUp *up, GError **error)
{
  g_autofree const GArray **after = g_new0 (const GArray *, up->plan->nodes->len);

  for (guint i = 0; i < up->plan->nodes->len; i++)
    after[i] = ((BsPlanNode *) g_ptr_array_index (up->plan->nodes, i))->after;
  return bs_pool_run_graph (up->plan->nodes->len, after, (guint) bs_setting_number (BS_SETTING_UP_WORKERS),
                            BS_POOL_STOP_AT_ERROR, start_one, up, up->cancellable, NULL, error);
}

/* Of machines whose provisioning failed before there was a lab; FALSE: there are none, or it cannot be. */
static gboolean
make_lab_of_kept (BsUp *up)
{
  g_autoptr (GError) error = NULL;

  if (!bs_up_has_kept (up) || g_cancellable_is_cancelled (up->cancellable))
    return FALSE;
  if (create_record (up, &error) && start_supervisor (up, &error) && start_switch (up, &error))
    {
      bs_up_start_kept (up);
      return TRUE;
    }
  bs_events_emit (up->events, NULL, "start", "note", "the machine that failed cannot be kept: %s", error->message);
  return FALSE;
}

static gboolean
finish (BsUp *up, GError **error)
{
  g_autoptr (json_t) record = bs_plan_record (up->plan, "running");

  return check_cancelled (up->cancellable, error)
         && bs_journal_begin (up->journal, BS_STEP_FINISH_UP, up->plan->name, NULL, error)
         && bs_record_write (up->lab_dir, record, error)
         && bs_journal_done (up->journal, BS_STEP_FINISH_UP, up->plan->name, NULL, error);
}

/* After a failure: nothing is left, or, when the user wants to look at it, everything and a record that says so. */
static void
undo (BsUp *up, GError **error)
{
  gboolean keep = up->keep_failed;
  g_autoptr (GError) undoing = NULL;
  g_autoptr (json_t) record = bs_plan_record (up->plan, "failed");
  BsTeardown teardown = { .name = up->plan->name,
                          .state_id = up->plan->state_id,
                          .uuid = up->plan->uuid,
                          .lab_dir = up->lab_dir,
                          .record = record,
                          .deadline_usec = bs_time_now_usec () + bs_setting_number (BS_SETTING_UNDO_TIMEOUT),
                          .events = up->events };

  if (up->lab_dir < 0 && keep)
    keep = make_lab_of_kept (up);
  if (!keep)
    bs_up_forget_kept (up);
  teardown.lab_dir = up->lab_dir;
  if (up->lab_dir < 0)
    bs_up_release_cache (up);
  if (up->lab_dir < 0)
    return;
  if (keep && !g_cancellable_is_cancelled (up->cancellable))
    {
      bs_record_write (up->lab_dir, record, NULL);
      bs_events_emit (up->events, NULL, "start", "note", "the failed lab '%s' is kept; `benchscale down %s` removes it",
                      up->plan->name, up->plan->name);
      return;
    }
  if (!bs_teardown (&teardown, &undoing))
    {
      g_autofree char *hint = g_strdup_printf ("run `benchscale down %s`", up->plan->name);

      g_prefix_error (error, "%s; and after this failure: ", undoing->message);
      bs_error_set_hint (*error, hint);
    }
}

static void
up_clear (BsUp *up)
{
  g_mutex_clear (&up->holding);
  g_clear_pointer (&up->ssh_pool, bs_ssh_pool_free);
  g_clear_pointer (&up->control, bs_control_unref);
  g_clear_pointer (&up->journal, bs_journal_free);
  g_clear_pointer (&up->events, bs_events_free);
  bs_fd_clear (&up->lab_dir);
}

BsLab *
bs_lab_up_plan (BsPlan *planned, const BsLabOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (BsPlan) plan = planned;
  g_autoptr (GError) local = NULL;
  gint64 timeout_usec = options != NULL && options->timeout_usec > 0 ? options->timeout_usec
                                                                     : bs_setting_number (BS_SETTING_UP_TIMEOUT);
  BsUp up = { .plan = plan,
              .events = bs_events_new (plan->name, options),
              .cancellable = cancellable,
              .lab_dir = -1,
              .keep_failed = options != NULL && options->keep_failed,
              .timeout_usec = timeout_usec };
  BsLab *lab = NULL;

  if (options != NULL && options->size > G_STRUCT_OFFSET (BsLabOptions, cold))
    plan->cold = options->cold;
  g_mutex_init (&up.holding);
  up.ssh_pool = bs_ssh_pool_new (NULL);
  bs_events_emit (up.events, NULL, "plan", "begin", "bringing up lab '%s': %u node%s", plan->name, plan->nodes->len,
                  plan->nodes->len == 1 ? "" : "s");
  if (check_cancelled (cancellable, &local) && name_state (plan, &local)
      && bs_plan_ensure_images (plan, up.events, cancellable, &local) && check_cancelled (cancellable, &local)
      && prepare_nodes (&up, &local) && bs_plan_check_room (plan, FALSE, &local) && create_record (&up, &local)
      && start_supervisor (&up, &local)
      && bs_lab_declare_wires (up.control, plan->wires, up.deadline_usec, cancellable, &local)
      && start_switch (&up, &local) && start_nodes (&up, &local)
      && bs_lab_begin_schedules (up.control, up.deadline_usec, cancellable, &local) && finish (&up, &local))
    {
      bs_events_emit (up.events, NULL, "ready", "end", "lab '%s' is ready", plan->name);
      lab = bs_lab_open (plan->name, &local);
    }
  else
    undo (&up, &local);
  up_clear (&up);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return lab;
}

BsLab *
bs_lab_up (const char *topology, const BsLabOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *model = bs_topology_load (topology, &diagnostics);
  BsPlan *plan;

  if (model == NULL)
    {
      bs_diagnostics_to_error (diagnostics, error);
      return NULL;
    }
  plan = bs_plan_make (model, options != NULL ? options->name : NULL, error);
  return plan != NULL ? bs_lab_up_plan (plan, options, cancellable, error) : NULL;
}
