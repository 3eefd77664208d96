/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-json.h"
#include "bs-error.h"
#include "bs-text.h"

#include <string.h>

#define DEPTH_MAX 64

const char *
bs_json_string (const json_t *object, const char *key, const char *fallback)
{
  const char *value = json_string_value (json_object_get (object, key));

  return value != NULL ? value : fallback;
}

gint64
bs_json_int (const json_t *object, const char *key, gint64 fallback)
{
  const json_t *value = json_object_get (object, key);

  return json_is_integer (value) ? json_integer_value (value) : fallback;
}

gboolean
bs_json_bool (const json_t *object, const char *key, gboolean fallback)
{
  const json_t *value = json_object_get (object, key);

  return json_is_boolean (value) ? json_is_true (value) : fallback;
}

char *
bs_json_dump (const json_t *value)
{
  char *text = json_dumps (value, JSON_COMPACT | JSON_ENCODE_ANY);
  char *copy = g_strdup (text);

  free (text);
  return copy;
}

/* jansson's own limit is 2048 levels; ours keeps every later walk shallow. */
static gboolean
too_deep (const char *data, gsize length)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (in_string)
        {
          if (data[i] == '\\')
            i++;
          else if (data[i] == '"')
            in_string = FALSE;
        }
      else if (data[i] == '"')
        in_string = TRUE;
      else if ((data[i] == '{' || data[i] == '[') && ++depth > DEPTH_MAX)
        return TRUE;
      else if ((data[i] == '}' || data[i] == ']') && depth > 0)
        depth--;
    }
  return FALSE;
}

json_t *
bs_json_load (const char *data, gsize length, GError **error)
{
  g_autofree char *reason = NULL;
  json_error_t problem;
  json_t *value;

  if (too_deep (data, length))
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "JSON is nested deeper than %d levels", DEPTH_MAX);
      return NULL;
    }
  value = json_loadb (data, length, JSON_REJECT_DUPLICATES, &problem);
  if (value != NULL)
    return value;
  /* It quotes what it choked on; an outside process chose those bytes, and a terminal may show them. */
  reason = bs_text_printable (problem.text, strlen (problem.text));
  bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "bad JSON at line %d column %d: %s", problem.line, problem.column,
                reason);
  return NULL;
}
