/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-lab-net-private.h"
#include "bs-settings.h"
#include "bs-time.h"
#include "bs-wire-plan.h"

#include <string.h>

json_t *
bs_lab_net_call (BsLab *self, const char *op, json_t *request, GCancellable *cancellable, GError **error)
{
  BsControl *control = bs_lab_control (self, error);

  if (control != NULL)
    return bs_control_call (control, op, request, NULL,
                            bs_time_now_usec () + bs_setting_number (BS_SETTING_STATUS_TIMEOUT), cancellable, error);
  json_decref (request);
  return NULL;
}

static guint64
call_for_fault (BsLab *self, const char *op, json_t *request, gint64 for_usec, const char *what,
                GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) answer = NULL;

  if (for_usec > 0)
    json_object_set_new (request, "for_usec", json_integer (for_usec));
  if (what != NULL)
    json_object_set_new (request, "what", json_string (what));
  answer = bs_lab_net_call (self, op, request, cancellable, error);
  return answer != NULL ? (guint64) bs_json_int (answer, "fault", 0) : 0;
}

/* What @change says, its trace being in the lab's folder then. */
static json_t *
make_values (BsLab *self, const BsLabNetChange *change, GError **error)
{
  g_auto (BsWireTraces) traces = { 0 };
  json_t *values;

  if (change->down)
    return json_pack ("{s:b}", "down", 1);
  if (change->conditions->schedule != NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, "change them with a deadline instead",
                    "'schedule' is for the topology: it counts from the lab's start");
      return NULL;
    }
  bs_wire_traces_init (&traces, change->folder);
  values = bs_wire_plan_values (change->conditions, &traces, NULL, error);
  if (values == NULL || bs_wire_traces_write (&traces, bs_lab_dir (self), error))
    return values;
  json_decref (values);
  return NULL;
}

/* @targets: (transfer full) */
static guint64
set_targets (BsLab *self, json_t *targets, const BsLabNetChange *change, GCancellable *cancellable, GError **error)
{
  json_t *values = make_values (self, change, error);

  if (values == NULL)
    {
      json_decref (targets);
      return 0;
    }
  return call_for_fault (self, "set-wires", json_pack ("{s:o, s:o}", "targets", targets, "values", values),
                         change->for_usec, change->what, cancellable, error);
}

guint64
bs_lab_net_set (BsLab *self, const char *target, const BsLabNetChange *change, GCancellable *cancellable,
                GError **error)
{
  json_t *targets = bs_lab_net_targets (self, target, change->down ? "both" : change->ingress ? "in" : "out", error);

  return targets != NULL ? set_targets (self, targets, change, cancellable, error) : 0;
}

gboolean
bs_lab_net_reset (BsLab *self, const char *target, GCancellable *cancellable, GError **error)
{
  json_t *request = json_object (), *targets = NULL;
  g_autoptr (json_t) answer = NULL;

  if (target != NULL && (targets = bs_lab_net_targets (self, target, "both", error)) == NULL)
    {
      json_decref (request);
      return FALSE;
    }
  if (targets != NULL)
    json_object_set_new (request, "targets", targets);
  answer = bs_lab_net_call (self, "reset", request, cancellable, error);
  return answer != NULL;
}

gboolean
bs_lab_net_heal (BsLab *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) answer = bs_lab_net_call (self, "heal", json_object (), cancellable, error);

  return answer != NULL;
}

gboolean
bs_lab_net_end (BsLab *self, const guint64 *faults, guint n_faults, GError **error)
{
  json_t *list = json_array ();
  g_autoptr (json_t) answer = NULL;

  for (guint i = 0; i < n_faults; i++)
    json_array_append_new (list, json_integer ((json_int_t) faults[i]));
  answer = bs_lab_net_call (self, "heal", json_pack ("{s:o}", "faults", list), NULL, error);
  return answer != NULL;
}

/* The wires of an action: of its nodes, or all; of one network or interface, or all. */
static json_t *
action_targets (BsLab *self, const BsTopologyAction *action, const char *direction, GError **error)
{
  const BsTopologyTarget *target = &action->target;
  g_autoptr (json_t) targets = json_array ();
  int network = target->network != NULL ? bs_lab_net_find_network (self, target->network) : -1;

  if (target->network != NULL && network < 0)
    {
      bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "lab '%s' has no network '%s'", bs_lab_name (self),
                    target->network);
      return NULL;
    }
  for (guint i = 0; i < MAX (target->nodes->len, 1); i++)
    {
      const char *node = target->nodes->len > 0 ? g_ptr_array_index (target->nodes, i) : NULL;
      g_autofree char *text = target->interface != NULL && node != NULL
                                  ? g_strdup_printf ("%s/%s", node, target->interface)
                                  : g_strdup (node);
      json_t *end = text != NULL ? bs_lab_net_end_of (self, text, error) : json_object ();

      if (end == NULL)
        return NULL;
      if (network >= 0)
        json_object_set_new (end, "network", json_integer (network));
      json_object_set_new (end, "direction", json_string (direction));
      json_array_append_new (targets, end);
    }
  return g_steal_pointer (&targets);
}

static guint64
act_partition (BsLab *self, const BsTopologyAction *action, const char *what, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);
  BsLabNetPartition partition
      = { .one_way = action->one_way, .bridge = action->bridge, .for_usec = action->for_usec, .what = what };

  for (guint i = 0; i < action->groups->len; i++)
    {
      GPtrArray *group = g_ptr_array_index (action->groups, i);
      GString *text = g_string_new (NULL);

      for (guint k = 0; k < group->len; k++)
        g_string_append_printf (text, "%s%s", k > 0 ? "," : "", (const char *) g_ptr_array_index (group, k));
      g_ptr_array_add (groups, g_string_free (text, FALSE));
    }
  g_ptr_array_add (groups, NULL);
  partition.groups = (const char *const *) groups->pdata;
  return bs_lab_net_partition (self, &partition, cancellable, error);
}

static guint64
act_set (BsLab *self, const BsTopologyAction *action, const char *folder, const char *what, GCancellable *cancellable,
         GError **error)
{
  gboolean down = action->kind == BS_ACTION_DOWN;
  BsLabNetChange change = { .conditions = action->conditions,
                            .ingress = action->ingress,
                            .down = down,
                            .for_usec = action->for_usec,
                            .folder = folder,
                            .what = what };
  json_t *targets = action_targets (self, action, down ? "both" : action->ingress ? "in" : "out", error);

  return targets != NULL ? set_targets (self, targets, &change, cancellable, error) : 0;
}

static void
act_reset (BsLab *self, const BsTopologyAction *action, GCancellable *cancellable, GError **error)
{
  json_t *targets = action_targets (self, action, "both", error);

  if (targets != NULL)
    json_decref (bs_lab_net_call (self, "reset", json_pack ("{s:o}", "targets", targets), cancellable, error));
}

guint64
bs_lab_net_act (BsLab *self, const BsTopologyAction *action, const char *folder, const char *what,
                GCancellable *cancellable, GError **error)
{
  switch (action->kind)
    {
    case BS_ACTION_CONDITIONS:
    case BS_ACTION_DOWN:
      return act_set (self, action, folder, what, cancellable, error);
    case BS_ACTION_PARTITION:
      return act_partition (self, action, what, cancellable, error);
    case BS_ACTION_RESET:
      act_reset (self, action, cancellable, error);
      return 0;
    case BS_ACTION_HEAL:
      bs_lab_net_heal (self, cancellable, error);
      return 0;
    default:
      bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "nothing in this version acts on it");
      return 0;
    }
}
