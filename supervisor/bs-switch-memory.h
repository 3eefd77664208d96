/* SPDX-License-Identifier: Apache-2.0 */
/* bs-switch-memory.h — the memory that outlives a switch: BsSwitchMemory in a memfd whose size is sealed */
#pragma once

#include "bs-switch-protocol.h"

#include <glib.h>

typedef struct _BsSwitchShare BsSwitchShare;

BsSwitchShare *bs_switch_share_new (GError **error);
/* @fd: (transfer full): from another process. Returns: NULL when it is no memfd of our size with its size sealed */
BsSwitchShare *bs_switch_share_take (int fd);
void bs_switch_share_free (BsSwitchShare *self);
int bs_switch_share_fd (const BsSwitchShare *self);
/* (nullable) NULL until a switch has filled in the header */
const BsSwitchPortCounters *bs_switch_share_counters (const BsSwitchShare *self, guint port);
/* A copy of a port as the switch has it. FALSE: there is none, or it is not plausible */
gboolean bs_switch_share_state (const BsSwitchShare *self, guint port, BsSwitchPortState *state);
