/* SPDX-License-Identifier: Apache-2.0 */
/* bs-disk.h — disk images of strangers: what they are, and whether they are sound and whole in one file
 *
 * A qcow2 header can name other files (a backing file, a data file), which QEMU's tools would open: so the header is
 * read here first, and what names another file is refused before any of them sees it.
 */
#pragma once

#include <gio/gio.h>

#define BS_DISK_HEADER_BYTES 4096

typedef struct
{
  const char *format; /* "qcow2" or "raw" */
  guint64 bytes;      /* virtual size */
} BsDisk;

/**
 * bs_disk_parse:
 * @header: the file's first bytes, %BS_DISK_HEADER_BYTES or all there are
 * @file_bytes: the file's size
 *
 * Returns: FALSE with %BS_ERROR_INVALID (damaged, of another kind) or %BS_ERROR_UNSUPPORTED (needs other files or a
 * password), with a hint where there is a cure
 */
gboolean bs_disk_parse (const void *header, gsize length, guint64 file_bytes, BsDisk *disk, GError **error);

/* The same for a file. */
gboolean bs_disk_probe (const char *path, BsDisk *disk, GError **error);

/**
 * bs_disk_check:
 *
 * Reads all metadata of a qcow2 file with `qemu-img check`, within limits of memory and time.
 *
 * Returns: FALSE with %BS_ERROR_INVALID when it is not sound, %BS_ERROR_HOST without qemu-img, %BS_ERROR_CANCELLED
 */
gboolean bs_disk_check (const char *path, const BsDisk *disk, GCancellable *cancellable, GError **error);
