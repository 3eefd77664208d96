/* SPDX-License-Identifier: Apache-2.0 */
/* bs-report-tap.c — a run as TAP version 14
 *
 * One test point per scenario. What did not pass has a YAML block with one flow line per value: everything that came
 * from outside is a double-quoted scalar without a line break in it, so that no output can be read as a test point.
 */
#include "bs-scenario.h"
#include "bs-text.h"
#include "bs-time.h"

#include <string.h>

#define OUTPUT_SHOWN 4096

static void
append_description (GString *tap, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '#' || c == '\\')
        g_string_append_c (tap, '\\');
      if (bs_text_is_control (c))
        g_string_append_c (tap, ' ');
      else
        g_string_append_unichar (tap, c);
    }
}

/* YAML 1.2, 5.7 and 7.3.1 */
static void
append_quoted (GString *tap, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  g_string_append_c (tap, '"');
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '"' || c == '\\')
        g_string_append_printf (tap, "\\%c", (char) c);
      else if (c == '\n')
        g_string_append (tap, "\\n");
      else if (bs_text_is_control (c) && c < 0x100)
        g_string_append_printf (tap, "\\x%02x", c);
      else if (bs_text_is_control (c))
        g_string_append_printf (tap, c <= 0xffff ? "\\u%04x" : "\\U%08x", c);
      else
        g_string_append_unichar (tap, c);
    }
  g_string_append_c (tap, '"');
}

static void
append_value (GString *tap, const char *key, const char *text)
{
  g_string_append_printf (tap, "  %s: ", key);
  append_quoted (tap, text);
  g_string_append_c (tap, '\n');
}

/* The end of what was printed, from the start of a character. */
static void
append_output (GString *tap, const char *key, const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;
  const char *start = length > OUTPUT_SHOWN ? text + (length - OUTPUT_SHOWN) : text;

  if (length == 0)
    return;
  while (((guchar) *start & 0xc0) == 0x80)
    start++;
  append_value (tap, key, start);
}

static const BsStepReport *
first_not_passed (const BsScenarioReport *scenario)
{
  for (guint i = 0; i < scenario->steps->len; i++)
    {
      const BsStepReport *step = scenario->steps->pdata[i];

      if (step->outcome != BS_OUTCOME_PASSED)
        return step;
    }
  return NULL;
}

static void
append_step (GString *tap, const BsRunReport *report, const BsStepReport *step)
{
  g_autofree char *at = g_strdup_printf ("%s:%u:%u", report->file, step->line, step->column);

  append_value (tap, "message", step->message);
  append_value (tap, "step", step->name);
  append_value (tap, "node", step->node);
  append_value (tap, "at", at);
  g_string_append_printf (tap, "  attempts: %u\n", step->attempts);
  if (step->exit_code >= 0)
    g_string_append_printf (tap, "  exit_code: %d\n", step->exit_code);
  append_output (tap, "stdout", step->out);
  append_output (tap, "stderr", step->err);
}

static void
append_diagnostic (GString *tap, const BsRunReport *report, const BsScenarioReport *scenario)
{
  const BsStepReport *step = first_not_passed (scenario);

  g_string_append (tap, "  ---\n");
  append_value (tap, "outcome", bs_outcome_name (scenario->outcome));
  if (step != NULL)
    append_step (tap, report, step);
  else
    append_value (tap, "message", "it has no steps");
  g_string_append_printf (tap, "  duration_ms: %" G_GINT64_FORMAT "\n", scenario->duration_usec / BS_USEC_PER_MSEC);
  g_string_append (tap, "  ...\n");
}

char *
bs_report_tap (const BsRunReport *report)
{
  GString *tap = g_string_new ("TAP version 14\n");

  g_string_append_printf (tap, "1..%u\n", report->scenarios->len);
  for (guint i = 0; i < report->scenarios->len; i++)
    {
      const BsScenarioReport *scenario = report->scenarios->pdata[i];
      gboolean passed = scenario->outcome == BS_OUTCOME_PASSED;

      g_string_append_printf (tap, "%sok %u - ", passed ? "" : "not ", i + 1);
      append_description (tap, scenario->name);
      g_string_append_c (tap, '\n');
      if (!passed)
        append_diagnostic (tap, report, scenario);
    }
  return g_string_free (tap, FALSE);
}
