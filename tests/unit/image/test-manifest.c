/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-manifest.h"

#include <string.h>

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD "\"format\":1,\"name\":\"a\",\"origin\":\"recipe\",\"created\":\"2026\",\"digest\":\"" SUM "\""
#define FILES "\"files\":{\"disk.qcow2\":{\"size\":1,\"sha256\":\"" SUM "\"}}"

static void
test_image_of_a_manifest (void)
{
  const char *text = "{" HEAD "," FILES ",\"disk\":\"disk.qcow2\",\"disk_format\":\"qcow2\",\"disk_bytes\":512,"
                     "\"cmdline\":\"quiet\",\"firmware\":\"uefi\",\"has_guest\":true,\"later\":[1]}";
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) manifest = bs_manifest_parse (text, strlen (text), &error);
  g_autoptr (BsImage) image = NULL;

  g_assert_no_error (error);
  image = bs_manifest_image (manifest, "/cache/a-1");
  g_assert_cmpstr (image->name, ==, "a");
  g_assert_cmpint (image->origin, ==, BS_IMAGE_RECIPE);
  g_assert_cmpstr (image->disk, ==, "/cache/a-1/disk.qcow2");
  g_assert_cmpstr (image->disk_format, ==, "qcow2");
  g_assert_cmpuint (image->disk_bytes, ==, 512);
  g_assert_cmpstr (image->cmdline, ==, "quiet");
  g_assert_cmpstr (image->firmware, ==, "uefi");
  g_assert_null (image->kernel);
  g_assert_null (image->user);
  g_assert_true (image->has_guest);
}

static const char *const wrong[] = {
  "",
  "[]",
  "{}",
  "{\"format\":2,\"name\":\"a\",\"origin\":\"recipe\",\"created\":\"2026\",\"digest\":\"" SUM "\"," FILES "}",
  "{" HEAD "}",
  "{" HEAD ",\"files\":{\"../../etc/passwd\":{\"size\":1,\"sha256\":\"" SUM "\"}}}",
  "{" HEAD ",\"files\":{\".x\":{\"size\":1,\"sha256\":\"" SUM "\"}}}",
  "{" HEAD ",\"files\":{\"x\":{\"size\":1,\"sha256\":\"12\"}}}",
  "{" HEAD ",\"files\":{\"x\":{\"size\":-1,\"sha256\":\"" SUM "\"}}}",
  "{" HEAD ",\"files\":{\"x\":7}}",
  "{" HEAD "," FILES ",\"disk\":\"other\",\"disk_format\":\"raw\"}",
  "{" HEAD "," FILES ",\"kernel\":7}",
  "{" HEAD "," FILES ",\"disk\":\"disk.qcow2\"}",
  "{" HEAD "," FILES ",\"disk\":\"disk.qcow2\",\"disk_format\":\"vmdk\"}",
  "{" HEAD "," FILES ",\"firmware\":\"efi\"}",
};

static void
test_wrong_ones_are_refused (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (bs_manifest_parse (wrong[i], strlen (wrong[i]), &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/manifest/image-of-a-manifest", test_image_of_a_manifest);
  g_test_add_func ("/manifest/wrong-ones-are-refused", test_wrong_ones_are_refused);
  return g_test_run ();
}
