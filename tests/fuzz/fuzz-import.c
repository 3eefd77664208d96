/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-import.c — any bytes as the file of another tool: a topology that loads, or errors, never both */
#include "bs-import.h"
#include "bs-topology.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL, again = NULL;
  g_autoptr (BsTopology) topology = NULL;
  g_autofree char *result = NULL, *said = NULL;
  BsImportFormat format;

  if (size == 0 || data[0] < '0' || data[0] > '2')
    return 0;
  format = (BsImportFormat) (data[0] - '0');
  result = bs_import (format, "fuzz.yaml", (const char *) data + 1, size - 1, &diagnostics);
  said = bs_diagnostics_format (diagnostics);
  g_assert_true (g_utf8_validate (said, -1, NULL));
  g_assert_cmpint (result == NULL, ==, bs_diagnostics_has_errors (diagnostics));
  if (result == NULL)
    return 0;
  topology = bs_topology_parse ("fuzz.yaml", result, strlen (result), &again);
  g_assert_nonnull (topology);
  return 0;
}
