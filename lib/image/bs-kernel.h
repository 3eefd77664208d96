/* SPDX-License-Identifier: Apache-2.0 */
/* bs-kernel.h — the distribution's cloud kernel in the cache: what boots, and the few modules that a machine needs
 *
 * CACHE/kernels/KEY/ holds "kernel" (unpacked where that boots faster), "modules/NAME.ko", "order" (their names in load
 * order) and "identity" (version and digest). A folder is made under a temporary name and renamed, so what is there is
 * whole. An installed kernel has its version and file times in KEY. One fetched as a package stays until it is pruned:
 * a newer one in the distribution is no reason to download again.
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *folder;   /* absolute */
  char *version;  /* "6.1.0-56-cloud-amd64" */
  char *identity; /* hex digest of kernel and modules */
} BsKernel;

void bs_kernel_free (BsKernel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsKernel, bs_kernel_free)

typedef void (*BsKernelProgress) (const char *what, gpointer user_data);

/* What tells which kernel would be taken, without reading it: part of the key of a quick look-up. @boot_dir: "/boot".
 * (transfer full) */
char *bs_kernel_source (const char *boot_dir);

/**
 * bs_kernel_ensure:
 * @kernels_dir: exists; the caller holds the cache's lock
 *
 * Returns: NULL with %BS_ERROR_HOST and a hint when there is none to be had
 */
BsKernel *bs_kernel_ensure (const char *kernels_dir, BsKernelProgress progress, gpointer user_data,
                            GCancellable *cancellable, GError **error);
