/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-kind.h — what is different between a socket pair, a TAP and a UDP socket; a file each fills the table */
#pragma once

#include "bs-switch-protocol.h"

#include <stdbool.h>
#include <sys/socket.h>

typedef struct _BsSwitch BsSwitch;
typedef struct _BsPort BsPort;

typedef struct
{
  uint32_t header; /* bytes before each frame: BS_VNET_LENGTH or 0 */
  /* Returns: 0, or EINVAL for a descriptor of another kind */
  int (*check) (int fd);
  /* Forwards what the machine sent, at most a batch. Returns: whether it was a full one, so that there may be more */
  bool (*receive) (BsSwitch *self, uint16_t port);
  /* As sendmmsg(2): how many were sent, msg_len of each set; or -1 with errno */
  int (*send) (BsSwitch *self, const BsPort *port, struct mmsghdr *messages, unsigned n);
} BsPortKind;

extern const BsPortKind bs_port_dgram, bs_port_tap, bs_port_udp;

/* bs-port-dgram.c: of both kinds of sockets */
bool bs_port_socket_receive (BsSwitch *self, uint16_t port);
int bs_port_socket_send (BsSwitch *self, const BsPort *port, struct mmsghdr *messages, unsigned n);
bool bs_port_socket_is (int fd, int option, int value);
