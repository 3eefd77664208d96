/* SPDX-License-Identifier: Apache-2.0 */
/* bs-settings-values.c — one value of each type */
#include "bs-settings-table.h"

#include "bs-suggest.h"
#include "bs-text.h"
#include "bs-time.h"

#include <string.h>

#define SHOWN_MAX 60

static char *
show (const char *value)
{
  g_autofree char *printable = bs_text_printable (value, strlen (value));

  g_strdelimit (printable, "\n\t", '?');
  if (g_utf8_strlen (printable, -1) > SHOWN_MAX)
    {
      g_autofree char *cut = g_utf8_substring (printable, 0, SHOWN_MAX);

      return g_strdup_printf ("'%s…'", cut);
    }
  return g_strdup_printf ("'%s'", printable);
}

static gboolean G_GNUC_PRINTF (3, 4) refuse (char **message, const char *value, const char *wanted, ...)
{
  g_autofree char *shown = show (value), *must_be = NULL;
  va_list arguments;

  va_start (arguments, wanted);
  must_be = g_strdup_vprintf (wanted, arguments);
  va_end (arguments);
  *message = g_strdup_printf ("must be %s, not %s", must_be, shown);
  return FALSE;
}

static gboolean
is_line (const char *value)
{
  for (const char *p = value; *p != '\0'; p = g_utf8_next_char (p))
    if (bs_text_is_control (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

static gboolean
check_text (const BsSettingKind *kind, const char *value, char **message, char **hint)
{
  static const char *const paths[]
      = { [BS_SETTING_FOLDER] = "folder", [BS_SETTING_FILE] = "file", [BS_SETTING_PROGRAM] = "program" };
  const char *what = kind->type < G_N_ELEMENTS (paths) ? paths[kind->type] : NULL;

  if (!g_utf8_validate (value, -1, NULL) && what == NULL)
    *message = g_strdup ("is not valid UTF-8");
  else if (*value == '\0' && !kind->may_be_empty)
    *message = g_strdup ("is empty");
  else if (g_utf8_validate (value, -1, NULL) && !is_line (value))
    *message = g_strdup ("contains a control character");
  else
    return TRUE;
  *hint = what != NULL ? g_strdup_printf ("name a %s, or unset it", what) : g_strdup ("write a text, or unset it");
  return FALSE;
}

static char *
absolute (const BsSettingPlace *place, const char *value)
{
  if (place->home != NULL && (g_str_has_prefix (value, "~/") || strcmp (value, "~") == 0))
    return g_canonicalize_filename (value + MIN (strlen (value), 2), place->home);
  return g_canonicalize_filename (value, place->base);
}

static gboolean
check_integer (const BsSettingKind *kind, const char *value, gint64 *number, char **message)
{
  if (g_ascii_string_to_signed (value, 10, kind->least, kind->most, number, NULL))
    return TRUE;
  return refuse (message, value, "an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, kind->least, kind->most);
}

static gboolean
check_duration (const BsSettingKind *kind, const char *value, gint64 *number, char **message, char **hint)
{
  g_autofree char *least = NULL;
  gint64 usec;

  if (!bs_time_parse_duration (value, &usec))
    {
      *hint = g_strdup ("write 500ms, 2s, 3m or 1h; a bare number is seconds");
      return refuse (message, value, "a duration");
    }
  if (usec < kind->least || usec > kind->most)
    {
      least = bs_time_format_duration (kind->least);
      return refuse (message, value, "a duration from %s to 24h", least);
    }
  *number = usec;
  return TRUE;
}

static gboolean
check_size (const BsSettingKind *kind, const char *value, gint64 *number, char **message, char **hint)
{
  guint64 bytes;

  if (bs_text_parse_bytes (value, &bytes) && bytes <= G_MAXINT64 && (gint64) bytes >= kind->least
      && (gint64) bytes <= kind->most)
    {
      *number = (gint64) bytes;
      return TRUE;
    }
  *hint = g_strdup ("write 500M, 20G or 1T; a bare number is bytes");
  return refuse (message, value, "a size");
}

static gboolean
check_boolean (const char *value, gint64 *number, char **message)
{
  if (strcmp (value, "true") != 0 && strcmp (value, "false") != 0)
    return refuse (message, value, "true or false");
  *number = *value == 't';
  return TRUE;
}

static gboolean
check_word (const BsSettingKind *kind, const char *value, char **message, char **hint)
{
  g_autofree char *all = NULL;
  const char *nearest;

  if (g_strv_contains (kind->words, value))
    return TRUE;
  all = g_strjoinv (", ", (char **) kind->words);
  nearest = bs_suggest_nearest (value, kind->words);
  *hint = nearest != NULL ? g_strdup_printf ("did you mean '%s'?", nearest) : NULL;
  return refuse (message, value, "one of %s", all);
}

gboolean
bs_setting_check (const BsSettingKind *kind, const BsSettingPlace *place, const char *value, char **text,
                  gint64 *number, char **message, char **hint)
{
  gboolean good = FALSE;

  *number = 0;
  *message = *hint = NULL;
  switch (kind->type)
    {
    case BS_SETTING_FOLDER:
    case BS_SETTING_FILE:
    case BS_SETTING_PROGRAM:
    case BS_SETTING_TEXT:
      good = check_text (kind, value, message, hint);
      break;
    case BS_SETTING_DURATION:
      good = check_duration (kind, value, number, message, hint);
      break;
    case BS_SETTING_INTEGER:
      good = check_integer (kind, value, number, message);
      break;
    case BS_SETTING_SIZE:
      good = check_size (kind, value, number, message, hint);
      break;
    case BS_SETTING_BOOLEAN:
      good = check_boolean (value, number, message);
      break;
    case BS_SETTING_WORD:
      good = check_word (kind, value, message, hint);
      break;
    }
  if (!good)
    return FALSE;
  if (*value != '\0'
      && (kind->type == BS_SETTING_FOLDER || kind->type == BS_SETTING_FILE
          || (kind->type == BS_SETTING_PROGRAM && strchr (value, '/') != NULL)))
    *text = absolute (place, value);
  else
    *text = g_strdup (value);
  return TRUE;
}
