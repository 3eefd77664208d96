/* SPDX-License-Identifier: Apache-2.0 */
/* bs-vmlinux.h — the unpacked kernel inside a bzImage
 *
 * Under emulation half a second of every boot is the kernel unpacking itself. QEMU starts an unpacked kernel directly
 * when it has a PVH entry (an ELF note), so the work is done once, here.
 */
#pragma once

#include <glib.h>

/**
 * bs_vmlinux_extract:
 * @image: a bzImage (Documentation/arch/x86/boot.rst), LZ4, gzip, XZ or Zstandard inside
 *
 * Returns: (transfer full): an ELF kernel with a PVH entry; NULL with %BS_ERROR_UNSUPPORTED when there is none
 * (boot @image itself then)
 */
GBytes *bs_vmlinux_extract (GBytes *image, GError **error);

/* Whether @length bytes at @data are a 64-bit ELF kernel with a PVH entry. */
gboolean bs_vmlinux_has_pvh (const void *data, gsize length);
