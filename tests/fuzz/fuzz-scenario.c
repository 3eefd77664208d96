/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-scenario.c — any bytes as a file of scenarios: they are added to the topology, or errors, never both */
#include "bs-topology.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const nothing[] = { NULL };
static const BsTopologyLoadOptions options = { .environment = nothing };

static BsTopology *
make_lab (void)
{
  static const char lab[] = "networks: [{name: lan, subnet: 10.9.0.0/24}]\nnodes:\n  - {name: one, image: tiny}\n"
                            "  - {name: two, image: tiny, count: 2}\n";
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse_full ("lab.yaml", lab, strlen (lab), &options, &diagnostics);

  g_assert_nonnull (topology);
  return topology;
}

static void
check_scenarios (const BsTopology *topology)
{
  g_assert_cmpuint (topology->nodes->len, ==, 3);
  for (guint i = 0; i < topology->scenarios->len; i++)
    {
      const BsTopologyScenario *scenario = g_ptr_array_index (topology->scenarios, i);

      g_assert_nonnull (scenario->name);
      g_assert_cmpuint (scenario->steps->len, >, 0);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static BsTopology *topology; /* as long as nothing was added to it */
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autofree char *said = NULL;
  gboolean ok;

  if (topology == NULL)
    topology = make_lab ();
  ok = bs_topology_parse_scenarios (topology, "fuzz.yaml", (const char *) data, size, &options, &diagnostics);
  said = bs_diagnostics_format (diagnostics);
  g_assert_true (g_utf8_validate (said, -1, NULL));
  g_assert_cmpint (ok, !=, bs_diagnostics_has_errors (diagnostics));
  check_scenarios (topology);
  if (!ok)
    g_assert_true (topology->scenarios->len == 0 && topology->inert->len == 0 && *topology->variables == NULL);
  if (ok)
    g_clear_pointer (&topology, bs_topology_free);
  return 0;
}
