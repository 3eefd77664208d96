/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-disk.c — any bytes as the beginning of a disk image: a disk of a sane size, or an error */
#include "bs-disk.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  BsDisk disk = { 0 };

  if (bs_disk_parse (data, MIN (size, BS_DISK_HEADER_BYTES), size, &disk, &error))
    g_assert_true (disk.format != NULL && disk.bytes > 0 && disk.bytes <= G_GUINT64_CONSTANT (1) << 46);
  else
    g_assert_nonnull (error);
  return 0;
}
