/* SPDX-License-Identifier: Apache-2.0 */
/* verb-validate.c — say what is wrong with topology files, all of it */
#include "bs-error.h"
#include "cli-diagnostics.h"
#include "cli-explain.h"
#include "cli-topology.h"
#include "cli.h"

#include <stdio.h>

static char **scenario_files;
static gboolean json, strict, explain;

static const GOptionEntry options[] = {
  { "scenarios", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &scenario_files,
    "check this file of scenarios with each topology (may be repeated)", "FILE" },
  CLI_TOPOLOGY_OPTIONS,
  { "strict", 0, 0, G_OPTION_ARG_NONE, &strict, "warnings fail, too", NULL },
  { "explain", 0, 0, G_OPTION_ARG_NONE, &explain, "print every value with every default, and where each came from",
    NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print all errors and warnings as one JSON array", NULL },
  { NULL },
};

typedef struct
{
  BsTopologyLoadOptions load;
  GPtrArray *topologies; /* (element-type BsTopology) the good ones */
  json_t *list;
  GPtrArray *models; /* (element-type utf8) objects of JSON */
  gboolean failed;
} Check;

static void
tell (Check *check, const BsDiagnostics *diagnostics)
{
  g_autoptr (json_t) list = json ? bs_diagnostics_json (diagnostics) : NULL;

  if (json)
    json_array_extend (check->list, list);
  else
    cli_print_diagnostics (diagnostics);
  check->failed |= bs_diagnostics_has_errors (diagnostics) || (strict && bs_diagnostics_has_warnings (diagnostics));
}

static void
check_scenarios (Check *check, BsTopology *topology)
{
  for (char **file = scenario_files; file != NULL && *file != NULL; file++)
    {
      g_autoptr (BsDiagnostics) diagnostics = NULL;

      bs_topology_add_scenarios_full (topology, *file, &check->load, &diagnostics);
      tell (check, diagnostics);
    }
}

static void
print_good (const BsTopology *topology)
{
  printf ("%s: valid, %u node%s, %u network%s, %u scenario%s\n", topology->file, topology->nodes->len,
          topology->nodes->len == 1 ? "" : "s", topology->networks->len, topology->networks->len == 1 ? "" : "s",
          topology->scenarios->len, topology->scenarios->len == 1 ? "" : "s");
}

static void
explain_model (Check *check, const BsTopology *topology)
{
  if (json)
    g_ptr_array_add (check->models, cli_dump_explanation (topology));
  else
    cli_print_explanation (topology);
}

static void
check_file (Check *check, const char *path)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL, refused = NULL;
  BsTopology *topology = bs_topology_load_full (path, &check->load, &diagnostics);
  gboolean failed_before = check->failed;

  check->failed = FALSE;
  tell (check, diagnostics);
  if (topology != NULL)
    {
      g_ptr_array_add (check->topologies, topology);
      if (explain)
        explain_model (check, topology);
      check_scenarios (check, topology);
      refused = bs_topology_refusals (topology, BS_DIAGNOSTIC_WARNING);
      if (refused != NULL)
        tell (check, refused);
      if (!json && !check->failed)
        print_good (topology);
    }
  check->failed |= failed_before;
}

static void
print_json (const Check *check)
{
  g_autofree char *problems = bs_json_dump (check->list);

  if (!json)
    return;
  if (explain)
    printf ("{\"problems\":");
  printf ("%s", problems);
  if (explain)
    {
      printf (",\"models\":[");
      for (guint i = 0; i < check->models->len; i++)
        printf ("%s%s", i > 0 ? "," : "", (const char *) g_ptr_array_index (check->models, i));
      printf ("]}");
    }
  printf ("\n");
}

static int
run (int argc, char **argv)
{
  g_autoptr (GPtrArray) topologies = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_topology_free);
  g_autoptr (GPtrArray) models = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (json_t) list = json_array ();
  Check check = { .topologies = topologies, .list = list, .models = models };
  GError *error = NULL;

  cli_topology_problems = json ? list : NULL;
  if (!cli_topology_load_options (&check.load, &error))
    {
      print_json (&check);
      return cli_fail (error);
    }
  for (int i = 0; i < argc; i++)
    check_file (&check, argv[i]);
  print_json (&check);
  if (topologies->len == (guint) argc && !cli_topology_check_used (topologies, &error))
    return cli_fail (error);
  return check.failed ? 2 : 0;
}

const CliVerb cli_validate = {
  .name = "validate",
  .arguments = "FILE...",
  .summary = "say what is wrong with topology files, and change nothing",
  .description
  = "Reads each topology FILE and prints all errors and warnings with their places, sorted; on a terminal "
    "with the line they are about. Returns 0 when there are no errors, 2 when there are. What is valid but "
    "not supported yet is a warning here; *up* refuses it. With --explain each value of a valid FILE is printed with "
    "its place, or with what else it comes from: a default, a setting, a preset, or what is chosen at *up*; and what "
    "the wires do, by interface and pair.",
  .examples
  = "benchscale validate shop.yaml — one file\n"
    "benchscale validate --set stage=test --scenarios smoke.yaml shop.yaml — with a variable and more scenarios\n"
    "benchscale validate --json shop.yaml — for editors\n"
    "benchscale validate --explain shop.yaml — with all defaults and origins\n",
  .options = options,
  .json = &json,
  .min = 1,
  .max = G_MAXUINT,
  .run = run,
};
