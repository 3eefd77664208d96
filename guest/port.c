/* SPDX-License-Identifier: Apache-2.0 */
/* port.c — finding our virtio port; the kernel's announcements tell when to look again */
#include "guest.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#define PORTS "/sys/class/virtio-ports"

static bool
is_ours (const char *device)
{
  char path[512], name[64];
  ssize_t n;
  int fd;

  snprintf (path, sizeof path, PORTS "/%.200s/name", device);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  n = read (fd, name, sizeof name - 1);
  close (fd);
  if (n <= 0)
    return false;
  name[n] = '\0';
  name[strcspn (name, "\n")] = '\0';
  return strcmp (name, BS_WIRE_PORT_NAME) == 0;
}

static int
look (void)
{
  DIR *ports = opendir (PORTS);
  struct dirent *entry;
  char path[512];
  int fd = -1;

  if (ports == NULL)
    return -1;
  while (fd < 0 && (entry = readdir (ports)) != NULL)
    if (entry->d_name[0] != '.' && is_ours (entry->d_name))
      {
        snprintf (path, sizeof path, "/dev/%.200s", entry->d_name);
        fd = open (path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
      }
  closedir (ports);
  return fd;
}

int
guest_port_open (void)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
  int events = socket (AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT), port;
  char message[4096];

  if (events >= 0 && bind (events, (struct sockaddr *) &address, sizeof address) != 0)
    {
      close (events);
      events = -1;
    }
  while ((port = look ()) < 0)
    if (events < 0 || recv (events, message, sizeof message, 0) < 0)
      usleep (100000);
  if (events >= 0)
    close (events);
  return port;
}
