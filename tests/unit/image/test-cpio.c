/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-cpio.h"

#include <string.h>

static GBytes *
small_archive (gboolean backwards)
{
  g_autoptr (BsCpio) cpio = bs_cpio_new ();

  if (backwards)
    bs_cpio_add_link (cpio, "bin/sh", "/bin/busybox");
  bs_cpio_add_file (cpio, "bin/busybox", 0755, "PROGRAM", 7);
  bs_cpio_add_text (cpio, "etc/hosts", "x");
  if (!backwards)
    bs_cpio_add_link (cpio, "bin/sh", "/bin/busybox");
  return bs_cpio_write (cpio);
}

static void
entry_is_newc (void)
{
  g_autoptr (BsCpio) cpio = bs_cpio_new ();
  g_autoptr (GBytes) archive = NULL;
  const char wanted[] = "070701"
                        "00000001"
                        "000081ED"
                        "00000000"
                        "00000000"
                        "00000001"
                        "00000000"
                        "00000003"
                        "00000000"
                        "00000000"
                        "00000000"
                        "00000000"
                        "00000002"
                        "00000000"
                        "f\0"
                        "abc\0"
                        "070701"
                        "00000000"
                        "00000000"
                        "00000000"
                        "00000000"
                        "00000001"
                        "00000000"
                        "00000000"
                        "00000000"
                        "00000000"
                        "00000000"
                        "00000000"
                        "0000000B"
                        "00000000"
                        "TRAILER!!!\0\0\0";

  bs_cpio_add_file (cpio, "f", 0755, "abc", 3);
  archive = bs_cpio_write (cpio);
  g_assert_cmpmem (g_bytes_get_data (archive, NULL), g_bytes_get_size (archive), wanted, sizeof wanted);
}

static void
order_of_adding_does_not_matter (void)
{
  g_autoptr (GBytes) first = small_archive (FALSE), second = small_archive (TRUE);

  g_assert_true (g_bytes_equal (first, second));
}

static void
folders_come_before_their_content (void)
{
  g_autoptr (GBytes) archive = small_archive (FALSE);
  const char *data = g_bytes_get_data (archive, NULL);
  gsize size = g_bytes_get_size (archive);
  const char *folder = memmem (data, size, "bin\0", 4), *file = memmem (data, size, "bin/busybox", 11);

  g_assert_nonnull (folder);
  g_assert_true (folder < file);
}

static void
later_entry_replaces_earlier (void)
{
  g_autoptr (BsCpio) cpio = bs_cpio_new ();
  g_autoptr (GBytes) archive = NULL;

  bs_cpio_add_text (cpio, "a", "old");
  bs_cpio_add_text (cpio, "a", "new");
  archive = bs_cpio_write (cpio);
  g_assert_null (memmem (g_bytes_get_data (archive, NULL), g_bytes_get_size (archive), "old", 3));
  g_assert_nonnull (memmem (g_bytes_get_data (archive, NULL), g_bytes_get_size (archive), "new", 3));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpio/entry-is-newc", entry_is_newc);
  g_test_add_func ("/cpio/order-of-adding-does-not-matter", order_of_adding_does_not_matter);
  g_test_add_func ("/cpio/folders-come-before-their-content", folders_come_before_their_content);
  g_test_add_func ("/cpio/later-entry-replaces-earlier", later_entry_replaces_earlier);
  return g_test_run ();
}
