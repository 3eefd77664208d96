/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-outside.h — a way to the outside for a machine that is not forked, as long as it is provisioned
 *
 * Templates have it by their management interface while they are made. These machines are provisioned in their lab, so
 * they get an interface of their own for it, when packages want it: unplugged afterwards, and cut off by QEMU whether
 * the guest lets go of it or not.
 */
#pragma once

#include "bs-backend.h"
#include "bs-remote.h"
#include "bs-seed.h"

gboolean bs_qemu_outside_is_wanted (const BsBackendNode *node);

/* Adds its arguments to QEMU's; @bus, @place: as bs_qemu_foreign_args(). @no_rom: options that keep boot programs away.
 */
void bs_qemu_outside_args (GPtrArray *argv, const char *bus, const char *place, const char *no_rom);
/* How the seed tells of it. */
BsSeedInterface bs_qemu_outside_interface (void);

/* Names can be resolved, whatever the image does with the seed's name server. */
gboolean bs_qemu_outside_open (BsRemote *remote, GError **error);
gboolean bs_qemu_outside_close (const BsBackendLab *lab, const BsBackendNode *node, BsRemote *remote, GError **error);
/* The host's half of that: whatever the guest does, it reaches nothing any more. */
gboolean bs_qemu_outside_cut (const BsBackendLab *lab, const BsBackendNode *node, GError **error);
