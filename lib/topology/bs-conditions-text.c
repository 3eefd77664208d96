/* SPDX-License-Identifier: Apache-2.0 */
/* bs-conditions-text.c — conditions as a topology says them, in one line of YAML */
#include "bs-conditions.h"

#include "bs-time.h"

static void
append_number (GString *text, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (buffer, sizeof (buffer), "%.15g", number);
  if (g_ascii_strtod (buffer, NULL) != number)
    g_ascii_dtostr (buffer, sizeof (buffer), number);
  g_string_append (text, buffer);
}

static void
append_duration (GString *text, gint64 usec)
{
  if (usec % BS_USEC_PER_SEC == 0)
    g_string_append_printf (text, "%" G_GINT64_FORMAT "s", usec / BS_USEC_PER_SEC);
  else if (usec % BS_USEC_PER_MSEC == 0)
    g_string_append_printf (text, "%" G_GINT64_FORMAT "ms", usec / BS_USEC_PER_MSEC);
  else
    g_string_append_printf (text, "%" G_GINT64_FORMAT "us", usec);
}

static void
append_limit (GString *text, const BsConditions *self)
{
  static const char *const units[] = { "", "KiB", "MiB", "GiB" };
  gint64 bytes = self->queue_limit_bytes;
  guint unit = 0;

  if (self->queue_limit_usec > 0)
    {
      append_duration (text, self->queue_limit_usec);
      return;
    }
  while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < G_N_ELEMENTS (units))
    {
      bytes /= 1024;
      unit++;
    }
  g_string_append_printf (text, "%" G_GINT64_FORMAT "%s", bytes, units[unit]);
}

static void
append_burst (GString *text, const BsConditions *self)
{
  g_string_append (text, "{p: ");
  append_number (text, self->burst_p);
  g_string_append (text, ", r: ");
  append_number (text, self->burst_r);
  g_string_append (text, ", h: ");
  append_number (text, self->burst_h);
  g_string_append (text, ", k: ");
  append_number (text, self->burst_k);
  g_string_append_c (text, '}');
}

static void
append_quoted (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (; *value != '\0'; value++)
    {
      if (*value == '"' || *value == '\\')
        g_string_append_c (text, '\\');
      g_string_append_c (text, *value);
    }
  g_string_append_c (text, '"');
}

static void
append_change (GString *text, const BsConditionsChange *change)
{
  g_autofree char *conditions = change->conditions != NULL ? bs_conditions_format (change->conditions) : NULL;

  g_string_append (text, "{at: ");
  append_duration (text, change->at_usec);
  if (change->for_usec > 0)
    {
      g_string_append (text, ", for: ");
      append_duration (text, change->for_usec);
    }
  if (change->down)
    g_string_append (text, ", down: true");
  if (conditions != NULL)
    g_string_append_printf (text, ", conditions: %s", conditions);
  g_string_append_c (text, '}');
}

static void
append_schedule (GString *text, const GPtrArray *schedule)
{
  g_string_append_c (text, '[');
  for (guint i = 0; schedule != NULL && i < schedule->len; i++)
    {
      g_string_append (text, i > 0 ? ", " : "");
      append_change (text, g_ptr_array_index (schedule, i));
    }
  g_string_append_c (text, ']');
}

static void
append_key (GString *text, const BsConditions *self, BsConditionKey key)
{
  switch (key)
    {
    case BS_CONDITION_LATENCY:
      append_number (text, self->latency_ms);
      break;
    case BS_CONDITION_JITTER:
      append_number (text, self->jitter_ms);
      break;
    case BS_CONDITION_DISTRIBUTION:
      g_string_append (text, self->distribution != NULL ? self->distribution : BS_CONDITIONS_DISTRIBUTION);
      break;
    case BS_CONDITION_LOSS:
      append_number (text, self->loss_percent);
      break;
    case BS_CONDITION_BURST:
      append_burst (text, self);
      break;
    case BS_CONDITION_DUPLICATE:
      append_number (text, self->duplicate_percent);
      break;
    case BS_CONDITION_REORDER:
      append_number (text, self->reorder_percent);
      break;
    case BS_CONDITION_CORRUPT:
      append_number (text, self->corrupt_percent);
      break;
    case BS_CONDITION_BANDWIDTH:
      append_number (text, self->bandwidth_kbps);
      break;
    case BS_CONDITION_QUEUE_LIMIT:
      append_limit (text, self);
      break;
    case BS_CONDITION_QUEUE_DISCIPLINE:
      g_string_append (text, self->queue_discipline != NULL ? self->queue_discipline : BS_CONDITIONS_DISCIPLINE);
      break;
    case BS_CONDITION_TRACE:
      if (self->trace != NULL)
        append_quoted (text, self->trace);
      else
        g_string_append (text, "none");
      break;
    case BS_CONDITION_SCHEDULE:
      append_schedule (text, self->schedule);
      break;
    case BS_N_CONDITIONS:
      g_assert_not_reached ();
    }
}

char *
bs_conditions_format_key (const BsConditions *self, BsConditionKey key)
{
  GString *text = g_string_new (NULL);

  append_key (text, self, key);
  return g_string_free (text, FALSE);
}

static gboolean
sets (const BsConditions *self, BsConditionKey key)
{
  return (self->set & 1u << key) != 0;
}

/* Both are parts of one mapping. */
static void
append_queue (GString *text, const BsConditions *self)
{
  g_string_append (text, "queue: {");
  if (sets (self, BS_CONDITION_QUEUE_LIMIT))
    {
      g_string_append (text, "limit: ");
      append_key (text, self, BS_CONDITION_QUEUE_LIMIT);
    }
  if (sets (self, BS_CONDITION_QUEUE_DISCIPLINE))
    {
      g_string_append (text, sets (self, BS_CONDITION_QUEUE_LIMIT) ? ", discipline: " : "discipline: ");
      append_key (text, self, BS_CONDITION_QUEUE_DISCIPLINE);
    }
  g_string_append_c (text, '}');
}

char *
bs_conditions_format (const BsConditions *self)
{
  GString *text = g_string_new ("{");

  if (self->preset != NULL)
    g_string_append_printf (text, "preset: %s", self->preset);
  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    {
      if (!sets (self, key) || (key == BS_CONDITION_QUEUE_DISCIPLINE && sets (self, BS_CONDITION_QUEUE_LIMIT)))
        continue;
      g_string_append (text, text->len > 1 ? ", " : "");
      if (key == BS_CONDITION_QUEUE_LIMIT || key == BS_CONDITION_QUEUE_DISCIPLINE)
        {
          append_queue (text, self);
          continue;
        }
      g_string_append_printf (text, "%s: ", bs_conditions_key_name (key));
      append_key (text, self, key);
    }
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}
