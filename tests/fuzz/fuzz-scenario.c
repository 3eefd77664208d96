/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-scenario.c — any bytes as a file of scenarios: they are added to the topology, or errors, never both */
#include "bs-fd.h"
#include "bs-topology.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The library reads files: one without a place on a disk. (transfer full) */
static char *
make_file (int *fd, const uint8_t *data, size_t size)
{
  *fd = memfd_create ("fuzz", MFD_CLOEXEC);
  g_assert_cmpint (*fd, >=, 0);
  g_assert_cmpint (write (*fd, data, size), ==, (gssize) size);
  return g_strdup_printf ("/proc/self/fd/%d", *fd);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char lab[] = "networks: [{name: lan, subnet: 10.9.0.0/24}]\nnodes:\n  - {name: one, image: tiny}\n"
                            "  - {name: two, image: tiny, count: 2}\n";
  g_autoptr (BsDiagnostics) diagnostics = NULL, good = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse ("lab.yaml", lab, strlen (lab), &good);
  bs_autofd int fd = -1;
  g_autofree char *path = make_file (&fd, data, size), *said = NULL;
  gboolean ok;

  g_assert_nonnull (topology);
  ok = bs_topology_add_scenarios (topology, path, &diagnostics);
  said = bs_diagnostics_format (diagnostics);
  g_assert_true (g_utf8_validate (said, -1, NULL));
  g_assert_cmpint (ok, !=, bs_diagnostics_has_errors (diagnostics));
  if (!ok)
    g_assert_cmpuint (topology->scenarios->len, ==, 0);
  for (guint i = 0; i < topology->scenarios->len; i++)
    g_assert_nonnull (((const BsTopologyScenario *) g_ptr_array_index (topology->scenarios, i))->name);
  return 0;
}
