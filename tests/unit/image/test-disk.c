/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-disk.h"
#include "bs-error.h"

#include <string.h>

/* A header of qcow2 version 3 for 1 MiB, changed at one place. */
typedef struct
{
  guchar bytes[104];
} Header;

static Header
header_with (gsize at, guchar value)
{
  Header header = { { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 } };

  header.bytes[23] = 16;   /* cluster bits */
  header.bytes[29] = 0x10; /* size */
  header.bytes[at] = value;
  return header;
}

static void
assert_refused (const void *data, gsize length, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  BsDisk disk;

  g_assert_false (bs_disk_parse (data, length, 4096, &disk, &error));
  g_assert_error (error, BS_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
assert_qcow2_refused (gsize at, guchar value, int code, const char *message)
{
  Header header = header_with (at, value);

  assert_refused (header.bytes, sizeof header.bytes, code, message);
}

static void
test_qcow2 (void)
{
  Header header = header_with (0, 'Q');
  g_autoptr (GError) error = NULL;
  BsDisk disk;

  bs_disk_parse (header.bytes, sizeof header.bytes, 4096, &disk, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (disk.format, ==, "qcow2");
  g_assert_cmpuint (disk.bytes, ==, 1024 * 1024);
}

static void
test_what_names_other_files_is_refused (void)
{
  assert_qcow2_refused (15, 1, BS_ERROR_UNSUPPORTED, "it has a backing file");
  assert_qcow2_refused (79, 4, BS_ERROR_UNSUPPORTED, "its data are in another file");
}

static void
test_unsound_qcow2_is_refused (void)
{
  assert_qcow2_refused (7, 9, BS_ERROR_INVALID, "it is no qcow2 image of version 2 or 3");
  assert_qcow2_refused (23, 99, BS_ERROR_INVALID, "its qcow2 header is damaged");
  assert_qcow2_refused (24, 0xff, BS_ERROR_INVALID, "its virtual size is out of bounds");
  assert_qcow2_refused (35, 1, BS_ERROR_UNSUPPORTED, "it is encrypted");
  assert_qcow2_refused (79, 1, BS_ERROR_INVALID, "it was not closed properly");
  assert_qcow2_refused (79, 2, BS_ERROR_INVALID, "it is marked as corrupt");
  assert_qcow2_refused (72, 1, BS_ERROR_UNSUPPORTED, "it has features that are not known here");
  assert_refused ("QFI\xfb", 4, BS_ERROR_INVALID, "it is no qcow2 image of version 2 or 3");
}

static void
test_raw (void)
{
  BsDisk disk;

  g_assert_true (bs_disk_parse ("\0\0\0\0", 4, 1024, &disk, NULL));
  g_assert_cmpstr (disk.format, ==, "raw");
  g_assert_cmpuint (disk.bytes, ==, 1024);
}

static void
test_what_is_no_disk_is_told (void)
{
  g_autoptr (GError) error = NULL;
  BsDisk disk;

  assert_refused ("KDMV....", 8, BS_ERROR_UNSUPPORTED, "it is a VMDK image, not qcow2 or raw");
  assert_refused ("\x1f\x8b......", 8, BS_ERROR_UNSUPPORTED, "it is packed with gzip, not qcow2 or raw");
  assert_refused ("<!DOCTYPE html>", 15, BS_ERROR_UNSUPPORTED, "it is a web page, not qcow2 or raw");
  g_assert_false (bs_disk_parse ("hello", 5, 5, &disk, &error));
  g_assert_cmpstr (error->message, ==, "it is neither qcow2 nor a whole number of 512-byte sectors");
}

static void
test_only_files_are_probed (void)
{
  g_autoptr (GError) error = NULL;
  BsDisk disk;

  g_assert_false (bs_disk_probe ("/dev/null", &disk, &error));
  g_assert_cmpstr (error->message, ==, "'/dev/null' is no disk image: it is not a file");
  g_clear_error (&error);
  g_assert_false (bs_disk_probe ("/nowhere/disk", &disk, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk/qcow2", test_qcow2);
  g_test_add_func ("/disk/what-names-other-files-is-refused", test_what_names_other_files_is_refused);
  g_test_add_func ("/disk/unsound-qcow2-is-refused", test_unsound_qcow2_is_refused);
  g_test_add_func ("/disk/raw", test_raw);
  g_test_add_func ("/disk/what-is-no-disk-is-told", test_what_is_no_disk_is_told);
  g_test_add_func ("/disk/only-files-are-probed", test_only_files_are_probed);
  return g_test_run ();
}
