/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-checksums.h"
#include "bs-error.h"

#include <string.h>

#define A64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define B64 "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define A128 A64 B64

static void
assert_found (const char *text, BsChecksumsFormat format, const char *hex)
{
  g_autoptr (GError) error = NULL;
  BsDigest digest = { 0 };

  bs_checksums_find (text, strlen (text), format, "disk.img", &digest, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (digest.hex, ==, hex);
}

static void
assert_refused (const char *text, BsChecksumsFormat format, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  BsDigest digest = { 0 };

  g_assert_false (bs_checksums_find (text, strlen (text), format, "disk.img", &digest, &error));
  g_assert_error (error, BS_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpstr (digest.hex, ==, "");
}

static void
test_gnu (void)
{
  assert_found (B64 "  other\n" A64 "  disk.img\n", BS_CHECKSUMS_SHA256SUMS, A64);
  assert_found (A64 " *disk.img\r\n", BS_CHECKSUMS_SHA256SUMS, A64);
  assert_found (A64 "  ./folder/disk.img", BS_CHECKSUMS_SHA256SUMS, A64);
  assert_found (A128 "  disk.img\n", BS_CHECKSUMS_SHA512SUMS, A128);
  assert_found ("0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef  disk.img", BS_CHECKSUMS_SHA256SUMS,
                A64);
}

static void
test_bsd (void)
{
  assert_found ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# disk.img: 1000 bytes\n"
                "MD5 (disk.img) = 0123\nSHA256 (other) = " B64 "\nSHA256 (disk.img) = " A64 "\n-----BEGIN PGP\nxyz\n",
                BS_CHECKSUMS_BSD, A64);
  assert_found ("SHA512 (disk.img) = " A128 "\nSHA256 (disk.img) = " A64 "\n", BS_CHECKSUMS_BSD, A128);
}

static void
test_of_one_file (void)
{
  assert_found (A128 "\n", BS_CHECKSUMS_SHA512, A128);
  assert_found (A128 "  disk.img\n", BS_CHECKSUMS_SHA512, A128);
  assert_found (A64, BS_CHECKSUMS_SHA256, A64);
}

static void
test_missing_entry (void)
{
  const char *message = "the checksum file does not name 'disk.img'";

  assert_refused ("", BS_CHECKSUMS_SHA256SUMS, BS_ERROR_NOT_FOUND, message);
  assert_refused (A64 "  disk.img.bak\n", BS_CHECKSUMS_SHA256SUMS, BS_ERROR_NOT_FOUND, message);
  assert_refused ("<html>404</html>", BS_CHECKSUMS_SHA256SUMS, BS_ERROR_NOT_FOUND, message);
  assert_refused (A64 "\n", BS_CHECKSUMS_SHA256SUMS, BS_ERROR_NOT_FOUND, message);
  assert_refused ("SHA256 (disk.img) = 0123\n", BS_CHECKSUMS_BSD, BS_ERROR_NOT_FOUND, message);
  assert_refused ("SHA1 (disk.img) = " A64 "\n", BS_CHECKSUMS_BSD, BS_ERROR_NOT_FOUND, message);
  /* A digest of another length is none of this kind. */
  assert_refused (A64 "  disk.img\n", BS_CHECKSUMS_SHA512SUMS, BS_ERROR_NOT_FOUND, message);
}

static void
test_contradiction (void)
{
  assert_refused (A64 "  disk.img\n" B64 "  disk.img\n", BS_CHECKSUMS_SHA256SUMS, BS_ERROR_PROTOCOL,
                  "the checksum file names 'disk.img' twice, with different digests");
  assert_found (A64 "  disk.img\n" A64 "  disk.img\n", BS_CHECKSUMS_SHA256SUMS, A64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checksums/gnu", test_gnu);
  g_test_add_func ("/checksums/bsd", test_bsd);
  g_test_add_func ("/checksums/of-one-file", test_of_one_file);
  g_test_add_func ("/checksums/missing-entry", test_missing_entry);
  g_test_add_func ("/checksums/contradiction", test_contradiction);
  return g_test_run ();
}
