/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-wire-values.h"
#include "bs-error.h"

#include <string.h>

#define QUEUE_BYTES_MAX (UINT64_C (1) << 30)

typedef struct
{
  const char *key;
  guint64 most;
} Number;

static const Number numbers[] = {
  { "delay_nsec", BS_SWITCH_DELAY_MAX_NSEC },
  { "jitter_nsec", BS_SWITCH_DELAY_MAX_NSEC },
  { "jitter_kind", BS_SWITCH_JITTER_PARETO },
  { "loss", BS_SWITCH_ALWAYS },
  { "duplicate", BS_SWITCH_ALWAYS },
  { "reorder", BS_SWITCH_ALWAYS },
  { "corrupt", BS_SWITCH_ALWAYS },
  { "rate", BS_SWITCH_RATE_MAX },
  { "queue_bytes", QUEUE_BYTES_MAX },
  { "queue_nsec", BS_SWITCH_DELAY_MAX_NSEC },
};

static gboolean
is_number (const json_t *value, guint64 most)
{
  return json_is_integer (value) && json_integer_value (value) >= 0 && (guint64) json_integer_value (value) <= most;
}

static gboolean
is_burst (const json_t *value)
{
  if (!json_is_array (value) || json_array_size (value) != 4)
    return FALSE;
  for (gsize i = 0; i < 4; i++)
    if (!is_number (json_array_get (value, i), BS_SWITCH_ALWAYS))
      return FALSE;
  return TRUE;
}

static gboolean
is_trace (const json_t *value)
{
  const char *path = bs_json_string (value, "path", "");
  const json_t *bytes = json_object_get (value, "bytes");

  return json_is_null (value)
         || (json_is_object (value) && *path != '\0' && *path != '/' && strstr (path, "..") == NULL
             && is_number (bytes, BS_SWITCH_TRACE_MAX) && json_integer_value (bytes) > 0
             && json_integer_value (bytes) % 4 == 0 && is_number (json_object_get (value, "rate"), G_MAXINT64));
}

static gboolean
is_right (const char *key, const json_t *value)
{
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (strcmp (numbers[i].key, key) == 0)
      return is_number (value, numbers[i].most);
  if (strcmp (key, "burst") == 0)
    return is_burst (value);
  if (strcmp (key, "trace") == 0)
    return is_trace (value);
  return (strcmp (key, "codel") == 0 || strcmp (key, "own_bucket") == 0 || strcmp (key, "down") == 0)
         && json_is_boolean (value);
}

gboolean
bs_wire_values_check (const json_t *values, GError **error)
{
  const char *key;
  json_t *value;

  if (!json_is_object (values))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'values' is missing or no object");
      return FALSE;
    }
  json_object_foreach ((json_t *) values, key, value) if (!is_right (key, value))
  {
    bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no value of a wire, or out of its range", key);
    return FALSE;
  }
  return TRUE;
}

void
bs_wire_values_merge (json_t *values, const json_t *over)
{
  if (over == NULL)
    return;
  if (json_object_get (over, "loss") != NULL)
    json_object_del (values, "burst");
  if (json_object_get (over, "burst") != NULL)
    json_object_del (values, "loss");
  json_object_update (values, (json_t *) over);
}

void
bs_wire_values_share_bucket (json_t *values)
{
  static const char *const keys[] = { "rate", "queue_bytes", "queue_nsec", "codel", "trace", "own_bucket" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    json_object_del (values, keys[i]);
}

const char *
bs_wire_values_trace (const json_t *values, guint64 *bytes)
{
  const json_t *trace = json_object_get (values, "trace");

  *bytes = (guint64) bs_json_int (trace, "bytes", 0);
  return bs_json_string (trace, "path", NULL);
}

guint64
bs_wire_default_queue (guint64 rate, guint64 delay_nsec, guint64 jitter_nsec)
{
  guint64 nsec = MAX (delay_nsec + jitter_nsec, BS_WIRE_QUEUE_LEAST_NSEC);
  double bytes = (double) rate * (double) nsec / 8e9;

  return (guint64) CLAMP (bytes, BS_WIRE_QUEUE_LEAST, (double) QUEUE_BYTES_MAX);
}

static guint64
number (const json_t *values, const char *key)
{
  return (guint64) bs_json_int (values, key, 0);
}

static void
fill_loss (const json_t *values, BsSwitchWire *wire)
{
  const json_t *burst = json_object_get (values, "burst");
  guint64 *const chances[]
      = { &wire->burst_enter, &wire->burst_leave, &wire->burst_bad_delivers, &wire->burst_good_delivers };

  wire->loss = number (values, "loss");
  if (burst == NULL)
    return;
  wire->loss = 0;
  wire->flags |= BS_SWITCH_WIRE_BURST;
  for (guint i = 0; i < G_N_ELEMENTS (chances); i++)
    *chances[i] = (guint64) json_integer_value (json_array_get (burst, i));
}

/* A rate, what waits for it, or a trace in its place. */
static void
fill_bucket (const json_t *values, BsSwitchWire *wire)
{
  const json_t *trace = json_object_get (values, "trace");
  guint64 rate;

  bs_wire_values_trace (values, &wire->trace_bytes);
  wire->rate = wire->trace_bytes > 0 ? 0 : number (values, "rate");
  rate = wire->trace_bytes > 0 ? number (trace, "rate") : wire->rate;
  if (wire->rate == 0 && wire->trace_bytes == 0)
    return;
  wire->queue_bytes = number (values, "queue_bytes");
  wire->queue_nsec = number (values, "queue_nsec");
  if (wire->queue_bytes == 0 && wire->queue_nsec == 0)
    wire->queue_bytes = bs_wire_default_queue (rate, wire->delay_nsec, wire->jitter_nsec);
  if (bs_json_bool (values, "codel", FALSE))
    wire->flags |= BS_SWITCH_WIRE_CODEL;
}

void
bs_wire_values_fill (const json_t *values, guint64 seed, BsSwitchWire *wire)
{
  guint64 kind = number (values, "jitter_kind");

  wire->flags = 0;
  wire->delay_nsec = number (values, "delay_nsec");
  wire->jitter_nsec = number (values, "jitter_nsec");
  wire->jitter_kind = wire->jitter_nsec == 0 ? 0 : kind == 0 ? BS_SWITCH_JITTER_NORMAL : (guint32) kind;
  fill_loss (values, wire);
  wire->duplicate = number (values, "duplicate");
  wire->reorder = number (values, "reorder");
  wire->corrupt = number (values, "corrupt");
  fill_bucket (values, wire);
  if (bs_json_bool (values, "own_bucket", FALSE))
    wire->flags |= BS_SWITCH_WIRE_OWN_BUCKET;
  if (bs_json_bool (values, "down", FALSE))
    wire->flags |= BS_SWITCH_WIRE_DOWN;
  wire->seed = seed | UINT64_C (1) << 63; /* never 0: a wire that is all zero is a pair's that is forgotten */
}
