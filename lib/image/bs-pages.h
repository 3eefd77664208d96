/* SPDX-License-Identifier: Apache-2.0 */
/* bs-pages.h — big files that are mostly holes: copies and digests of what is in them
 *
 * The digest is SHA-256 over the length and each page that is not zero, with its place; so holes and written zeros
 * are the same, and a file of 512 MiB of which a quarter was ever written costs that quarter.
 */
#pragma once

#include <gio/gio.h>

/**
 * bs_pages_copy:
 * @from: a regular file or memfd
 * @to: an empty regular file, or -1: only the digest is wanted
 * @digest: (out) (optional) (transfer full): hex
 *
 * Copies, leaving holes for pages of zeros. Positions of the descriptors are not used.
 *
 * Returns: FALSE with %BS_ERROR_EXHAUSTED when the disk is full, %BS_ERROR_CANCELLED, …
 */
gboolean bs_pages_copy (int from, int to, char **digest, GCancellable *cancellable, GError **error);
