/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-topology.h"

#include "bs-error.h"
#include "bs-preset-file.h"
#include "bs-settings.h"
#include "bs-variables.h"
#include "cli-diagnostics.h"
#include "cli.h"

#include <string.h>

char **cli_topology_set, **cli_topology_presets;
gboolean cli_topology_expand;
json_t *cli_topology_problems;

static void
tell (const BsDiagnostics *diagnostics)
{
  g_autoptr (json_t) list = cli_topology_problems != NULL ? bs_diagnostics_json (diagnostics) : NULL;

  if (list != NULL)
    json_array_extend (cli_topology_problems, list);
  else
    cli_print_diagnostics (diagnostics);
}

gboolean
cli_topology_load_presets (GError **error)
{
  gboolean ok = TRUE;

  for (char **path = cli_topology_presets; path != NULL && *path != NULL; path++)
    {
      g_autoptr (BsDiagnostics) diagnostics = NULL;

      ok &= bs_preset_file_load (*path, &diagnostics);
      tell (diagnostics);
    }
  if (!ok)
    g_set_error_literal (error, BS_ERROR, BS_ERROR_INVALID, "");
  return ok;
}

gboolean
cli_topology_load_options (BsTopologyLoadOptions *options, GError **error)
{
  for (char **variable = cli_topology_set; variable != NULL && *variable != NULL; variable++)
    {
      const char *equals = strchr (*variable, '=');

      if (equals != NULL && bs_variables_is_name (*variable, (gsize) (equals - *variable)))
        continue;
      bs_set_error (error, BS_ERROR_INVALID, "a name has letters, digits and '_', and no digit first",
                    "%s: '%s' is no NAME=VALUE", cli_option_name ("--set"), *variable);
      return FALSE;
    }
  if (!cli_topology_load_presets (error))
    return FALSE;
  *options = (BsTopologyLoadOptions){ .variables = (const char *const *) cli_topology_set,
                                      .expand_commands = cli_topology_expand
                                                         || bs_setting_number (BS_SETTING_TOPOLOGY_EXPAND_COMMANDS) };
  return TRUE;
}

static gboolean
is_used (const GPtrArray *topologies, const char *variable)
{
  gsize length = strcspn (variable, "=") + 1;

  for (guint i = 0; i < topologies->len; i++)
    for (char **used = ((const BsTopology *) g_ptr_array_index (topologies, i))->variables; *used != NULL; used++)
      if (strncmp (*used, variable, length) == 0)
        return TRUE;
  return FALSE;
}

gboolean
cli_topology_check_used (const GPtrArray *topologies, GError **error)
{
  for (char **variable = cli_topology_set; variable != NULL && *variable != NULL; variable++)
    {
      g_autofree char *name = g_strndup (*variable, strcspn (*variable, "="));

      if (is_used (topologies, *variable))
        continue;
      bs_set_error (error, BS_ERROR_INVALID, "it is replaced in values, and in commands with --expand-commands",
                    "%s: nothing uses the variable '%s'", cli_option_name ("--set"), name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_used_here (BsTopology *topology, GError **error)
{
  g_autoptr (GPtrArray) only = g_ptr_array_new ();

  g_ptr_array_add (only, topology);
  return cli_topology_check_used (only, error);
}

BsTopology *
cli_load_topology (const char *path, int *code)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL;
  BsTopologyLoadOptions options;
  GError *error = NULL;

  *code = 2;
  if (!cli_topology_load_options (&options, &error))
    {
      cli_fail (error);
      return NULL;
    }
  topology = bs_topology_load_full (path, &options, &diagnostics);
  cli_print_diagnostics (diagnostics);
  if (topology == NULL)
    return NULL;
  if (!check_used_here (topology, &error))
    {
      cli_fail (error);
      return NULL;
    }
  *code = 0;
  return g_steal_pointer (&topology);
}

gboolean
cli_refuse_inert (const BsTopology *topology)
{
  g_autoptr (BsDiagnostics) refused = bs_topology_refusals (topology, BS_DIAGNOSTIC_ERROR);

  if (refused != NULL)
    cli_print_diagnostics (refused);
  return refused == NULL;
}
