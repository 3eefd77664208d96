/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-conditions.h"

#include "bs-preset.h"

#define BIT(key) (1u << (key))

BsConditions *
bs_conditions_new (BsPosition at)
{
  BsConditions *self = g_new0 (BsConditions, 1);

  self->at = at;
  return self;
}

BsConditionsChange *
bs_conditions_change_new (BsPosition at)
{
  BsConditionsChange *self = g_new0 (BsConditionsChange, 1);

  self->at = at;
  return self;
}

void
bs_conditions_change_free (BsConditionsChange *self)
{
  if (self == NULL)
    return;
  bs_conditions_free (self->conditions);
  g_free (self);
}

static gpointer
change_copy (gconstpointer source, gpointer unused)
{
  const BsConditionsChange *from = source;
  BsConditionsChange *self = g_memdup2 (from, sizeof (*from));

  self->conditions = bs_conditions_copy (from->conditions);
  return self;
}

GPtrArray *
bs_conditions_schedule_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) bs_conditions_change_free);
}

static GPtrArray *
schedule_copy (GPtrArray *from)
{
  GPtrArray *self;

  if (from == NULL)
    return NULL;
  self = g_ptr_array_copy (from, change_copy, NULL);
  g_ptr_array_set_free_func (self, (GDestroyNotify) bs_conditions_change_free);
  return self;
}

static void
take_text (char **place, const char *text)
{
  g_free (*place);
  *place = g_strdup (text);
}

static void
take_schedule (BsConditions *self, GPtrArray *schedule)
{
  g_clear_pointer (&self->schedule, g_ptr_array_unref);
  self->schedule = schedule_copy (schedule);
}

static void
take_burst (BsConditions *self, const BsConditions *from)
{
  self->burst_p = from->burst_p;
  self->burst_r = from->burst_r;
  self->burst_h = from->burst_h;
  self->burst_k = from->burst_k;
}

static void
take_value (BsConditions *self, const BsConditions *from, BsConditionKey key)
{
  switch (key)
    {
    case BS_CONDITION_LATENCY:
      self->latency_ms = from->latency_ms;
      break;
    case BS_CONDITION_JITTER:
      self->jitter_ms = from->jitter_ms;
      break;
    case BS_CONDITION_DISTRIBUTION:
      take_text (&self->distribution, from->distribution);
      break;
    case BS_CONDITION_LOSS:
      self->loss_percent = from->loss_percent;
      break;
    case BS_CONDITION_BURST:
      take_burst (self, from);
      break;
    case BS_CONDITION_DUPLICATE:
      self->duplicate_percent = from->duplicate_percent;
      break;
    case BS_CONDITION_REORDER:
      self->reorder_percent = from->reorder_percent;
      break;
    case BS_CONDITION_CORRUPT:
      self->corrupt_percent = from->corrupt_percent;
      break;
    case BS_CONDITION_BANDWIDTH:
      self->bandwidth_kbps = from->bandwidth_kbps;
      break;
    case BS_CONDITION_QUEUE_LIMIT:
      self->queue_limit_bytes = from->queue_limit_bytes;
      self->queue_limit_usec = from->queue_limit_usec;
      break;
    case BS_CONDITION_QUEUE_DISCIPLINE:
      take_text (&self->queue_discipline, from->queue_discipline);
      break;
    case BS_CONDITION_TRACE:
      take_text (&self->trace, from->trace);
      break;
    case BS_CONDITION_SCHEDULE:
      take_schedule (self, from->schedule);
      break;
    case BS_N_CONDITIONS:
      g_assert_not_reached ();
    }
}

void
bs_conditions_mark (BsConditions *self, BsConditionKey key, BsPosition at)
{
  if (self->key_at == NULL)
    self->key_at = g_new0 (BsPosition, BS_N_CONDITIONS);
  self->key_at[key] = at;
  self->set |= BIT (key);
}

static void
clear_key (BsConditions *self, BsConditionKey key)
{
  const BsConditions nothing = { 0 };

  take_value (self, &nothing, key);
  self->set &= ~BIT (key);
  if (self->key_at != NULL)
    self->key_at[key] = (BsPosition){ 0, 0 };
}

BsConditionKey
bs_conditions_other_loss (BsConditionKey key)
{
  if (key == BS_CONDITION_LOSS)
    return BS_CONDITION_BURST;
  return key == BS_CONDITION_BURST ? BS_CONDITION_LOSS : BS_N_CONDITIONS;
}

/* @at: (nullable): of all keys, in place of their own */
static void
take_keys (BsConditions *self, const BsConditions *from, const BsPosition *at)
{
  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    {
      BsConditionKey other = bs_conditions_other_loss (key);
      BsPosition own = from->key_at != NULL ? from->key_at[key] : from->at;

      if ((from->set & BIT (key)) == 0)
        continue;
      if (other != BS_N_CONDITIONS && (from->set & BIT (other)) == 0)
        clear_key (self, other);
      take_value (self, from, key);
      bs_conditions_mark (self, key, at != NULL ? *at : own);
    }
}

const BsConditions *
bs_conditions_preset (const BsConditions *self)
{
  if (self->preset_values != NULL || self->preset == NULL)
    return self->preset_values;
  return bs_preset_find (self->preset);
}

void
bs_conditions_merge (BsConditions *self, const BsConditions *over)
{
  const BsConditions *preset;

  if (over == NULL)
    return;
  preset = bs_conditions_preset (over);
  if (preset != NULL)
    take_keys (self, preset, &over->preset_at);
  take_keys (self, over, NULL);
}

BsConditions *
bs_conditions_copy (const BsConditions *self)
{
  BsConditions *copy;

  if (self == NULL)
    return NULL;
  copy = g_memdup2 (self, sizeof (*self));
  copy->preset = g_strdup (self->preset);
  copy->key_at = g_memdup2 (self->key_at, sizeof (BsPosition) * BS_N_CONDITIONS);
  copy->distribution = g_strdup (self->distribution);
  copy->queue_discipline = g_strdup (self->queue_discipline);
  copy->trace = g_strdup (self->trace);
  copy->schedule = schedule_copy (self->schedule);
  return copy;
}

void
bs_conditions_free (BsConditions *self)
{
  if (self == NULL)
    return;
  g_free (self->preset);
  g_free (self->key_at);
  g_free (self->distribution);
  g_free (self->queue_discipline);
  g_free (self->trace);
  g_clear_pointer (&self->schedule, g_ptr_array_unref);
  g_free (self);
}

const char *
bs_conditions_key_name (BsConditionKey key)
{
  static const char *const names[BS_N_CONDITIONS] = {
    [BS_CONDITION_LATENCY] = "latency_ms",
    [BS_CONDITION_JITTER] = "jitter_ms",
    [BS_CONDITION_DISTRIBUTION] = "jitter_distribution",
    [BS_CONDITION_LOSS] = "packet_loss_percent",
    [BS_CONDITION_BURST] = "loss_burst",
    [BS_CONDITION_DUPLICATE] = "duplicate_percent",
    [BS_CONDITION_REORDER] = "reorder_percent",
    [BS_CONDITION_CORRUPT] = "corrupt_percent",
    [BS_CONDITION_BANDWIDTH] = "bandwidth_kbps",
    [BS_CONDITION_QUEUE_LIMIT] = "queue.limit",
    [BS_CONDITION_QUEUE_DISCIPLINE] = "queue.discipline",
    [BS_CONDITION_TRACE] = "trace",
    [BS_CONDITION_SCHEDULE] = "schedule",
  };

  g_return_val_if_fail (key < BS_N_CONDITIONS, NULL);
  return names[key];
}
