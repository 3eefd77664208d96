/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-ssh-banner.h"
#include "bs-fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

gboolean
bs_ssh_banner_seen (guint16 port)
{
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  const struct timeval second = { .tv_sec = 1 };
  char banner[4];

  return fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second) == 0
         && connect (fd, (const struct sockaddr *) &address, sizeof address) == 0
         && recv (fd, banner, sizeof banner, MSG_WAITALL) == sizeof banner && memcmp (banner, "SSH-", 4) == 0;
}
