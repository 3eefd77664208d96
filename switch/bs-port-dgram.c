/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-dgram.c — one end of a unix datagram socket pair: QEMU's -netdev dgram has the other */
#include "bs-switch.h"

#include <errno.h>

bool
bs_port_socket_is (int fd, int option, int value)
{
  int is = 0;
  socklen_t size = sizeof is;

  return getsockopt (fd, SOL_SOCKET, option, &is, &size) == 0 && is == value;
}

static int
check (int fd)
{
  return bs_port_socket_is (fd, SO_DOMAIN, AF_UNIX) && bs_port_socket_is (fd, SO_TYPE, SOCK_DGRAM) ? 0 : EINVAL;
}

bool
bs_port_socket_receive (BsSwitch *self, uint16_t number)
{
  static const BsOffload nothing;
  const BsPort *port = &self->ports[number];
  int n = recvmmsg (port->fd, self->rx, BS_BATCH, MSG_DONTWAIT, NULL);

  for (int i = 0; i < n; i++)
    if ((self->rx[i].msg_hdr.msg_flags & MSG_TRUNC) == 0)
      bs_forward (self, number, self->rx_parts[i].iov_base, self->rx[i].msg_len, &nothing);
    else
      bs_port_refuse (self, number, self->rx_parts[i].iov_base, self->rx[i].msg_len, BS_SWITCH_DROP_OVERSIZE);
  return n == BS_BATCH;
}

int
bs_port_socket_send (BsSwitch *self, const BsPort *port, struct mmsghdr *messages, unsigned n)
{
  return self->send (port->fd, messages, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

const BsPortKind bs_port_dgram = { .check = check, .receive = bs_port_socket_receive, .send = bs_port_socket_send };
