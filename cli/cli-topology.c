/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-topology.h"

#include <stdio.h>

BsTopology *
cli_load_topology (const char *path, int *code)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_load (path, &diagnostics);
  g_autofree char *text = bs_diagnostics_format (diagnostics);

  fputs (text, stderr);
  if (topology == NULL)
    *code = 2;
  return topology;
}
