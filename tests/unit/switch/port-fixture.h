/* SPDX-License-Identifier: Apache-2.0 */
/* port-fixture.h — ports of all kinds, and offloaded packets through them */
#pragma once

#include "fixture.h"
#include "packet-maker.h"
#include "tap-fixture.h"

/* Asks for a port on network 0. Returns: the answer */
int port_ask (Fixture *lab, guint port, BsSwitchPortKind kind, guint32 offload, const char *mac, int fd);
/* A TAP of that name becomes a port. Returns: its machine */
int port_add_tap (Fixture *lab, guint port, const char *name, guint tun, guint32 offload, const char *mac);
/* Two sockets of loopback that are connected to each other. */
void port_make_udp (int family, int ends[2]);
/* Returns: the machine's end */
int port_add_udp (Fixture *lab, guint port, const char *mac);

/* Makes a packet and sends it from a TAP's machine. */
void port_send_packet (int machine, const PacketShape *shape, guint segment, Packet *packet);
/* A TAP's machine gets it as it was sent. */
void port_assert_whole (int machine, const Packet *packet, guint segment);
/* A frame is right, and carries on where @done is. */
void port_assert_segment (const Packet *packet, const PacketShape *shape, const guint8 *frame, gsize length,
                          guint *done);
