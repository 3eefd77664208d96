/* SPDX-License-Identifier: Apache-2.0 */
#include "tap-fixture.h"
#include "bs-fd.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define PATIENCE (20 * BS_USEC_PER_SEC)

static struct ifreq
request_of (const char *name)
{
  struct ifreq request = { 0 };

  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  return request;
}

void
tap_set_up (const char *name, gboolean is_up)
{
  bs_autofd int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = request_of (name);

  request.ifr_flags = is_up ? IFF_UP : 0;
  g_assert_cmpint (ioctl (fd, SIOCSIFFLAGS, &request), ==, 0);
}

gboolean
tap_enter (void)
{
  int fd;

  if (unshare (geteuid () == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return FALSE;
  fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  close (fd);
  fd = open ("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write (fd, "1", 1) != 1)
    g_test_message ("the kernel's own frames stay: %s", g_strerror (errno));
  bs_fd_clear (&fd);
  tap_set_up ("lo", TRUE);
  return TRUE;
}

void
tap_set_mtu (const char *name, int mtu)
{
  bs_autofd int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = request_of (name);

  request.ifr_mtu = mtu;
  g_assert_cmpint (ioctl (fd, SIOCSIFMTU, &request), ==, 0);
}

gboolean
tap_can (guint offload)
{
  bs_autofd int fd = tap_make ("probe", IFF_VNET_HDR, 0);

  return ioctl (fd, TUNSETOFFLOAD, (unsigned long) offload) == 0;
}

int
tap_make (const char *name, int flags, guint offload)
{
  struct ifreq request = request_of (name);
  int fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  request.ifr_flags = (short) (IFF_TAP | IFF_NO_PI | flags);
  g_assert_cmpint (ioctl (fd, TUNSETIFF, &request), ==, 0);
  if ((flags & IFF_VNET_HDR) != 0)
    g_assert_cmpint (ioctl (fd, TUNSETOFFLOAD, (unsigned long) offload), ==, 0);
  tap_set_up (name, TRUE);
  return fd;
}

void
tap_delete (const char *name)
{
  const char *argv[] = { "ip", "link", "delete", "dev", name, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

int
tap_machine (const char *name)
{
  int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons (ETH_P_ALL)), on = 1;
  struct ifreq request = request_of (name);
  struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons (ETH_P_ALL) };

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ioctl (fd, SIOCGIFINDEX, &request), ==, 0);
  address.sll_ifindex = request.ifr_ifindex;
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (setsockopt (fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on), ==, 0);
  return fd;
}

void
tap_send (int machine, const guint8 header[10], const guint8 *frame, gsize length)
{
  struct iovec parts[] = { { (void *) header, 10 }, { (void *) frame, length } };

  g_assert_cmpint (writev (machine, parts, 2), ==, length + 10);
}

gsize
tap_receive (int machine, guint8 header[10], guint8 *frame)
{
  static const guint8 prefix[] = { 2, 0, 0, 0, 0 };

  for (;;)
    {
      struct iovec parts[] = { { header, 10 }, { frame, TAP_ROOM - 10 } };
      struct sockaddr_ll from;
      struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = parts, .msg_iovlen = 2 };
      gssize n;

      g_assert_cmpint (bs_socket_wait (machine, POLLIN, bs_time_now_usec () + PATIENCE), ==, POLLIN);
      n = recvmsg (machine, &message, MSG_DONTWAIT);
      g_assert_cmpint (n, >=, 24);
      if (from.sll_pkttype != PACKET_OUTGOING && memcmp (frame + 6, prefix, sizeof prefix) == 0)
        return (gsize) n - 10;
    }
}
