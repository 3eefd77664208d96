/* SPDX-License-Identifier: Apache-2.0 */
/* schema-tool.c — for test-schema.py: the parser's verdict and the typed JSON of many documents, in one process
 *
 * schema-tool fields: lines of JSON {"field", "text"}, one for each field's example
 * schema-tool read topology|scenarios < documents that end with NUL: for each a line of JSON {"said", "json"}
 */
#include "bs-decode.h"
#include "bs-field-form.h"
#include "bs-legacy.h"
#include "bs-topology-fields.h"
#include "bs-typed-json.h"

#include <stdio.h>
#include <string.h>

static void
print_line (json_t *line)
{
  g_autofree char *text = bs_json_dump (line);

  printf ("%s\n", text);
  json_decref (line);
}

static void
print_field (const BsTopologyField *field, gpointer user_data)
{
  g_autofree char *text = bs_topology_field_example (field->path);

  print_line (json_pack ("{s:s, s:s}", "field", field->path, "text", text));
}

/* The typed JSON; (nullable) when it is no YAML at all. */
static json_t *
typed (const char *text, gboolean topology)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("t.yaml");
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (text, strlen (text), diagnostics);
  const BsYamlNode *root;
  const BsField *fields = bs_fields_topology;

  if (tree == NULL || bs_diagnostics_has_errors (diagnostics))
    return json_null ();
  (topology ? bs_legacy_topology : bs_legacy_scenarios) (tree);
  root = bs_yaml_root (tree);
  if (!topology)
    fields = root->kind == BS_YAML_MAPPING && bs_yaml_get (root, "steps") != NULL ? bs_fields_scenario
                                                                                  : bs_fields_scenario_file;
  return bs_typed_json (root, fields);
}

static void
print_verdict (const char *text, gboolean topology)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) model = NULL;
  g_autofree char *said = NULL;

  if (topology)
    {
      model = bs_topology_parse ("t.yaml", text, strlen (text), &diagnostics);
      said = bs_diagnostics_format (diagnostics);
    }
  print_line (json_pack ("{s:s, s:o}", "said", said != NULL ? said : "", "json", typed (text, topology)));
}

int
main (int argc, char **argv)
{
  char *text = NULL;
  size_t size = 0;

  if (argc == 2 && strcmp (argv[1], "fields") == 0)
    bs_topology_fields (print_field, NULL);
  else if (argc == 3 && strcmp (argv[1], "read") == 0)
    while (getdelim (&text, &size, '\0', stdin) > 0)
      print_verdict (text, strcmp (argv[2], "topology") == 0);
  else
    return 2;
  free (text);
  return 0;
}
