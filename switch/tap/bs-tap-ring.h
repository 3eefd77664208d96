/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tap-ring.h — the writer of a ring of samples: BsSwitchRing of bs-switch-protocol.h */
#pragma once

#include "bs-tap.h"

/* Maps @fd, which must be sealed against changes of its size; goes on where an earlier writer ended. Returns: 0 or an
 * errno */
int bs_tap_ring_open (BsTap *self, int fd);
void bs_tap_ring_close (BsTap *self);
/* Overwrites the oldest. False: longer than the whole ring. */
bool bs_tap_ring_write (BsTap *self, const BsSwitchSample *sample, const void *data);
