/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-fork.h — a machine that begins where another one was frozen */
#pragma once

#include "bs-qemu-host.h"
#include "bs-qemu-node.h"

/* What a fork needs of its own until it is ready; the rest is shared with the template, or taken when the guest works.
 */
#define BS_QEMU_FORK_OWN_MIB 64

/* A fork starts from its template once: its disk has gone on since, so memory of then would not fit to it, and the next
 * start boots. */
gboolean bs_qemu_starts_by_fork (const BsBackendLab *lab, const BsBackendNode *node);
/* Notes that @node is about to start, by a fork or again. */
gboolean bs_qemu_fork_mark (const BsBackendLab *lab, const BsBackendNode *node, GError **error);

/* How much of a template's memory, in the file @path, is not in the page cache; 0 when it cannot be told. */
guint64 bs_qemu_fork_missing_mib (const char *path);
/* Whether there is memory for one fork more; a node without template always fits here. %BS_ERROR_EXHAUSTED */
gboolean bs_qemu_fork_fits (const BsQemuHost *host, const BsBackendNode *node, GError **error);
/* The same by numbers: @missing_mib of the template's memory must still come from the disk. */
gboolean bs_qemu_fork_fits_into (const char *name, guint64 missing_mib, guint64 free_mib, GError **error);

/**
 * bs_qemu_load:
 * @fd: a machine's state
 *
 * Loads it into a QEMU that waits for one; the machine stands still then.
 */
gboolean bs_qemu_load (BsQmp *qmp, int fd, GCancellable *cancellable, GError **error);
gboolean bs_qemu_go_on (BsQmp *qmp, GCancellable *cancellable, GError **error);

/* Loads the state of @node's template. One that QEMU refuses counts as damaged, so that the next `up` makes it again.
 */
gboolean bs_qemu_fork_load (const BsBackendLab *lab, const BsQemuHost *host, const BsBackendNode *node, BsQmp *qmp,
                            GError **error);
