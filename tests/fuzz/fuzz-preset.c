/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-preset.c — any bytes as a file of presets: all of them are known afterwards, or there are errors */
#include "bs-fd.h"
#include "bs-preset-file.h"

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
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  bs_autofd int fd = -1;
  g_autofree char *path = make_file (&fd, data, size), *said = NULL;
  gboolean ok = bs_preset_file_load (path, &diagnostics);

  said = bs_diagnostics_format (diagnostics);
  g_assert_true (g_utf8_validate (said, -1, NULL));
  g_assert_cmpint (ok, !=, bs_diagnostics_has_errors (diagnostics));
  return 0;
}
