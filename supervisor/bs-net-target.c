/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-net-target.h"
#include "bs-arguments.h"
#include "bs-control-protocol.h"
#include "bs-error.h"

#include <string.h>

#define TARGETS_MAX 8192

void
bs_net_target_free (BsNetTarget *self)
{
  if (self == NULL)
    return;
  g_free (self->node);
  g_free (self->to);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsNetTarget, bs_net_target_free)

static gboolean
load_node (const json_t *object, const char *key, char **node, GError **error)
{
  const char *text = bs_json_string (object, key, NULL);

  if (json_object_get (object, key) == NULL)
    return TRUE;
  if (text == NULL || !bs_arguments_is_node (text))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no name of a node", key);
      return FALSE;
    }
  *node = g_strdup (text);
  return TRUE;
}

static gboolean
load_number (const json_t *object, const char *key, gint64 most, int *number, GError **error)
{
  gint64 value = -1;

  if (json_object_get (object, key) != NULL && !bs_arguments_int (object, key, 0, most, &value, error))
    return FALSE;
  *number = (int) value;
  return TRUE;
}

static gboolean
load_direction (const json_t *object, BsNetTarget *self, GError **error)
{
  const char *text = bs_json_string (object, "direction", "out");

  self->in = strcmp (text, "in") == 0 || strcmp (text, "both") == 0;
  self->out = strcmp (text, "out") == 0 || strcmp (text, "both") == 0;
  if (self->in || self->out)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'direction' is none of out, in and both");
  return FALSE;
}

BsNetTarget *
bs_net_target_load (const json_t *object, GError **error)
{
  g_autoptr (BsNetTarget) self = g_new0 (BsNetTarget, 1);

  if (!json_is_object (object))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "a target is an object");
      return NULL;
    }
  if (load_node (object, "node", &self->node, error) && load_node (object, "to", &self->to, error)
      && load_number (object, "interface", BS_CONTROL_INTERFACES_MAX - 1, &self->interface, error)
      && load_number (object, "to_interface", BS_CONTROL_INTERFACES_MAX - 1, &self->to_interface, error)
      && load_number (object, "network", BS_SWITCH_NETWORKS_MAX - 1, &self->network, error)
      && load_direction (object, self, error))
    return g_steal_pointer (&self);
  return NULL;
}

json_t *
bs_net_target_save (const BsNetTarget *self)
{
  json_t *object = json_pack ("{s:s*, s:s*, s:s}", "node", self->node, "to", self->to, "direction",
                              self->in && self->out ? "both"
                              : self->in            ? "in"
                                                    : "out");

  if (self->interface >= 0)
    json_object_set_new (object, "interface", json_integer (self->interface));
  if (self->to_interface >= 0)
    json_object_set_new (object, "to_interface", json_integer (self->to_interface));
  if (self->network >= 0)
    json_object_set_new (object, "network", json_integer (self->network));
  return object;
}

GPtrArray *
bs_net_targets_load (const json_t *list, GError **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_net_target_free);

  if (json_array_size (list) == 0 || json_array_size (list) > TARGETS_MAX)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'targets' is missing, empty or longer than %d", TARGETS_MAX);
      return NULL;
    }
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      BsNetTarget *target = bs_net_target_load (json_array_get (list, i), error);

      if (target == NULL)
        return NULL;
      g_ptr_array_add (targets, target);
    }
  return g_steal_pointer (&targets);
}

json_t *
bs_net_targets_save (const GPtrArray *targets)
{
  json_t *list = json_array ();

  for (guint i = 0; i < targets->len; i++)
    json_array_append_new (list, bs_net_target_save (g_ptr_array_index (targets, i)));
  return list;
}

static gboolean
is_end (const char *node, int interface, const BsLink *link)
{
  return (node == NULL || strcmp (node, link->node) == 0) && (interface < 0 || (guint) interface == link->interface);
}

gboolean
bs_net_target_is_sender (const BsNetTarget *self, const BsLink *link)
{
  return is_end (self->node, self->interface, link) && (self->network < 0 || (guint) self->network == link->network);
}

gboolean
bs_net_target_is_receiver (const BsNetTarget *self, const BsLink *link)
{
  return self->to != NULL && is_end (self->to, self->to_interface, link);
}

static BsNetMatch
match (const BsNetTarget *self, const BsNetWire *wire)
{
  if (!bs_net_target_is_sender (self, wire->from) || !(wire->ingress ? self->in : self->out))
    return BS_NET_MATCH_NONE;
  if (self->to == NULL)
    return BS_NET_MATCH_PORT;
  return wire->to != NULL && bs_net_target_is_receiver (self, wire->to) ? BS_NET_MATCH_PAIR : BS_NET_MATCH_NONE;
}

BsNetMatch
bs_net_targets_match (const GPtrArray *targets, const BsNetWire *wire)
{
  BsNetMatch best = BS_NET_MATCH_NONE;

  for (guint i = 0; i < targets->len && best != BS_NET_MATCH_PAIR; i++)
    best = MAX (best, match (g_ptr_array_index (targets, i), wire));
  return best;
}

static gboolean
covers (const BsNetTarget *outer, const BsNetTarget *inner)
{
  return (outer->node == NULL || g_strcmp0 (outer->node, inner->node) == 0)
         && (outer->interface < 0 || outer->interface == inner->interface)
         && (outer->network < 0 || outer->network == inner->network)
         && (outer->to == NULL || g_strcmp0 (outer->to, inner->to) == 0)
         && (outer->to_interface < 0 || outer->to_interface == inner->to_interface) && (outer->in || !inner->in)
         && (outer->out || !inner->out);
}

gboolean
bs_net_targets_cover (const GPtrArray *outer, const GPtrArray *inner)
{
  for (guint i = 0; i < inner->len; i++)
    {
      gboolean covered = FALSE;

      for (guint k = 0; k < outer->len && !covered; k++)
        covered = covers (g_ptr_array_index (outer, k), g_ptr_array_index (inner, i));
      if (!covered)
        return FALSE;
    }
  return TRUE;
}
