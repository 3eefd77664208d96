/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology-fields.c — the tables, their examples and the manual say the same */
#include "bs-topology-fields.h"

#include "bs-topology.h"

#include <string.h>

static BsTopology *
parse_example (const BsTopologyField *field)
{
  g_autofree char *text = bs_topology_field_example (field->path);
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse (field->path, text, strlen (text), &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  return topology;
}

static gboolean
is_inert (const BsTopology *topology, const char *field)
{
  for (guint i = 0; i < topology->inert->len; i++)
    {
      const BsTopologyInert *inert = g_ptr_array_index (topology->inert, i);

      if (strcmp (inert->field, field) == 0 && inert->at.line == 1)
        return TRUE;
    }
  return FALSE;
}

/* What an example has beside its field may not be acted on either. */
static void
check_example (const BsTopologyField *field, gpointer count)
{
  g_autoptr (BsTopology) topology = parse_example (field);

  ++*(guint *) count;
  g_assert_cmpuint (strlen (field->doc), >, 0);
  if (field->acted_on)
    g_assert_cmpuint (topology->inert->len, ==, 0);
  else
    g_assert_true (is_inert (topology, field->outermost));
}

static void
test_examples (void)
{
  guint count = 0;

  bs_topology_fields (check_example, &count);
  g_assert_cmpuint (count, >, 200);
}

static void
test_unknown_field_has_no_example (void)
{
  static const char *const paths[] = { "", "nodez", "nodes[].nam", "nodes[].name.x", "." };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_null (bs_topology_field_example (paths[i]));
}

/* @text with all values of @key replaced, unless they are mappings. FALSE when there is none. */
static gboolean
replace_values (GString *text, const char *key, const char *replacement)
{
  g_autofree char *pattern = g_strconcat ("([{ ])", key, ": ([^\\[{,}][^,}]*|\\[[^\\]{]*\\])", NULL);
  g_autofree char *with = g_strdup_printf ("\\1%s: %s", key, replacement), *result = NULL;
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
  gboolean changed;

  result = g_regex_replace (regex, text->str, -1, 0, with, G_REGEX_MATCH_DEFAULT, NULL);
  changed = strcmp (result, text->str) != 0;
  g_string_assign (text, result);
  return changed;
}

static gboolean
takes_any_text (const BsTopologyField *field)
{
  static const char *const types[] = { "text",    "text or list of texts",     "mapping of names to texts",
                                       "mapping", "regular expression (PCRE)", "list of texts or of lists of texts",
                                       NULL };

  return g_strv_contains (types, field->type);
}

/* A value that would break a line of a log, a command or a file is refused wherever text has a form. */
static void
check_hostile_values (const BsTopologyField *field, gpointer count)
{
  static const char *const values[] = { "\"a\\\\nb\"", "\"\\\\x01\"", "\"\\\\x7f\"", "\"a\\\\Lb\"", "[\"a\\\\nb\"]" };

  for (guint i = 0; i < G_N_ELEMENTS (values) && !takes_any_text (field); i++)
    {
      g_autofree char *example = bs_topology_field_example (field->path), *said = NULL;
      g_autoptr (GString) text = g_string_new (example);
      g_autoptr (BsDiagnostics) diagnostics = NULL;

      if (!replace_values (text, field->key, values[i]))
        continue;
      g_test_message ("%s", text->str);
      g_assert_null (bs_topology_parse ("t.yaml", text->str, text->len, &diagnostics));
      said = bs_diagnostics_format (diagnostics);
      for (const char *p = said; *p != '\0'; p++)
        g_assert_true (*p == '\n' || (guchar) *p >= 0x20);
      g_assert_null (strstr (said, "a\nb"));
      ++*(guint *) count;
    }
}

static void
test_hostile_values (void)
{
  guint count = 0;

  bs_topology_fields (check_hostile_values, &count);
  g_assert_cmpuint (count, >, 500);
}

typedef struct
{
  char *text;
  const char *acted_on, *not_yet; /* its two parts, borrowed: the tables under Fields, the list under Not yet */
  GString *missing;
} Manual;

/* Conditions are the same wherever they stand: their parts are told once. */
static gboolean
is_told_elsewhere (const char *path)
{
  return !g_str_has_prefix (path, "networks[].conditions.")
         && (strstr (path, "conditions.") != NULL || strstr (path, "ingress.") != NULL);
}

/* Acted on: in the first part, in a table row that tells key and type. Not yet: the outermost one in the list at the
 * end. */
static void
check_manual (const BsTopologyField *field, gpointer user_data)
{
  Manual *manual = user_data;
  g_autofree char *row
      = g_strdup_printf ("| `%s`%s | %s |", field->path, field->required ? " (required)" : "", field->type);
  g_autofree char *item = g_strdup_printf ("\n- `%s`", field->path);

  if (field->acted_on && !is_told_elsewhere (field->path) && strstr (manual->acted_on, row) == NULL)
    g_string_append_printf (manual->missing, "\n%s %s |", row, field->doc);
  if (!field->acted_on && g_str_equal (field->path, field->outermost) && strstr (manual->not_yet, item) == NULL)
    g_string_append_printf (manual->missing, "%s: %s", item, field->doc);
}

static void
test_manual_has_every_field (void)
{
  static const char heading[] = "\n## Not yet\n";
  Manual manual = { .missing = g_string_new (NULL) };
  char *end, *defaults, *fields;

  g_assert_true (g_file_get_contents (SOURCE_ROOT "/docs/topology.md", &manual.text, NULL, NULL));
  end = strstr (manual.text, heading);
  g_assert_nonnull (end);
  fields = strstr (manual.text, "\n## Fields\n");
  g_assert_nonnull (fields);
  defaults = strstr (fields, "\n## Defaults\n");
  g_assert_nonnull (defaults);
  *end = *defaults = '\0';
  manual.acted_on = fields;
  manual.not_yet = end + strlen (heading) - 1;
  bs_topology_fields (check_manual, &manual);
  g_assert_cmpstr (manual.missing->str, ==, "");
  g_string_free (manual.missing, TRUE);
  g_free (manual.text);
}

/* Collects, for the other direction: what the manual tells must exist. */
static void
collect_path (const BsTopologyField *field, gpointer paths)
{
  g_hash_table_insert (paths, g_strdup (field->path), GINT_TO_POINTER (field->acted_on ? 1 : 2));
}

static guint
count_columns (const char *row)
{
  g_auto (GStrv) cells = g_strsplit (row, " | ", -1);

  return g_strv_length (cells);
}

/* Tables elsewhere have two columns: a row of three strayed out of Fields. */
static void
test_manual_has_no_other_field (void)
{
  g_autoptr (GHashTable) paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  const char *section = "";

  bs_topology_fields (collect_path, paths);
  g_assert_true (g_file_get_contents (SOURCE_ROOT "/docs/topology.md", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      gboolean row = g_str_has_prefix (lines[i], "| `"), item = g_str_has_prefix (lines[i], "- `");
      g_autofree char *path = row || item ? g_strndup (lines[i] + 3, strcspn (lines[i] + 3, "`")) : NULL;

      if (g_str_has_prefix (lines[i], "## "))
        section = lines[i];
      if (path == NULL)
        continue;
      g_test_message ("%s", lines[i]);
      if (row && strcmp (section, "## Fields") != 0)
        g_assert_cmpuint (count_columns (lines[i]), ==, 2);
      g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (paths, path)), ==, row ? 1 : 2);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/topology-fields/examples", test_examples);
  g_test_add_func ("/topology-fields/hostile-values", test_hostile_values);
  g_test_add_func ("/topology-fields/unknown-field-has-no-example", test_unknown_field_has_no_example);
  g_test_add_func ("/topology-fields/manual-has-every-field", test_manual_has_every_field);
  g_test_add_func ("/topology-fields/manual-has-no-other-field", test_manual_has_no_other_field);
  return g_test_run ();
}
