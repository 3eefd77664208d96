/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-foreign.h — machines whose image is not ours: told who they are by a seed, reached by the stock agent or SSH
 *
 * They get a second disk, nodes/NAME/seed.iso (virtio, as cloud kernels have no AHCI), and a second port on the
 * virtio-serial bus, whose other end is nodes/NAME/qga.sock. The management interface is in the seed with the address
 * that ours give it by the guest program. Not every publisher's image has the agent, so whichever answers first, agent
 * or SSH server, tells that the machine is up: see bs-qemu-way.h.
 */
#pragma once

#include "bs-backend.h"
#include "bs-qga.h"

#define BS_QEMU_SEED "seed.iso"
#define BS_QEMU_QGA "qga.sock"

/* Which @node is of: neither tiny nor built by us, but with a disk. */
gboolean bs_qemu_foreign (const BsBackendNode *node);

/**
 * bs_qemu_foreign_create:
 * @outside: the management interface leads outside (while a template is provisioned): a default route and name server
 *
 * Writes the node's seed; for create_node(), whose undoing removes it with the node's folder.
 */
gboolean bs_qemu_foreign_create (const BsBackendLab *lab, const BsBackendNode *node, gboolean outside, GError **error);

/* Adds its arguments to QEMU's; after the device virtio-serial. @bus: suffix of virtio devices, "pci" or "device";
 * @place: of the seed: "addr=0x1e". */
void bs_qemu_foreign_args (GPtrArray *argv, const BsBackendNode *node, const char *bus, const char *place);

/* A connection to the node's agent, which need not answer yet; one at a time. NULL with %BS_ERROR_DIED. */
BsQga *bs_qemu_foreign_agent (const BsBackendLab *lab, const char *name, GError **error);

/* Waits until cloud-init has done all that the seed says, where there is one. %BS_ERROR_FAILED with its words when it
 * failed. */
gboolean bs_qemu_foreign_settle (BsRemote *remote, GError **error);

/* Waits until the machine is up and cloud-init has done what the seed says. */
gboolean bs_qemu_foreign_boot (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error);

/* What a template holds already where nodes are forked: here it is done in each node, after its first boot. */
gboolean bs_qemu_foreign_provision (const BsBackendLab *lab, const BsBackendNode *node, GError **error);
