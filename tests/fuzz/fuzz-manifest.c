/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-manifest.c — any bytes as a manifest: an image whose files are in its folder, or an error */
#include "bs-manifest.h"

#include <string.h>

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_path (const char *path)
{
  if (path == NULL)
    return;
  g_assert_true (g_str_has_prefix (path, "/cache/x/"));
  g_assert_null (strchr (path + strlen ("/cache/x/"), '/'));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) manifest = bs_manifest_parse ((const char *) data, size, &error);
  g_autoptr (BsImage) image = manifest != NULL ? bs_manifest_image (manifest, "/cache/x") : NULL;

  g_assert_cmpint (manifest == NULL, ==, error != NULL);
  if (image == NULL)
    return 0;
  check_path (image->disk);
  check_path (image->kernel);
  check_path (image->initrd);
  check_path (image->rootfs);
  g_assert_true (image->name != NULL && strlen (image->digest) == 64 && image->firmware != NULL);
  g_assert_cmpint (image->disk == NULL, ==, image->disk_format == NULL);
  return 0;
}
