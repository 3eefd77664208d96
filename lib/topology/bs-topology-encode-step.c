/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-encode-step.c — scenarios, their steps, and what steps do */
#include "bs-topology-encoder.h"

#include <string.h>

/* Places count in the whole topology, not in the struct of the list. */
BS_ENCODE (bs_encode_scenarios)
{
  const GPtrArray *scenarios = ((const BsTopology *) owner)->scenarios;
  json_t *list = json_array ();

  for (guint i = 0; i < scenarios->len; i++)
    json_array_append_new (list, bs_encode_object (self, field->fields, g_ptr_array_index (scenarios, i)));
  return list;
}

/* `expected_exit_code` says it. */
static void
drop_exit_code (json_t *object)
{
  json_t *expect = json_object_get (object, "expect");

  json_object_del (expect, "exit_code");
  if (json_object_size (expect) == 0)
    json_object_del (object, "expect");
}

/* What only a command has cannot be said of other steps, not even as a default. */
static json_t *
encode_step (BsEncoder *self, const BsTopologyStep *step, guint number)
{
  json_t *object = bs_encode_object (self, bs_fields_step, step);
  g_autofree char *name = g_strdup_printf ("step %u", number);

  drop_exit_code (object);
  if ((self->flags & BS_TOPOLOGY_ENCODE_COMPLETE) == 0 && strcmp (step->name, name) == 0)
    json_object_del (object, "name");
  if (step->kind != BS_STEP_COMMAND)
    for (guint i = 0; bs_step_command_keys[i] != NULL; i++)
      json_object_del (object, bs_step_command_keys[i]);
  return object;
}

BS_ENCODE (bs_encode_steps)
{
  const GPtrArray *steps = *(GPtrArray *const *) place;
  json_t *list;

  if (steps == NULL)
    return NULL;
  list = json_array ();
  for (guint i = 0; i < steps->len; i++)
    json_array_append_new (list, encode_step (self, g_ptr_array_index (steps, i), i + 1));
  return list;
}

/* "NODE:/path", or a path of the host */
static json_t *
encode_side (const char *path, const char *node)
{
  g_autofree char *text = node != NULL ? g_strdup_printf ("%s:%s", node, path) : g_strdup (path);

  return json_string (text);
}

BS_ENCODE (bs_encode_copy_source)
{
  const BsTopologyCopy *copy = place;

  return encode_side (copy->source, copy->source_node);
}

BS_ENCODE (bs_encode_copy_destination)
{
  const BsTopologyCopy *copy = place;

  return encode_side (copy->destination, copy->destination_node);
}

/* `fault` and `net` have one struct. */
BS_ENCODE (bs_encode_action)
{
  const BsTopologyStep *step = owner;
  const BsTopologyAction *action = place;
  json_t *object, *value;
  const char *key;
  void *next;

  if (step->kind != (strcmp (field->key, "fault") == 0 ? BS_STEP_FAULT : BS_STEP_NET))
    return NULL;
  object = bs_encode_object (self, field->fields, action);
  if (json_array_size (json_object_get (object, "nodes")) == 0)
    json_object_del (object, "nodes");
  json_object_foreach_safe (object, next, key, value) if (!bs_action_takes (action->kind, key))
      json_object_del (object, key);
  if ((self->flags & BS_TOPOLOGY_ENCODE_COMPLETE) == 0 && !action->ingress)
    json_object_del (object, "ingress");
  if ((self->flags & BS_TOPOLOGY_ENCODE_COMPLETE) == 0 && !action->one_way)
    json_object_del (object, "one_way");
  return object;
}

static gboolean
is_about (gconstpointer action, const BsField *field)
{
  return strcmp (bs_action_key (((const BsTopologyAction *) action)->kind), field->key) == 0;
}

BS_ENCODE (bs_encode_action_nodes)
{
  const BsTopologyAction *action = place;

  if (!is_about (action, field))
    return NULL;
  return action->target.nodes->len > 0 ? bs_encode_names (self, action->target.nodes) : json_true ();
}

BS_ENCODE (bs_encode_action_amount)
{
  return is_about (place, field) ? json_integer (((const BsTopologyAction *) place)->amount) : NULL;
}

BS_ENCODE (bs_encode_action_clock)
{
  const BsTopologyAction *action = place;
  g_autoptr (json_t) amount = bs_encode_duration (ABS (action->amount));

  if (!is_about (action, field))
    return NULL;
  return json_sprintf ("%s%s", action->amount < 0 ? "-" : "", json_string_value (amount));
}

BS_ENCODE (bs_encode_action_partition)
{
  const BsTopologyAction *action = place;
  json_t *list;

  if (!is_about (action, field))
    return NULL;
  list = json_array ();
  for (guint i = 0; i < action->groups->len; i++)
    json_array_append_new (list, bs_encode_names (self, g_ptr_array_index (action->groups, i)));
  return list;
}

BS_ENCODE (bs_encode_action_heal)
{
  return is_about (place, field) ? json_true () : NULL;
}
