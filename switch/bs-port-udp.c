/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-udp.c — a connected UDP socket: libvirt's <interface type='udp'>
 *
 * Connected, the kernel gives us nothing from elsewhere. A peer that is not there yet makes each second send fail
 * (ECONNREFUSED, from its host's ICMP): such a frame is lost and the port stays.
 */
#include "bs-switch.h"

#include <errno.h>
#include <netinet/in.h>

static int
check (int fd)
{
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;

  return bs_port_socket_is (fd, SO_PROTOCOL, IPPROTO_UDP)
                 && (bs_port_socket_is (fd, SO_DOMAIN, AF_INET) || bs_port_socket_is (fd, SO_DOMAIN, AF_INET6))
                 && getpeername (fd, (struct sockaddr *) &peer, &size) == 0
             ? 0
             : EINVAL;
}

const BsPortKind bs_port_udp = { .check = check, .receive = bs_port_socket_receive, .send = bs_port_socket_send };
