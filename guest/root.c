/* SPDX-License-Identifier: Apache-2.0 */
/* root.c — from the initramfs of an image with a disk to the system on that disk
 *
 * The kernel's command line says root=/dev/NAME; without it the initramfs is the system (`tiny`). The disk appears
 * soon after its driver was loaded, so it is waited for, but not for ever: a machine without one shall end and say why.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#define NEW_ROOT "/root"
#define INIT "/sbin/init"
#define WAIT_USEC 10000000
#define GROW_MIN_BLOCKS 4096 /* less may be what the file system could not use anyway */

/* Of the kernel's fs/ext4/ext4.h: the superblock's place and fields, and the call that grows a mounted file system. */
#define EXT4_SUPER_AT 1024
#define EXT4_BLOCKS_LOW 0x04
#define EXT4_LOG_BLOCK_SIZE 0x18
#define EXT4_MAGIC_AT 0x38
#define EXT4_MAGIC 0xef53
#define EXT4_INCOMPAT 0x60
#define EXT4_INCOMPAT_64BIT 0x80
#define EXT4_BLOCKS_HIGH 0x150
#define EXT4_RESIZE _IOW ('f', 16, uint64_t)

bool
guest_root_parse (const char *cmdline, char *device, size_t size)
{
  device[0] = '\0';
  for (const char *at = cmdline + strspn (cmdline, " "); *at != '\0' && strncmp (at, "-- ", 3) != 0;)
    {
      size_t length = strcspn (at, " \n");

      /* The last one counts, as for the kernel. */
      if (length > 10 && strncmp (at, "root=/dev/", 10) == 0 && length - 5 < size)
        {
          memcpy (device, at + 5, length - 5);
          device[length - 5] = '\0';
        }
      at += length;
      at += strspn (at, " \n");
    }
  return device[0] != '\0';
}

uint64_t
guest_root_grown_blocks (const uint8_t *super, uint64_t disk_bytes)
{
  uint32_t log_size = bs_wire_get32 (super + EXT4_LOG_BLOCK_SIZE);
  uint64_t now = bs_wire_get32 (super + EXT4_BLOCKS_LOW), possible;

  if (bs_wire_get16 (super + EXT4_MAGIC_AT) != EXT4_MAGIC || log_size > 6)
    return 0;
  if ((bs_wire_get32 (super + EXT4_INCOMPAT) & EXT4_INCOMPAT_64BIT) != 0)
    now |= (uint64_t) bs_wire_get32 (super + EXT4_BLOCKS_HIGH) << 32;
  possible = disk_bytes >> (10 + log_size);
  return possible >= now + GROW_MIN_BLOCKS ? possible : 0;
}

static bool
wait_for (const char *device)
{
  int64_t until = guest_now_usec () + WAIT_USEC;

  while (access (device, F_OK) != 0)
    {
      if (guest_now_usec () > until)
        return false;
      usleep (1000);
    }
  return true;
}

/* The disk may have been made larger than the file system that was put on it. What fails here is no reason not to boot.
 */
static void
grow (const char *device)
{
  uint8_t super[GUEST_ROOT_SUPER_SIZE];
  int disk = open (device, O_RDONLY | O_CLOEXEC), root = -1;
  uint64_t bytes = 0, blocks = 0;

  if (disk >= 0 && pread (disk, super, sizeof super, EXT4_SUPER_AT) == (ssize_t) sizeof super
      && ioctl (disk, BLKGETSIZE64, &bytes) == 0)
    blocks = guest_root_grown_blocks (super, bytes);
  if (blocks != 0)
    {
      root = open (NEW_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (root < 0 || ioctl (root, EXT4_RESIZE, &blocks) != 0)
        fprintf (stderr, "benchscale-guest: cannot grow the root file system: %s\n", strerror (errno));
    }
  if (disk >= 0)
    close (disk);
  if (root >= 0)
    close (root);
}

/* What the initramfs holds would take memory for as long as the machine runs. */
static void
forget_initramfs (void)
{
  FILE *list = fopen (GUEST_MODULES, "re");
  char line[512];

  while (list != NULL && fgets (line, sizeof line, list) != NULL)
    {
      line[strcspn (line, "\n")] = '\0';
      unlink (line);
    }
  if (list != NULL)
    fclose (list);
  unlink ("/init");
}

static void
hand_over (void)
{
  static const char *const moved[] = { "/dev", "/proc", "/sys" };
  char *argv[] = { (char *) INIT, NULL };
  char place[64];

  for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++)
    {
      snprintf (place, sizeof place, NEW_ROOT "%s", moved[i]);
      mount (moved[i], place, NULL, MS_MOVE, NULL);
    }
  if (chdir (NEW_ROOT) == 0 && mount (".", "/", NULL, MS_MOVE, NULL) == 0 && chroot (".") == 0 && chdir ("/") == 0)
    execv (INIT, argv);
  fprintf (stderr, "benchscale-guest: cannot start '" INIT "' of the disk: %s\n", strerror (errno));
}

bool
guest_root_start (void)
{
  char cmdline[4096] = "", device[64];
  int fd = open ("/proc/cmdline", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, cmdline, sizeof cmdline - 1) : -1;

  if (fd >= 0)
    close (fd);
  if (n <= 0 || !guest_root_parse (cmdline, device, sizeof device))
    return false;
  mkdir (NEW_ROOT, 0700);
  if (!wait_for (device))
    fprintf (stderr, "benchscale-guest: there is no disk '%s'\n", device);
  else if (mount (device, NEW_ROOT, "ext4", MS_NOATIME, NULL) != 0)
    fprintf (stderr, "benchscale-guest: cannot mount '%s': %s\n", device, strerror (errno));
  else
    {
      grow (device);
      forget_initramfs ();
      hand_over ();
    }
  return true;
}
