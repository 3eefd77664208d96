/* SPDX-License-Identifier: Apache-2.0 */
/* impair-deliver.c — the end of a chain: the packet goes to its port */
#include "bs-switch.h"

void
bs_deliver_push (BsImpair *self, BsPacket *packet)
{
  bs_port_push (self->owner, packet);
}
