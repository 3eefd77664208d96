/* SPDX-License-Identifier: Apache-2.0 */
/* bs-report-junit.c — a run as JUnit XML: a test suite per scenario, a test case per step
 *
 * XML 1.0 has no way at all to write most control characters; they become U+FFFD, as what is no UTF-8 does.
 */
#include "bs-scenario.h"
#include "bs-time.h"

typedef struct
{
  guint tests, outcomes[BS_OUTCOME_SKIPPED + 1];
} Counts;

/* XML 1.0, 2.2 */
static gboolean
is_xml_char (gunichar c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd)
         || (c >= 0x10000 && c <= 0x10ffff);
}

static void
append_escaped (GString *xml, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '<')
        g_string_append (xml, "&lt;");
      else if (c == '>')
        g_string_append (xml, "&gt;");
      else if (c == '&')
        g_string_append (xml, "&amp;");
      else if (c == '"')
        g_string_append (xml, "&quot;");
      else if (c == '\t' || c == '\n' || c == '\r') /* a parser would make blanks of them in attributes */
        g_string_append_printf (xml, "&#%u;", c);
      else
        g_string_append_unichar (xml, is_xml_char (c) ? c : 0xfffd);
    }
}

static void
append_attribute (GString *xml, const char *name, const char *value)
{
  g_string_append_printf (xml, " %s=\"", name);
  append_escaped (xml, value);
  g_string_append_c (xml, '"');
}

static void
append_seconds (GString *xml, gint64 usec)
{
  g_string_append_printf (xml, " time=\"%" G_GINT64_FORMAT ".%06d\"", usec / BS_USEC_PER_SEC,
                          (int) (usec % BS_USEC_PER_SEC));
}

static void
append_output (GString *xml, const char *element, const char *text)
{
  if (text == NULL || text[0] == '\0')
    return;
  g_string_append_printf (xml, "      <%s>", element);
  append_escaped (xml, text);
  g_string_append_printf (xml, "</%s>\n", element);
}

static void
append_outcome (GString *xml, const BsRunReport *report, const BsStepReport *step)
{
  static const char *const elements[]
      = { [BS_OUTCOME_FAILED] = "failure", [BS_OUTCOME_ERROR] = "error", [BS_OUTCOME_SKIPPED] = "skipped" };
  g_autofree char *text = NULL;

  if (step->outcome == BS_OUTCOME_PASSED)
    return;
  g_string_append_printf (xml, "      <%s", elements[step->outcome]);
  append_attribute (xml, "message", step->message);
  if (step->outcome == BS_OUTCOME_SKIPPED)
    {
      g_string_append (xml, "/>\n");
      return;
    }
  append_attribute (xml, "type", step->outcome == BS_OUTCOME_FAILED ? "expectation" : "error");
  text = g_strdup_printf ("%s:%u:%u: node '%s': %s", report->file, step->line, step->column, step->node, step->message);
  g_string_append_c (xml, '>');
  append_escaped (xml, text);
  g_string_append_printf (xml, "</%s>\n", elements[step->outcome]);
}

static void
append_step (GString *xml, const BsRunReport *report, const BsScenarioReport *scenario, const BsStepReport *step)
{
  g_autofree char *class_name = g_strdup_printf ("%s.%s", report->lab, scenario->name);

  g_string_append (xml, "    <testcase");
  append_attribute (xml, "classname", class_name);
  append_attribute (xml, "name", step->name);
  append_attribute (xml, "file", report->file);
  g_string_append_printf (xml, " line=\"%u\"", step->line);
  append_seconds (xml, step->duration_usec);
  g_string_append (xml, ">\n");
  append_outcome (xml, report, step);
  append_output (xml, "system-out", step->out);
  append_output (xml, "system-err", step->err);
  g_string_append (xml, "    </testcase>\n");
}

static void
count (const BsScenarioReport *scenario, Counts *counts)
{
  for (guint i = 0; i < scenario->steps->len; i++)
    {
      counts->tests++;
      counts->outcomes[((BsStepReport *) scenario->steps->pdata[i])->outcome]++;
    }
}

static void
append_counts (GString *xml, const Counts *counts)
{
  g_string_append_printf (xml, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"", counts->tests,
                          counts->outcomes[BS_OUTCOME_FAILED], counts->outcomes[BS_OUTCOME_ERROR],
                          counts->outcomes[BS_OUTCOME_SKIPPED]);
}

static void
append_scenario (GString *xml, const BsRunReport *report, const BsScenarioReport *scenario)
{
  g_autoptr (GDateTime) started = g_date_time_new_from_unix_utc (scenario->started_realtime_usec / BS_USEC_PER_SEC);
  g_autofree char *timestamp = g_date_time_format (started, "%Y-%m-%dT%H:%M:%S");
  Counts counts = { 0 };

  count (scenario, &counts);
  g_string_append (xml, "  <testsuite");
  append_attribute (xml, "name", scenario->name);
  append_counts (xml, &counts);
  append_seconds (xml, scenario->duration_usec);
  append_attribute (xml, "timestamp", timestamp);
  g_string_append (xml, ">\n");
  for (guint i = 0; i < scenario->steps->len; i++)
    append_step (xml, report, scenario, scenario->steps->pdata[i]);
  g_string_append (xml, "  </testsuite>\n");
}

char *
bs_report_junit (const BsRunReport *report)
{
  GString *xml = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
  Counts counts = { 0 };
  gint64 usec = 0;

  for (guint i = 0; i < report->scenarios->len; i++)
    {
      count (report->scenarios->pdata[i], &counts);
      usec += ((BsScenarioReport *) report->scenarios->pdata[i])->duration_usec;
    }
  append_attribute (xml, "name", report->lab);
  append_counts (xml, &counts);
  append_seconds (xml, usec);
  g_string_append (xml, ">\n");
  for (guint i = 0; i < report->scenarios->len; i++)
    append_scenario (xml, report, report->scenarios->pdata[i]);
  g_string_append (xml, "</testsuites>\n");
  return g_string_free (xml, FALSE);
}
