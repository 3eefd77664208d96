/* SPDX-License-Identifier: Apache-2.0 */
/* bs-wire-plan-values.c — one level's conditions as numbers */
#include "bs-wire-plan.h"
#include "bs-error.h"
#include "bs-file.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define ALWAYS 4294967296.0
#define NSEC_PER_MSEC 1000000.0
#define NSEC_PER_USEC 1000

static void
free_trace (gpointer trace)
{
  bs_trace_free (trace);
}

void
bs_wire_traces_init (BsWireTraces *self, const char *folder)
{
  self->folder = g_strdup (folder);
  self->by_path = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_trace);
}

void
bs_wire_traces_clear (BsWireTraces *self)
{
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->by_path, g_hash_table_unref);
}

static char *
trace_file (const BsTrace *trace)
{
  return g_strdup_printf (BS_WIRE_PLAN_TRACES "/%s", trace->digest);
}

gboolean
bs_wire_traces_write (const BsWireTraces *self, int lab_dir, GError **error)
{
  GHashTableIter iter;
  gpointer trace;

  g_hash_table_iter_init (&iter, self->by_path);
  while (g_hash_table_iter_next (&iter, NULL, &trace))
    {
      g_autofree char *path = trace_file (trace);
      gsize length;
      const void *data = g_bytes_get_data (((BsTrace *) trace)->times, &length);

      if (mkdirat (lab_dir, BS_WIRE_PLAN_TRACES, 0700) != 0 && errno != EEXIST)
        {
          bs_set_error_errno (error, errno, "cannot make '%s'", BS_WIRE_PLAN_TRACES);
          return FALSE;
        }
      if (!bs_file_write_atomic (lab_dir, path, data, length, 0600, error))
        return FALSE;
    }
  return TRUE;
}

static const BsTrace *
find_trace (BsWireTraces *self, const char *path, GError **error)
{
  BsTrace *trace = g_hash_table_lookup (self->by_path, path);

  if (trace == NULL && (trace = bs_trace_load (self->folder, path, error)) != NULL)
    g_hash_table_insert (self->by_path, g_strdup (path), trace);
  return trace;
}

static json_t *
chance (double percent)
{
  return json_integer ((json_int_t) llround (percent / 100 * ALWAYS));
}

static json_t *
nanoseconds (double msec)
{
  return json_integer ((json_int_t) llround (msec * NSEC_PER_MSEC));
}

/* A rate that is not 0 never becomes 0. */
static json_t *
bits (double kbps)
{
  return json_integer (kbps > 0 ? MAX ((json_int_t) llround (kbps * 1000), 1) : 0);
}

static json_t *
kind (const char *distribution)
{
  static const char *const words[] = { "uniform", "normal", "pareto" }; /* BsSwitchJitter, from 1 */

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (distribution, words[i]) == 0)
      return json_integer (i + 1);
  return json_integer (2);
}

static json_t *
burst (const BsConditions *conditions)
{
  return json_pack ("[o, o, o, o]", chance (conditions->burst_p), chance (conditions->burst_r),
                    chance (conditions->burst_h), chance (conditions->burst_k));
}

static void
add_queue (json_t *values, const BsConditions *conditions)
{
  json_object_set_new (values, "queue_bytes", json_integer (conditions->queue_limit_bytes));
  json_object_set_new (values, "queue_nsec", json_integer (conditions->queue_limit_usec * NSEC_PER_USEC));
}

static void
add_key (json_t *values, const BsConditions *conditions, BsConditionKey key)
{
  static const char *const names[BS_N_CONDITIONS] = {
    [BS_CONDITION_LATENCY] = "delay_nsec",
    [BS_CONDITION_JITTER] = "jitter_nsec",
    [BS_CONDITION_DISTRIBUTION] = "jitter_kind",
    [BS_CONDITION_LOSS] = "loss",
    [BS_CONDITION_BURST] = "burst",
    [BS_CONDITION_DUPLICATE] = "duplicate",
    [BS_CONDITION_REORDER] = "reorder",
    [BS_CONDITION_CORRUPT] = "corrupt",
    [BS_CONDITION_BANDWIDTH] = "rate",
    [BS_CONDITION_QUEUE_DISCIPLINE] = "codel",
  };
  json_t *value = NULL;

  switch (key)
    {
    case BS_CONDITION_LATENCY:
      value = nanoseconds (conditions->latency_ms);
      break;
    case BS_CONDITION_JITTER:
      value = nanoseconds (conditions->jitter_ms);
      break;
    case BS_CONDITION_DISTRIBUTION:
      value = kind (conditions->distribution);
      break;
    case BS_CONDITION_LOSS:
      value = chance (conditions->loss_percent);
      break;
    case BS_CONDITION_BURST:
      value = burst (conditions);
      break;
    case BS_CONDITION_DUPLICATE:
      value = chance (conditions->duplicate_percent);
      break;
    case BS_CONDITION_REORDER:
      value = chance (conditions->reorder_percent);
      break;
    case BS_CONDITION_CORRUPT:
      value = chance (conditions->corrupt_percent);
      break;
    case BS_CONDITION_BANDWIDTH:
      value = bits (conditions->bandwidth_kbps);
      break;
    case BS_CONDITION_QUEUE_DISCIPLINE:
      value = json_boolean (g_strcmp0 (conditions->queue_discipline, "codel") == 0);
      break;
    case BS_CONDITION_QUEUE_LIMIT:
      add_queue (values, conditions);
      return;
    case BS_CONDITION_TRACE:
    case BS_CONDITION_SCHEDULE:
    case BS_N_CONDITIONS:
      return;
    }
  json_object_set_new (values, names[key], value);
}

static gboolean
add_trace (json_t *values, const BsConditions *conditions, BsWireTraces *traces, const char *file, GError **error)
{
  const BsPosition *at = conditions->key_at != NULL ? &conditions->key_at[BS_CONDITION_TRACE] : &conditions->at;
  const BsTrace *trace;
  g_autofree char *path = NULL;

  if (conditions->trace == NULL)
    {
      json_object_set_new (values, "trace", json_null ());
      return TRUE;
    }
  trace = find_trace (traces, conditions->trace, error);
  if (trace == NULL)
    {
      if (file != NULL)
        g_prefix_error (error, "%s:%u:%u: 'trace': ", file, at->line, at->column);
      return FALSE;
    }
  path = trace_file (trace);
  json_object_set_new (values, "trace",
                       json_pack ("{s:s, s:I, s:I}", "path", path, "bytes",
                                  (json_int_t) g_bytes_get_size (trace->times), "rate", (json_int_t) trace->rate));
  return TRUE;
}

json_t *
bs_wire_plan_values (const BsConditions *conditions, BsWireTraces *traces, const char *file, GError **error)
{
  g_autoptr (BsConditions) merged = bs_conditions_new (conditions->at);
  g_autoptr (json_t) values = json_object ();

  bs_conditions_merge (merged, conditions);
  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    if ((merged->set & 1u << key) != 0)
      add_key (values, merged, key);
  if ((merged->set & 1u << BS_CONDITION_TRACE) != 0 && !add_trace (values, merged, traces, file, error))
    return NULL;
  return g_steal_pointer (&values);
}
