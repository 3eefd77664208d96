/* SPDX-License-Identifier: Apache-2.0 */
#include "port-fixture.h"
#include "bs-fd.h"

#include <arpa/inet.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/socket.h>

int
port_ask (Fixture *lab, guint port, BsSwitchPortKind kind, guint32 offload, const char *mac, int fd)
{
  BsSwitchRequest request = fixture_add_request (port, 0, mac);

  request.add.kind = kind;
  request.add.offload = offload;
  return fixture_ask (lab, &request, fd);
}

int
port_add_tap (Fixture *lab, guint port, const char *name, guint tun, guint32 offload, const char *mac)
{
  bs_autofd int fd = tap_make (name, IFF_VNET_HDR, tun);

  g_assert_cmpint (port_ask (lab, port, BS_SWITCH_PORT_TAP, offload, mac, fd), ==, 0);
  return tap_machine (name);
}

void
port_make_udp (int family, int ends[2])
{
  struct sockaddr_storage names[2];
  socklen_t size;

  for (guint i = 0; i < 2; i++)
    {
      struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
      struct sockaddr_in6 address6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };

      ends[i] = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (bind (ends[i], family == AF_INET ? (void *) &address : (void *) &address6,
                             family == AF_INET ? sizeof address : sizeof address6),
                       ==, 0);
      size = sizeof names[i];
      g_assert_cmpint (getsockname (ends[i], (struct sockaddr *) &names[i], &size), ==, 0);
    }
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (connect (ends[i], (struct sockaddr *) &names[1 - i], size), ==, 0);
}

int
port_add_udp (Fixture *lab, guint port, const char *mac)
{
  int ends[2];

  port_make_udp (AF_INET, ends);
  g_assert_cmpint (port_ask (lab, port, BS_SWITCH_PORT_UDP, 0, mac, ends[1]), ==, 0);
  close (ends[1]);
  return ends[0];
}

void
port_send_packet (int machine, const PacketShape *shape, guint segment, Packet *packet)
{
  guint8 header[10];

  packet_make (packet, shape);
  packet_vnet (packet, shape, segment, header);
  tap_send (machine, header, packet->data, packet->length);
}

void
port_assert_whole (int machine, const Packet *packet, guint segment)
{
  static guint8 frame[TAP_ROOM];
  guint8 header[10];
  guint16 size;

  g_assert_cmpuint (tap_receive (machine, header, frame), ==, packet->length);
  memcpy (&size, header + 4, sizeof size);
  g_assert_cmpuint (header[1], ==, segment != 0 ? 1 : 0);
  g_assert_cmpuint (size, ==, segment);
  g_assert_cmpmem (frame + packet->headers, packet->length - packet->headers, packet->data + packet->headers,
                   packet->length - packet->headers);
}

void
port_assert_segment (const Packet *packet, const PacketShape *shape, const guint8 *frame, gsize length, guint *done)
{
  guint payload = (guint) length - packet->headers;

  packet_assert_right (packet, shape, frame, (guint) length);
  g_assert_cmpmem (frame + packet->headers, payload, packet->data + packet->headers + *done, payload);
  *done += payload;
}
