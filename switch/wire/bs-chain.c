/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-switch.h"

static void
link_chain (BsSwitch *self, BsChain *chain, BsImpair *last)
{
  *chain = (BsChain){
    .cut = { bs_cut_push, &chain->enter, self },
    .enter = { bs_enter_push, &chain->dice, self },
    .dice = { bs_dice_push, &chain->loss, self },
    .loss = { bs_loss_push, &chain->duplicate, self },
    .duplicate = { bs_duplicate_push, &chain->corrupt, self },
    .corrupt = { bs_corrupt_push, &chain->rate, self },
    .rate = { bs_rate_push, &chain->delay, self },
    .delay = { bs_delay_push, last, self },
  };
}

void
bs_chain_init (BsSwitch *self)
{
  self->spread = (BsImpair){ bs_spread_push, NULL, self };
  self->deliver = (BsImpair){ bs_deliver_push, NULL, self };
  self->ingress = (BsImpair){ bs_ingress_push, &self->deliver, self };
  link_chain (self, &self->sending, &self->ingress);
  link_chain (self, &self->receiving, &self->deliver);
}
