/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-encode-conditions.c — what one level of conditions says itself; its silence means something else */
#include "bs-topology-encoder.h"

#include <string.h>

static BsConditionKey
key_of (const char *name)
{
  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    if (strcmp (bs_conditions_key_name (key), name) == 0)
      return key;
  return BS_N_CONDITIONS;
}

static gboolean
sets (const BsConditions *self, BsConditionKey key)
{
  return key < BS_N_CONDITIONS && (self->set & 1u << key) != 0;
}

static json_t *
encode_limit (const BsConditions *self)
{
  if (self->queue_limit_usec > 0)
    return bs_encode_duration (self->queue_limit_usec);
  return json_sprintf ("%" G_GINT64_FORMAT, self->queue_limit_bytes);
}

/* What is left out comes back: see docs/topology.md for the defaults. */
static json_t *
encode_burst (BsEncoder *self, const BsField *field, const BsConditions *conditions)
{
  json_t *object = bs_encode_object (self, field->fields, conditions);

  if ((self->flags & BS_TOPOLOGY_ENCODE_COMPLETE) != 0)
    return object;
  if (conditions->burst_r == 100 - conditions->burst_p)
    json_object_del (object, "r");
  if (conditions->burst_h == 0)
    json_object_del (object, "h");
  if (conditions->burst_k == 100)
    json_object_del (object, "k");
  return object;
}

/* A NULL of what is set is its `none`. */
static json_t *
encode_set (BsEncoder *self, const BsField *field, BsConditionKey key, const BsConditions *conditions)
{
  json_t *value;

  if (key == BS_CONDITION_QUEUE_LIMIT)
    return encode_limit (conditions);
  if (key == BS_CONDITION_SCHEDULE && conditions->schedule == NULL)
    return json_array ();
  if (key == BS_CONDITION_BURST)
    return encode_burst (self, field, conditions);
  value = bs_encode_field (self, field, conditions);
  return value != NULL ? value : json_string ("none");
}

/* @prefix: "", or "queue." */
static json_t *
encode_keys (BsEncoder *self, const BsField *fields, const char *prefix, const BsConditions *conditions)
{
  json_t *object = json_object ();

  for (const BsField *field = fields; field->key != NULL; field++)
    {
      g_autofree char *name = g_strconcat (prefix, field->key, NULL), *below = g_strconcat (name, ".", NULL);
      BsConditionKey key = key_of (name);
      g_autoptr (json_t) value = NULL;

      if (field->decode == bs_decode_preset)
        value = conditions->preset != NULL ? json_string (conditions->preset) : NULL;
      else if (sets (conditions, key))
        value = encode_set (self, field, key, conditions);
      else if (key == BS_N_CONDITIONS)
        value = encode_keys (self, field->fields, below, conditions);
      if (value != NULL && (key != BS_N_CONDITIONS || !json_is_object (value) || json_object_size (value) > 0))
        json_object_set (object, field->key, value);
    }
  return object;
}

json_t *
bs_encode_conditions (BsEncoder *self, const BsConditions *conditions)
{
  return conditions != NULL ? encode_keys (self, bs_fields_conditions, "", conditions) : NULL;
}

BS_ENCODE (bs_encode_conditions_at)
{
  return bs_encode_conditions (self, *(BsConditions *const *) place);
}

BS_ENCODE (bs_encode_action_conditions)
{
  return bs_encode_conditions (self, ((const BsTopologyAction *) place)->conditions);
}

static json_t *
encode_change (BsEncoder *self, const BsConditionsChange *change)
{
  json_t *object = bs_encode_object (self, bs_fields_schedule, change);

  if (!change->down)
    json_object_del (object, "down"); /* can only be true */
  return object;
}

BS_ENCODE (bs_encode_schedule)
{
  const GPtrArray *schedule = *(GPtrArray *const *) place;
  json_t *list = json_array ();

  for (guint i = 0; schedule != NULL && i < schedule->len; i++)
    json_array_append_new (list, encode_change (self, g_ptr_array_index (schedule, i)));
  return list;
}
