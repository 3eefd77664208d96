/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-roundtrip.c — any bytes that are a topology: written in short or in full and read again, the same model */
#include "bs-topology-encode.h"
#include "bs-topology-equal.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const nothing[] = { NULL };

static void
check (const BsTopology *topology, BsTopologyEncodeFlags flags)
{
  const BsTopologyLoadOptions options = { .environment = nothing };
  g_autofree char *text = bs_topology_to_yaml (topology, flags), *said = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) again = bs_topology_parse_full ("fuzz.yaml", text, strlen (text), &options, &diagnostics);

  said = bs_diagnostics_format (diagnostics);
  if (again == NULL || !bs_topology_equal (topology, again))
    g_error ("not the same:\n%s\n%s", text, said);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const BsTopologyLoadOptions options = { .environment = nothing };
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology
      = bs_topology_parse_full ("fuzz.yaml", (const char *) data, size, &options, &diagnostics);

  if (topology == NULL || topology->nodes->len > 1000)
    return 0;
  check (topology, BS_TOPOLOGY_ENCODE_SHORT);
  check (topology, BS_TOPOLOGY_ENCODE_COMPLETE);
  return 0;
}
