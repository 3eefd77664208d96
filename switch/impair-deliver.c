/* SPDX-License-Identifier: Apache-2.0 */
/* impair-deliver.c — the end of a chain: the packet goes to its port */
#include "bs-impair.h"
#include "bs-switch.h"

static void
deliver_push (BsImpair *self, BsPacket *packet)
{
  BsDeliver *deliver = (BsDeliver *) self;

  bs_port_push (deliver->owner, packet->out, packet->in, packet->data, packet->length);
}

void
bs_deliver_init (BsDeliver *self, BsSwitch *owner)
{
  *self = (BsDeliver){ .impair = { .push = deliver_push }, .owner = owner };
}
