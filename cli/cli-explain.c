/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-explain.h"

#include "bs-explain.h"
#include "bs-text.h"

#include <stdio.h>
#include <string.h>

#define WIDTH_MAX 60 /* of paths */
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

/* What is told of values until the width of all is known. */
typedef struct
{
  GString *text; /* path, value and origin of each, with their ends */
  gsize width;
} Rows;

static void
add_row (const json_t *entry, gpointer user_data)
{
  static const char *const keys[] = { "path", "value", "origin" };
  Rows *rows = user_data;

  rows->width = MAX (rows->width, strlen (bs_json_string (entry, "path", "")));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *shown = show (json_object_get (entry, keys[i]));

      g_string_append_len (rows->text, shown, strlen (shown) + 1);
    }
}

static void
print_rows (const Rows *rows)
{
  int width = (int) MIN (rows->width, WIDTH_MAX);

  for (const char *path = rows->text->str; path < rows->text->str + rows->text->len;)
    {
      const char *value = path + strlen (path) + 1, *origin = value + strlen (value) + 1;

      printf ("  %-*s  %-*s  %s\n", width, path, VALUE_WIDTH, value, origin);
      path = origin + strlen (origin) + 1;
    }
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
cli_print_explanation (const BsTopology *topology)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Rows rows = { .text = text };
  g_autoptr (json_t) explanation = bs_explain (topology, add_row, &rows);
  const json_t *conditions = json_object_get (explanation, "conditions"), *before = NULL;
  g_autofree char *file = show (json_object_get (explanation, "file"));
  json_t *entry;
  size_t i;

  printf ("%s:\n", file);
  print_rows (&rows);
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

static void
add_text (const json_t *entry, gpointer user_data)
{
  GString *text = user_data;
  g_autofree char *dumped = bs_json_dump (entry);

  if (text->len > 0)
    g_string_append_c (text, ',');
  g_string_append (text, dumped);
}

char *
cli_dump_explanation (const BsTopology *topology)
{
  g_autoptr (GString) values = g_string_new (NULL);
  g_autoptr (json_t) rest = bs_explain (topology, add_text, values);
  g_autofree char *others = NULL;

  json_object_del (rest, "values");
  others = bs_json_dump (rest);
  g_string_prepend (values, "{\"values\":[");
  g_string_append_printf (values, "],%s", others + 1);
  return g_string_free (g_steal_pointer (&values), FALSE);
}
