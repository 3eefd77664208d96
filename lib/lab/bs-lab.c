/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab.c — the handle of a lab that is up */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-private.h"
#include "bs-process.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-supervisor-start.h"
#include "bs-tag.h"
#include "bs-time.h"
#include "bs-yaml.h"

#include <string.h>

#define HELLO_USEC (500 * BS_USEC_PER_MSEC)

struct _BsLab
{
  char *name, *state_id;
  int lab_dir;
  json_t *record;
  GMutex lock;
  BsControl *control;
  BsSshPool *ssh_pool;
  GPtrArray *ended; /* (element-type BsControl): earlier connections, which callers may still use */
};

BsLab *
bs_lab_open (const char *name, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autoptr (BsLab) self = NULL;
  g_autoptr (GError) local = NULL;

  if (settings == NULL)
    return NULL;
  self = g_new0 (BsLab, 1);
  g_mutex_init (&self->lock);
  self->name = g_strdup (name);
  self->ssh_pool = bs_ssh_pool_new (NULL);
  self->ended = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_control_unref);
  self->state_id = bs_tag_state_id (bs_settings_state_dir (settings));
  self->lab_dir = bs_registry_open_lab (name, BS_LOCK_NONE, error);
  if (self->lab_dir < 0)
    return NULL;
  self->record = bs_record_read (self->lab_dir, &local);
  if (self->record != NULL)
    return g_steal_pointer (&self);
  if (!bs_registry_check_ours (name, self->lab_dir, error))
    return NULL;
  if (g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    bs_set_error (error, BS_ERROR_FAILED, "`benchscale down` removes what is there", "lab '%s' was never finished",
                  name);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "lab '%s': ", name);
  return NULL;
}

void
bs_lab_free (BsLab *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->control, bs_control_unref);
  g_clear_pointer (&self->ended, g_ptr_array_unref);
  g_clear_pointer (&self->ssh_pool, bs_ssh_pool_free);
  g_clear_pointer (&self->record, json_decref);
  g_mutex_clear (&self->lock);
  bs_fd_clear (&self->lab_dir);
  g_free (self->name);
  g_free (self->state_id);
  g_free (self);
}

const char *
bs_lab_name (BsLab *self)
{
  return self->name;
}

const json_t *
bs_lab_record (BsLab *self)
{
  return self->record;
}

int
bs_lab_dir (BsLab *self)
{
  return self->lab_dir;
}

BsControl *
bs_lab_start_supervisor (int lab_dir, const char *state_id, const char *name, const char *uuid, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *program = NULL, *tag = NULL;

  if (settings == NULL)
    return NULL;
  program = g_build_filename (bs_settings_libexec_dir (settings), "benchscale-lab", NULL);
  tag = bs_tag_format (state_id, name, uuid, "supervisor", NULL);
  if (!bs_supervisor_start (lab_dir, program, tag,
                            bs_time_now_usec () + bs_setting_number (BS_SETTING_SUPERVISOR_TIMEOUT), error))
    return NULL;
  return bs_control_connect (lab_dir, error);
}

/* A supervisor is worth starting only where something of the lab still runs. */
static BsControl *
take_over (BsLab *self, GError **error)
{
  const char *uuid = bs_json_string (self->record, "uuid", "");
  g_autofree char *prefix = bs_tag_prefix_uuid (self->state_id, self->name, uuid);
  g_autoptr (GPtrArray) alive = bs_tag_find (prefix);

  if (alive->len > 0)
    return bs_lab_start_supervisor (self->lab_dir, self->state_id, self->name, uuid, error);
  bs_set_error (error, BS_ERROR_DIED,
                "nothing of it runs any more (was the host restarted?): `benchscale down` removes its record",
                "lab '%s' is not running", self->name);
  return NULL;
}

/* A supervisor that is being killed still has its socket for a moment. One that is only slow counts. */
static BsControl *
connect_living (BsLab *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  BsControl *control = bs_control_connect (self->lab_dir, &local);
  gint64 deadline_usec = bs_time_now_usec () + HELLO_USEC;

  if (control != NULL
      && (bs_control_do (control, "hello", NULL, deadline_usec, NULL, &local)
          || !g_error_matches (local, BS_ERROR, BS_ERROR_DIED)))
    return control;
  g_clear_pointer (&control, bs_control_unref);
  if (g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND) || g_error_matches (local, BS_ERROR, BS_ERROR_DIED))
    return take_over (self, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

BsControl *
bs_lab_control (BsLab *self, GError **error)
{
  BsControl *control;

  g_mutex_lock (&self->lock);
  if (self->control != NULL && bs_control_is_broken (self->control))
    g_ptr_array_add (self->ended, g_steal_pointer (&self->control));
  if (self->control == NULL)
    self->control = connect_living (self, error);
  control = self->control;
  g_mutex_unlock (&self->lock);
  return control;
}

const json_t *
bs_lab_find_node (BsLab *self, const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new ("its nodes:");
  g_autofree char *hint = NULL;
  json_t *node;
  size_t i;

  json_array_foreach (json_object_get (self->record, "nodes"), i, node)
  {
    if (strcmp (bs_json_string (node, "name", ""), name) == 0)
      return node;
    if (i < 20)
      g_string_append_printf (names, " %s", bs_json_string (node, "name", ""));
  }
  hint = g_strdup (names->str);
  bs_set_error (error, BS_ERROR_NOT_FOUND, hint, "lab '%s' has no node '%s'", self->name, name);
  return NULL;
}

const BsBackendClass *
bs_lab_backend (BsLab *self, const char *node, BsBackendLab *backend_lab, GError **error)
{
  const json_t *record = bs_lab_find_node (self, node, error);
  const BsBackendClass *backend;

  if (record == NULL)
    return NULL;
  backend = bs_backend_find (bs_json_string (record, "backend", ""));
  if (backend == NULL)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "node '%s' has a backend that this program lacks", node);
      return NULL;
    }
  *backend_lab = (BsBackendLab){ .state_id = self->state_id,
                                 .lab = self->name,
                                 .uuid = bs_json_string (self->record, "uuid", ""),
                                 .lab_dir = self->lab_dir,
                                 .control = bs_lab_control (self, error),
                                 .ssh_pool = self->ssh_pool };
  return backend_lab->control != NULL ? backend : NULL;
}

/* The topology's env of the node, then @more; a container for borrowed strings. */
static GPtrArray *
join_env (BsLab *self, const char *node, const char *const *more)
{
  GPtrArray *env = g_ptr_array_new ();
  const json_t *record = bs_lab_find_node (self, node, NULL);
  json_t *variable;
  size_t i;

  json_array_foreach (json_object_get (record, "env"), i, variable)
      g_ptr_array_add (env, (gpointer) json_string_value (variable));
  for (i = 0; more != NULL && more[i] != NULL; i++)
    g_ptr_array_add (env, (gpointer) more[i]);
  g_ptr_array_add (env, NULL);
  return env;
}

gboolean
bs_lab_exec (BsLab *self, const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
             GCancellable *cancellable, GError **error)
{
  BsBackendLab backend_lab;
  const BsBackendClass *backend = bs_lab_backend (self, node, &backend_lab, error);
  g_autoptr (GPtrArray) env = NULL;
  BsExecSpec whole = *spec;

  if (backend == NULL)
    return FALSE;
  env = join_env (self, node, spec->env);
  whole.env = (const char *const *) env->pdata;
  backend_lab.cancellable = cancellable;
  return backend->exec (&backend_lab, node, &whole, io, result, error);
}

/* The variables that `up` put in; nothing else that is set by now. (transfer full) */
static char **
recorded_variables (const json_t *record)
{
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  const json_t *variable;
  size_t i;

  json_array_foreach (json_object_get (record, "variables"), i, variable) if (json_is_string (variable))
      g_ptr_array_add (variables, g_strdup (json_string_value (variable)));
  g_ptr_array_add (variables, NULL);
  return (char **) g_ptr_array_steal (variables, NULL);
}

/* The presets of files that `up` was given, which may be gone or others by now. (transfer full) (nullable) */
static char *
recorded_presets (const json_t *record)
{
  json_t *presets = json_object_get (record, "presets");
  g_autoptr (json_t) document = presets != NULL ? json_pack ("{s:O}", "presets", presets) : NULL;

  return document != NULL ? bs_json_dump (document) : NULL;
}

BsTopology *
bs_lab_topology (BsLab *self, BsDiagnostics **diagnostics)
{
  static const char *const nothing[] = { NULL };
  g_auto (GStrv) variables = recorded_variables (self->record);
  g_autofree char *presets = recorded_presets (self->record);
  BsTopologyLoadOptions options
      = { .variables = (const char *const *) variables,
          .environment = nothing,
          .presets = presets,
          .expand_commands = json_is_true (json_object_get (self->record, "expand_commands")) };
  const char *name = bs_json_string (self->record, "topology", BS_TOPOLOGY_FILE);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  text = bs_file_read (self->lab_dir, BS_TOPOLOGY_FILE, BS_YAML_BYTES_MAX, &length, &error);
  if (text != NULL)
    return bs_topology_parse_full (name, text, length, &options, diagnostics);
  *diagnostics = bs_diagnostics_new (name);
  bs_diagnostics_add (*diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, bs_error_hint (error), "%s", error->message);
  return NULL;
}

int
bs_lab_hold (BsLab *self, GError **error)
{
  return bs_registry_open_lab (self->name, BS_LOCK_SHARED, error);
}

const char *
bs_version (void)
{
  return BS_VERSION;
}
