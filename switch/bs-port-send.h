/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-send.h — how the parts of a port's sending side hang together: batch, queue, transmission
 *
 * bs-port-send.c keeps the batch and the order between it and the queue; bs-port-queue.c the packets that wait for a
 * socket that is full; bs-port-transmit.c hands messages over and counts what became of them.
 */
#pragma once

#include "bs-switch.h"

/* bs-port-transmit.c */
/* Hands over the first @n of self->tx. Returns: how many are done with, sent or dropped; fewer: the socket is full */
uint32_t bs_port_transmit (BsSwitch *self, BsPort *port, uint32_t n);
/* Puts the header of message @i that the port wants into @part. Returns: how many parts that took, 0 or 1 */
uint32_t bs_port_describe_header (BsSwitch *self, const BsPort *port, uint32_t i, const BsOffload *offload,
                                  struct iovec *part);

/* bs-port-queue.c */
/* Copies what the socket did not take, or drops it. */
void bs_port_enqueue (BsSwitch *self, BsPort *port, const BsOut *frame);
/* Puts a packet with bytes of its own behind what waits, or drops it. Returns: whether it waits */
bool bs_port_enqueue_own (BsSwitch *self, BsPort *port, const BsPacket *packet);
/* Sends a batch of the queue. Returns: how many frames are done with; fewer than a batch: it is empty, or the socket is
 * full */
uint32_t bs_port_send_queue (BsSwitch *self, BsPort *port);
