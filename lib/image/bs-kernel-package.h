/* SPDX-License-Identifier: Apache-2.0 */
/* bs-kernel-package.h — fetch and unpack the cloud kernel's package, without root and without installing it */
#pragma once

#include <gio/gio.h>

/**
 * bs_kernel_package_fetch:
 * @folder: an empty folder; the package is unpacked to "tree" in it
 *
 * Returns: (transfer full): the kernel's version, or NULL with %BS_ERROR_HOST and a hint
 */
char *bs_kernel_package_fetch (const char *folder, GCancellable *cancellable, GError **error);
