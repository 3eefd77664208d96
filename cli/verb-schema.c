/* SPDX-License-Identifier: Apache-2.0 */
/* verb-schema.c — what files can say, for editors and validators */
#include "bs-schema.h"
#include "cli-output.h"
#include "cli-topology.h"
#include "cli.h"

static char *output;

static const GOptionEntry options[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "write to this file instead of standard output", "FILE" },
  CLI_PRESETS_OPTION,
  { NULL },
};

static int
run (int argc, char **argv)
{
  BsSchemaKind kind = BS_SCHEMA_TOPOLOGY;
  g_autofree char *text = NULL;
  GError *error = NULL;

  if (argc > 0 && !bs_schema_kind_parse (argv[0], &kind))
    return cli_usage ("schema", "there are schemas of topology and scenarios, not of '%s'", argv[0]);
  if (!cli_topology_load_presets (&error))
    return cli_fail (error);
  text = bs_schema_text (kind);
  return cli_output_write (output, text, &error) ? 0 : cli_fail (error);
}

const CliVerb cli_schema = {
  .name = "schema",
  .arguments = "[topology|scenarios]",
  .summary = "print the JSON Schema of topology files",
  .description
  = "Prints a JSON Schema (draft 7) of topology files, or of files of scenarios, for editors that complete and check "
    "while one types. It is about typed values as *fmt --to json* prints them. What a schema cannot say is in its "
    "$comment; *validate* checks all. With --presets it knows their names, too.",
  .examples = "benchscale schema -o topology.schema.json — then begin a file with the line "
              "'# yaml-language-server: $schema=topology.schema.json'\n",
  .options = options,
  .max = 1,
  .run = run,
};
