/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-preset.c — any bytes as a file of presets: good, or there are errors */
#include "bs-preset-file.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Presets are for a process's life: what one input made known would decide over the next. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  gboolean ok = bs_preset_file_check ("fuzz.yaml", (const char *) data, size, &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_true (g_utf8_validate (said, -1, NULL));
  g_assert_cmpint (ok, !=, bs_diagnostics_has_errors (diagnostics));
  return 0;
}
