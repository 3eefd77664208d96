/* SPDX-License-Identifier: Apache-2.0 */
/* boot.c — being process 1 of a small image; what the image lacks is passed over */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
put_on (const char *what, const char *where, unsigned long flags, const char *options)
{
  mkdir (where, 0755);
  mount (what, where, what, flags | MS_NOSUID, options);
}

/* The kernel gave us no console when the image has no /dev/console. */
static void
open_standard_streams (void)
{
  int fd = open ("/dev/console", O_RDWR | O_NOCTTY);

  if (fd < 0)
    fd = open ("/dev/null", O_RDWR);
  for (int i = 0; i < 3; i++)
    if (fd >= 0 && fd != i)
      dup2 (fd, i);
  if (fd > 2)
    close (fd);
}

void
guest_boot_mounts (void)
{
  umask (022);
  put_on ("proc", "/proc", MS_NOEXEC | MS_NODEV, NULL);
  put_on ("sysfs", "/sys", MS_NOEXEC | MS_NODEV, NULL);
  put_on ("devtmpfs", "/dev", MS_NOEXEC, "mode=0755");
  open_standard_streams ();
}

static void
load_module (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || syscall (SYS_finit_module, fd, "", 0) != 0)
    fprintf (stderr, "benchscale-guest: cannot load '%s': %s\n", path, strerror (errno));
  if (fd >= 0)
    close (fd);
}

void
guest_boot_modules (void)
{
  FILE *list = fopen (GUEST_MODULES, "re");
  char line[512];

  if (list == NULL)
    return;
  while (fgets (line, sizeof line, list) != NULL)
    {
      line[strcspn (line, "\n")] = '\0';
      if (line[0] == '/')
        load_module (line);
    }
  fclose (list);
}

void
guest_boot_rest (void)
{
  put_on ("devpts", "/dev/pts", MS_NOEXEC, "mode=0620,gid=5,ptmxmode=0666");
  put_on ("tmpfs", "/dev/shm", MS_NODEV, "mode=1777");
  put_on ("tmpfs", "/tmp", MS_NODEV, "mode=1777");
  put_on ("tmpfs", "/run", MS_NODEV, "mode=0755");
  symlink ("/proc/self/fd", "/dev/fd");
  symlink ("/proc/self/fd/0", "/dev/stdin");
  symlink ("/proc/self/fd/1", "/dev/stdout");
  symlink ("/proc/self/fd/2", "/dev/stderr");
  guest_net_up ("lo");
  reboot (RB_DISABLE_CAD);
}
