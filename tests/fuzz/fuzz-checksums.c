/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-checksums.c — any bytes as a publisher's checksum file: a whole digest, or an error; the first byte is the
 * format */
#include "bs-checksums.h"
#include "bs-error.h"

#include <string.h>

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  BsDigest digest = { 0 };

  if (size == 0)
    return 0;
  text = g_strndup ((const char *) data + 1, size - 1);
  if (bs_checksums_find (text, size - 1, (BsChecksumsFormat) (data[0] % 5), "a", &digest, &error))
    g_assert_cmpuint (strlen (digest.hex), ==, digest.type == G_CHECKSUM_SHA256 ? 64 : 128);
  else
    g_assert_true (error != NULL && digest.hex[0] == '\0');
  return 0;
}
