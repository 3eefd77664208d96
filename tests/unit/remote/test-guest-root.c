/* SPDX-License-Identifier: Apache-2.0 */
/* What guest/root.c decides; that it boots is for tests/system/recipe.bats. */
#include "guest.h"

#include <glib.h>
#include <string.h>

int64_t
guest_now_usec (void)
{
  return g_get_monotonic_time ();
}

static void
device_is_parsed (void)
{
  static const struct
  {
    const char *cmdline, *device;
  } cases[] = {
    { "root=/dev/vda rw\n", "/dev/vda" },
    { "console=ttyS0 root=/dev/vda\n", "/dev/vda" },
    { "root=/dev/vda root=/dev/vdb1 quiet\n", "/dev/vdb1" },
    { "console=ttyS0\n", "" },
    { "xroot=/dev/vda\n", "" },
    { "root=UUID=1234\n", "" },
    { "root=/dev/\n", "" },
    { "quiet -- root=/dev/vda\n", "" },
    { "root=/dev/a-name-that-is-longer-than-the-room-that-there-is-for-the-name-of-a-device\n", "" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char device[64];

      g_assert_cmpint (guest_root_parse (cases[i].cmdline, device, sizeof device), ==, cases[i].device[0] != '\0');
      g_assert_cmpstr (device, ==, cases[i].device);
    }
}

/* A superblock of an ext4 with blocks of 4 KiB. */
static void
make_super (guint8 *super, guint64 blocks, gboolean wide)
{
  memset (super, 0, GUEST_ROOT_SUPER_SIZE);
  bs_wire_put32 (super + 0x04, (guint32) blocks);
  bs_wire_put32 (super + 0x18, 2);
  bs_wire_put16 (super + 0x38, 0xef53);
  bs_wire_put32 (super + 0x60, wide ? 0x80 : 0);
  bs_wire_put32 (super + 0x150, (guint32) (blocks >> 32));
}

#define GIB (G_GUINT64_CONSTANT (1) << 30)

static void
larger_disk_is_used (void)
{
  guint8 super[GUEST_ROOT_SUPER_SIZE];

  make_super (super, 4 * GIB / 4096, TRUE);
  g_assert_cmpuint (guest_root_grown_blocks (super, 10 * GIB), ==, 10 * GIB / 4096);
  g_assert_cmpuint (guest_root_grown_blocks (super, 4 * GIB), ==, 0);
  g_assert_cmpuint (guest_root_grown_blocks (super, 4 * GIB + 4096), ==, 0); /* not worth it */
  g_assert_cmpuint (guest_root_grown_blocks (super, 1 * GIB), ==, 0);
  make_super (super, 20 * 1024 * GIB / 4096, TRUE);
  g_assert_cmpuint (guest_root_grown_blocks (super, 10 * GIB), ==, 0);
}

static void
other_file_systems_are_left_alone (void)
{
  guint8 super[GUEST_ROOT_SUPER_SIZE];

  make_super (super, 1, FALSE);
  super[0x38] = 0;
  g_assert_cmpuint (guest_root_grown_blocks (super, GIB), ==, 0);
  make_super (super, 1, FALSE);
  bs_wire_put32 (super + 0x18, 60);
  g_assert_cmpuint (guest_root_grown_blocks (super, GIB), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guest-root/device-is-parsed", device_is_parsed);
  g_test_add_func ("/guest-root/larger-disk-is-used", larger_disk_is_used);
  g_test_add_func ("/guest-root/other-file-systems-are-left-alone", other_file_systems_are_left_alone);
  return g_test_run ();
}
