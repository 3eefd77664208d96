/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-kernel.c — any bytes as a packed kernel, an ELF kernel or a module; the first byte chooses */
#include "bs-error.h"
#include "bs-lz4.h"
#include "bs-module.h"
#include "bs-vmlinux.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
unpack (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) out = bs_lz4_unpack_legacy (data, size, 1024 * 1024, &error);

  g_assert_true ((out != NULL) == (error == NULL));
  g_assert_true (out == NULL || out->len <= 1024 * 1024);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *depends = NULL;
  g_autofree void *exact = NULL;

  if (size < 2)
    return 0;
  /* A copy of just the size, so that a read beyond it is seen. */
  exact = g_memdup2 (data + 1, size - 1);
  switch (data[0] % 3)
    {
    case 0:
      unpack (exact, size - 1);
      break;
    case 1:
      bs_vmlinux_has_pvh (exact, size - 1);
      break;
    default:
      depends = bs_module_info (exact, size - 1, "depends");
      g_assert_cmpuint (bs_module_unsigned_length (exact, size - 1), <=, size - 1);
    }
  return 0;
}
