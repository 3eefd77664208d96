/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-net-layer.h"
#include "bs-arguments.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-wire-values.h"

#include <string.h>

#define SCHEDULE_MAX 4096
#define AT_MAX_USEC (G_MAXINT64 / 4)

void
bs_net_layer_free (BsNetLayer *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->targets, g_ptr_array_unref);
  json_decref (self->values);
  g_free (self->what);
  g_free (self);
}

BsNetLayer *
bs_net_layer_load (const json_t *object, GError **error)
{
  g_autoptr (BsNetLayer) self = g_new0 (BsNetLayer, 1);
  json_t *values = json_object_get (object, "values");

  self->targets = bs_net_targets_load (json_object_get (object, "targets"), error);
  if (self->targets == NULL || (values != NULL && !bs_wire_values_check (values, error)))
    return NULL;
  self->values = json_incref (values);
  self->id = (guint64) bs_json_int (object, "id", 0);
  self->until_usec = bs_json_int (object, "until_usec", 0);
  self->what = g_strdup (bs_json_string (object, "what", NULL));
  return g_steal_pointer (&self);
}

json_t *
bs_net_layer_save (const BsNetLayer *self)
{
  return json_pack ("{s:I, s:o, s:O*, s:I, s:s*}", "id", (json_int_t) self->id, "targets",
                    bs_net_targets_save (self->targets), "values", self->values, "until_usec",
                    (json_int_t) self->until_usec, "what", self->what);
}

void
bs_net_declared_free (BsNetDeclared *self)
{
  if (self == NULL)
    return;
  g_free (self->node);
  g_free (self->to);
  json_decref (self->values);
  json_decref (self->schedule);
  g_free (self);
}

static gboolean
check_schedule (const json_t *schedule, GError **error)
{
  if (!json_is_array (schedule) || json_array_size (schedule) > SCHEDULE_MAX)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'schedule' is no list of at most %d changes", SCHEDULE_MAX);
      return FALSE;
    }
  for (gsize i = 0; i < json_array_size (schedule); i++)
    {
      const json_t *entry = json_array_get (schedule, i);
      gint64 at, length;

      if (!bs_arguments_int (entry, "at_usec", 0, AT_MAX_USEC, &at, error)
          || !bs_arguments_int (entry, "for_usec", 0, AT_MAX_USEC, &length, error)
          || !bs_wire_values_check (json_object_get (entry, "values"), error))
        return FALSE;
    }
  return TRUE;
}

BsNetDeclared *
bs_net_declared_load (const json_t *object, GError **error)
{
  g_autoptr (BsNetDeclared) self = g_new0 (BsNetDeclared, 1);
  const char *node = bs_arguments_node (object, error), *to = bs_json_string (object, "to", NULL);
  json_t *schedule = json_object_get (object, "schedule"), *values = json_object_get (object, "values");
  gint64 interface, to_interface = 0;

  if (node == NULL || !bs_arguments_int (object, "interface", 0, BS_CONTROL_INTERFACES_MAX - 1, &interface, error)
      || (to != NULL
          && !bs_arguments_int (object, "to_interface", 0, BS_CONTROL_INTERFACES_MAX - 1, &to_interface, error))
      || !bs_wire_values_check (values, error) || (schedule != NULL && !check_schedule (schedule, error)))
    return NULL;
  if (to != NULL && !bs_arguments_is_node (to))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'to' is no name of a node");
      return NULL;
    }
  self->node = g_strdup (node);
  self->to = g_strdup (to);
  self->interface = (guint) interface;
  self->to_interface = (guint) to_interface;
  self->ingress = to == NULL && strcmp (bs_json_string (object, "direction", "out"), "in") == 0;
  self->values = json_incref (values);
  self->schedule = json_incref (schedule);
  return g_steal_pointer (&self);
}

json_t *
bs_net_declared_save (const BsNetDeclared *self)
{
  json_t *object
      = json_pack ("{s:s, s:i, s:s, s:O, s:O*}", "node", self->node, "interface", (int) self->interface, "direction",
                   self->ingress ? "in" : "out", "values", self->values, "schedule", self->schedule);

  if (self->to != NULL)
    {
      json_object_set_new (object, "to", json_string (self->to));
      json_object_set_new (object, "to_interface", json_integer (self->to_interface));
    }
  return object;
}

char *
bs_net_declared_key (const char *node, guint interface, gboolean ingress, const char *to, guint to_interface)
{
  return g_strdup_printf ("%s/%u/%s/%s/%u", node, interface, ingress ? "in" : "out", to != NULL ? to : "",
                          to_interface);
}

const json_t *
bs_net_declared_now (const BsNetDeclared *self, gint64 passed_usec, gint64 *next_usec)
{
  const json_t *now = NULL;

  *next_usec = G_MAXINT64;
  for (gsize i = 0; i < json_array_size (self->schedule); i++)
    {
      const json_t *entry = json_array_get (self->schedule, i);
      gint64 begin = bs_json_int (entry, "at_usec", 0), length = bs_json_int (entry, "for_usec", 0);
      gint64 end = length == 0 ? G_MAXINT64 : begin + length;

      if (passed_usec < begin)
        *next_usec = MIN (*next_usec, begin);
      else if (passed_usec < end)
        {
          now = json_object_get (entry, "values");
          *next_usec = MIN (*next_usec, end);
        }
    }
  return now;
}
