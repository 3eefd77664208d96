/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-time.h"

#include <string.h>

#define DURATION_MAX_USEC ((gint64) 10 * 366 * 24 * 3600 * BS_USEC_PER_SEC)
#define NUMBER_LENGTH_MAX 20

static gboolean
unit_usec (const char *unit, gint64 *usec)
{
  static const struct
  {
    const char *name;
    gint64 usec;
  } units[] = {
    { "", BS_USEC_PER_SEC },       { "us", 1 },
    { "ms", BS_USEC_PER_MSEC },    { "s", BS_USEC_PER_SEC },
    { "m", 60 * BS_USEC_PER_SEC }, { "h", 3600 * BS_USEC_PER_SEC },
  };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (units[i].name, unit) == 0)
      {
        *usec = units[i].usec;
        return TRUE;
      }
  return FALSE;
}

gboolean
bs_time_parse_duration (const char *text, gint64 *usec)
{
  gsize length = strspn (text, "0123456789.");
  g_autofree char *number = g_strndup (text, length);
  char *end = NULL;
  gint64 scale;
  double value;

  if (!g_ascii_isdigit (text[0]) || length > NUMBER_LENGTH_MAX || !unit_usec (text + length, &scale))
    return FALSE;
  value = g_ascii_strtod (number, &end) * (double) scale;
  if (*end != '\0' || end[-1] == '.' || !(value >= 0 && value <= (double) DURATION_MAX_USEC))
    return FALSE;
  *usec = (gint64) (value + 0.5);
  return TRUE;
}

char *
bs_time_format_duration (gint64 usec)
{
  if (usec < BS_USEC_PER_SEC)
    return g_strdup_printf ("%dms", (int) (usec / BS_USEC_PER_MSEC));
  if (usec < 60 * BS_USEC_PER_SEC)
    return g_strdup_printf ("%d.%ds", (int) (usec / BS_USEC_PER_SEC), (int) (usec % BS_USEC_PER_SEC / 100000));
  return g_strdup_printf ("%dm%02ds", (int) (usec / (60 * BS_USEC_PER_SEC)), (int) (usec / BS_USEC_PER_SEC % 60));
}

char *
bs_time_format_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *seconds = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%06dZ", seconds, g_date_time_get_microsecond (now));
}

gint64
bs_time_left_usec (gint64 deadline_usec)
{
  gint64 now_usec = bs_time_now_usec ();

  return deadline_usec > now_usec ? deadline_usec - now_usec : 0;
}

gint64
bs_time_sooner_usec (gint64 within_usec, gint64 deadline_usec)
{
  gint64 then_usec = bs_time_now_usec () + within_usec;

  return MIN (then_usec, deadline_usec);
}

int
bs_time_poll_timeout (gint64 deadline_usec)
{
  gint64 left;

  if (deadline_usec < 0)
    return -1;
  left = bs_time_left_usec (deadline_usec);
  return (int) MIN (left / BS_USEC_PER_MSEC + (left % BS_USEC_PER_MSEC != 0), G_MAXINT);
}
