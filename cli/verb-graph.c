/* SPDX-License-Identifier: Apache-2.0 */
/* verb-graph.c — a topology as a picture */
#include "bs-graph.h"
#include "cli-output.h"
#include "cli-topology.h"
#include "cli.h"

#include <string.h>

static char *format, *output;

static const GOptionEntry options[] = {
  { "format", 'f', 0, G_OPTION_ARG_STRING, &format, "dot or svg (default: by the output's name, else dot)", "FORMAT" },
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "write to this file instead of standard output", "FILE" },
  CLI_TOPOLOGY_OPTIONS,
  { NULL },
};

static int
run (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const char *wanted = format != NULL ? format : output != NULL && g_str_has_suffix (output, ".svg") ? "svg" : "dot";
  gboolean svg = strcmp (wanted, "svg") == 0;
  g_autoptr (BsTopology) topology = NULL;
  g_autofree char *dot = NULL, *drawn = NULL;
  int code = 0;

  if (!svg && strcmp (wanted, "dot") != 0)
    return cli_usage ("graph", "--format is dot or svg, not '%s'", wanted);
  topology = cli_load_topology (argc > 0 ? argv[0] : "topology.yaml", &code);
  if (topology == NULL)
    return code;
  dot = bs_graph_dot (topology);
  if (svg && (drawn = bs_graph_svg (dot, cli_interruptible (), &error)) == NULL)
    return cli_fail (g_steal_pointer (&error));
  return cli_output_write (output, svg ? drawn : dot, &error) ? 0 : cli_fail (g_steal_pointer (&error));
}

const CliVerb cli_graph = {
  .name = "graph",
  .arguments = "[TOPOLOGY]",
  .summary = "draw a topology",
  .description
  = "Prints TOPOLOGY (topology.yaml when none is given) in the language of Graphviz, or as an SVG picture, "
    "for which the program dot of the package graphviz is needed. Many nodes on the same networks are "
    "drawn as one table of names.",
  .examples = "benchscale graph -o lab.svg examples/hello.yaml — a picture for a browser\n"
              "benchscale graph examples/hello.yaml | dot -Tpng > lab.png — another format, by Graphviz itself\n",
  .options = options,
  .max = 1,
  .run = run,
};
