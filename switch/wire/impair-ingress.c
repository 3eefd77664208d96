/* SPDX-License-Identifier: Apache-2.0 */
/* impair-ingress.c — from the sender's wire to the receiver's, if that does anything */
#include "bs-switch.h"

void
bs_ingress_push (BsImpair *self, BsPacket *packet)
{
  BsSwitch *owner = self->owner;

  if (!owner->ports[packet->out].has_ingress)
    {
      bs_impair_push (self->next, packet);
      return;
    }
  packet->is_ingress = true;
  bs_impair_push (&owner->receiving.enter, packet);
  packet->is_ingress = false;
}
