/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-host.h — the QEMU of this host: which, how old, how accelerated */
#pragma once

#include "bs-accel.h"
#include "bs-backend.h"

typedef struct
{
  char *program; /* absolute path */
  char *version; /* "7.2.22" */
  char *cache_dir;
  BsAccel accel; /* what the user wants */
} BsQemuHost;

void bs_qemu_host_clear (BsQemuHost *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsQemuHost, bs_qemu_host_clear)

/**
 * bs_qemu_host_find:
 *
 * Quick after the first time: the version is kept in the cache as long as the program is the same file.
 *
 * Returns: FALSE with %BS_ERROR_HOST and a hint when there is no QEMU, it cannot run, or it is too old
 */
gboolean bs_qemu_host_find (BsQemuHost *host, GError **error);

/* Whether @node is to run under KVM; the first time ever this takes a trial boot. */
gboolean bs_qemu_host_use_kvm (const BsQemuHost *host, const BsBackendNode *node, gboolean *kvm,
                               GCancellable *cancellable, GError **error);

/* As far as is known without a trial. */
gboolean bs_qemu_host_knows_kvm (const BsQemuHost *host);

/* "QEMU emulator version 7.2.22 (Debian …)" to "7.2.22"; (nullable) (transfer full) */
char *bs_qemu_host_parse_version (const char *text);
/* Whether @version is new enough. */
gboolean bs_qemu_host_version_fits (const char *version);

void bs_qemu_probe (BsBackendProbe *probe, GCancellable *cancellable);
gboolean bs_qemu_check_node (const BsBackendNode *node, GError **error);
