/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-link.h — what is known of the SSH server of a machine whose image is not ours
 *
 * nodes/NAME/link.json, written with the node: the port of the loopback that leads there, and the host key that the
 * seed gives it. Once the machine is up, also whether SSH is the only way in: then nobody waits for an agent that is
 * not there.
 */
#pragma once

#include "bs-backend.h"

typedef struct
{
  BsSshTarget *target; /* (nullable): root, by the lab's key; NULL: there is no port, or no key */
  gboolean first;      /* the agent did not answer when the machine came up */
} BsQemuLink;

void bs_qemu_link_clear (BsQemuLink *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsQemuLink, bs_qemu_link_clear)

/* For create_node(), whose undoing removes it with the node's folder. A node without SSH port gets none. */
gboolean bs_qemu_link_create (const BsBackendLab *lab, const BsBackendNode *node, GError **error);

/* FALSE when what is there makes no sense; a node without link.json has no target. */
gboolean bs_qemu_link_read (BsQemuLink *self, const BsBackendLab *lab, const char *name, GError **error);

/* From now on SSH is tried first. */
gboolean bs_qemu_link_prefer_ssh (const BsBackendLab *lab, const char *name, GError **error);
