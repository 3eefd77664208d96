/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-net.h"
#include "bs-time.h"

#include <stdio.h>
#include <string.h>

static void
append_value (GString *text, const char *key, const json_t *value)
{
  const char *name;
  json_t *part;
  gboolean first = TRUE;

  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", key);
  if (json_is_object (value))
    {
      g_string_append (text, " {");
      json_object_foreach ((json_t *) value, name, part)
      {
        g_autofree char *dumped = json_dumps (part, JSON_ENCODE_ANY | JSON_REAL_PRECISION (9));

        g_string_append_printf (text, "%s%s: %s", first ? "" : ", ", name,
                                json_is_string (part) ? json_string_value (part) : dumped);
        first = FALSE;
      }
      g_string_append_c (text, '}');
    }
  else if (json_is_string (value))
    g_string_append_printf (text, " %s", json_string_value (value));
  else if (!json_is_true (value))
    g_string_append_printf (text, " %.9g", json_number_value (value));
}

char *
cli_net_conditions (const json_t *conditions)
{
  GString *text = g_string_new (NULL);
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) conditions, key, value) append_value (text, key, value);
  if (text->len == 0)
    g_string_append (text, "nothing");
  return g_string_free (text, FALSE);
}

char *
cli_net_left (const json_t *object)
{
  const json_t *left = json_object_get (object, "left_ms");

  return left != NULL ? bs_time_format_duration ((gint64) (json_number_value (left) * 1000)) : NULL;
}

void
cli_net_print_fault (guint64 fault, gint64 for_usec, gboolean json, const char *undo, const char *lab)
{
  if (json)
    {
      g_autoptr (json_t) object = json_pack ("{s:I}", "fault", (json_int_t) fault);
      g_autofree char *text = NULL;

      if (for_usec > 0)
        json_object_set_new (object, "for_ms", json_integer (for_usec / BS_USEC_PER_MSEC));
      text = bs_json_dump (object);
      printf ("%s\n", text);
      return;
    }
  if (for_usec > 0)
    {
      g_autofree char *length = bs_time_format_duration (for_usec);

      printf ("fault %" G_GUINT64_FORMAT ", ends by itself after %s\n", fault, length);
    }
  else
    printf ("fault %" G_GUINT64_FORMAT ", until `benchscale net %s %s`\n", fault, undo, lab);
}
