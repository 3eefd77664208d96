/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lz4.h — unpack the legacy LZ4 stream that kernels are packed with */
#pragma once

#include <glib.h>

/**
 * bs_lz4_unpack_legacy:
 * @data: a magic number, then blocks of {u32 size, LZ4 block} that unpack to 8 MiB each
 * @limit: greatest size of the result
 *
 * Returns: (transfer full): the content, or NULL with %BS_ERROR_INVALID
 */
GByteArray *bs_lz4_unpack_legacy (const void *data, gsize length, gsize limit, GError **error);
