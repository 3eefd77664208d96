/* SPDX-License-Identifier: Apache-2.0 */
/* bs-report-json.c — a run as JSON, for programs; its members are described in docs/scenarios.md */
#include "bs-json.h"
#include "bs-scenario.h"
#include "bs-time.h"

#define FORMAT 1

static void
set_text (json_t *object, const char *key, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  json_object_set_new (object, key, valid != NULL ? json_string (valid) : json_null ());
}

static json_t *
step_json (const BsStepReport *step)
{
  json_t *object = json_object ();

  set_text (object, "name", step->name);
  set_text (object, "node", step->node);
  set_text (object, "outcome", bs_outcome_name (step->outcome));
  set_text (object, "message", step->message);
  json_object_set_new (object, "exit_code", step->exit_code >= 0 ? json_integer (step->exit_code) : json_null ());
  json_object_set_new (object, "attempts", json_integer (step->attempts));
  json_object_set_new (object, "duration_usec", json_integer (step->duration_usec));
  json_object_set_new (object, "line", json_integer (step->line));
  json_object_set_new (object, "column", json_integer (step->column));
  set_text (object, "stdout", step->out);
  set_text (object, "stderr", step->err);
  return object;
}

static char *
format_time (gint64 realtime_usec)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (realtime_usec / BS_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (seconds, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%06dZ", text, (int) (realtime_usec % BS_USEC_PER_SEC));
}

static json_t *
scenario_json (const BsScenarioReport *scenario)
{
  g_autofree char *started = format_time (scenario->started_realtime_usec);
  json_t *object = json_object (), *steps = json_array ();

  set_text (object, "name", scenario->name);
  set_text (object, "description", scenario->description);
  set_text (object, "outcome", bs_outcome_name (scenario->outcome));
  set_text (object, "started", started);
  json_object_set_new (object, "duration_usec", json_integer (scenario->duration_usec));
  for (guint i = 0; i < scenario->steps->len; i++)
    json_array_append_new (steps, step_json (scenario->steps->pdata[i]));
  json_object_set_new (object, "steps", steps);
  return object;
}

char *
bs_report_json (const BsRunReport *report)
{
  g_autoptr (json_t) object = json_object ();
  json_t *scenarios = json_array ();

  json_object_set_new (object, "format", json_integer (FORMAT));
  set_text (object, "lab", report->lab);
  set_text (object, "file", report->file);
  json_object_set_new (object, "passed", json_integer (report->passed));
  json_object_set_new (object, "failed", json_integer (report->failed));
  for (guint i = 0; i < report->scenarios->len; i++)
    json_array_append_new (scenarios, scenario_json (report->scenarios->pdata[i]));
  json_object_set_new (object, "scenarios", scenarios);
  return bs_json_dump (object);
}
