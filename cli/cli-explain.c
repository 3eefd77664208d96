/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-explain.h"

#include "bs-text.h"

#include <stdio.h>
#include <string.h>

#define VALUE_WIDTH 28

/* A text without quotes, anything else as JSON; no terminal acts on it, and it is one line. */
static char *
show (const json_t *value)
{
  g_autofree char *json = json_is_string (value) ? NULL : json_dumps (value, JSON_ENCODE_ANY);
  const char *text = json != NULL ? json : json_string_value (value);
  char *shown = bs_text_printable (text, strlen (text));

  if (json_is_null (value))
    {
      g_free (shown);
      return g_strdup ("-");
    }
  return g_strdelimit (shown, "\n\t", ' ');
}

static int
width_of (const json_t *list)
{
  json_t *entry;
  size_t i, width = 0;

  json_array_foreach (list, i, entry) width = MAX (width, strlen (bs_json_string (entry, "path", "")));
  return (int) MIN (width, 60);
}

static void
print_value (const json_t *entry, int width)
{
  g_autofree char *path = show (json_object_get (entry, "path")), *value = show (json_object_get (entry, "value"));
  g_autofree char *origin = show (json_object_get (entry, "origin"));

  printf ("  %-*s  %-*s  %s\n", width, path, VALUE_WIDTH, value, origin);
}

static void
print_wire (const json_t *entry)
{
  printf ("  %s/%s on %s %s", bs_json_string (entry, "node", ""), bs_json_string (entry, "interface", ""),
          bs_json_string (entry, "network", ""), bs_json_string (entry, "direction", ""));
  if (json_object_get (entry, "to") != NULL)
    printf (" to %s/%s", bs_json_string (entry, "to", ""), bs_json_string (entry, "to_interface", ""));
  printf (":\n");
}

static gboolean
is_same_wire (const json_t *a, const json_t *b)
{
  static const char *const keys[] = { "node", "interface", "to", "to_interface", "direction" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (bs_json_string (a, keys[i], ""), bs_json_string (b, keys[i], "")) != 0)
      return FALSE;
  return TRUE;
}

static void
print_condition (const json_t *entry, const char *file)
{
  g_autofree char *value = show (json_object_get (entry, "value")), *place = NULL;
  gint64 line = bs_json_int (entry, "line", 0);

  if (line > 0)
    place = g_strdup_printf (" (%s:%d:%d)", file, (int) line, (int) bs_json_int (entry, "column", 0));
  printf ("    %-20s  %-*s  %s%s\n", bs_json_string (entry, "key", ""), VALUE_WIDTH, value,
          bs_json_string (entry, "origin", ""), place != NULL ? place : "");
}

void
cli_print_explanation (const json_t *explanation)
{
  const json_t *values = json_object_get (explanation, "values");
  const json_t *conditions = json_object_get (explanation, "conditions"), *before = NULL;
  g_autofree char *file = show (json_object_get (explanation, "file"));
  int width = width_of (values);
  json_t *entry;
  size_t i;

  printf ("%s:\n", file);
  json_array_foreach (values, i, entry) print_value (entry, width);
  printf ("what wires do:\n  each, where nothing below says otherwise:\n");
  json_array_foreach (json_object_get (explanation, "condition_defaults"), i, entry) print_condition (entry, file);
  json_array_foreach (conditions, i, entry)
  {
    if (before == NULL || !is_same_wire (before, entry))
      print_wire (entry);
    print_condition (entry, file);
    before = entry;
  }
  if (bs_json_int (explanation, "left_out", 0) > 0)
    printf ("  and %d wires more\n", (int) bs_json_int (explanation, "left_out", 0));
}
