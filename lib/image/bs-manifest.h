/* SPDX-License-Identifier: Apache-2.0 */
/* bs-manifest.h — manifest.json of an image's folder: what the image is, and what its files must be
 *
 * Members: "format" (1), "name", "origin", "source" (what it was made from: an image with another one is made anew),
 * "created", "digest", "files" ({NAME: {"size", "mtime_nsec", "inode", "sha256"}}), and as far as there are any "disk",
 * "kernel", "initrd", "rootfs" (names in "files"), "disk_format", "disk_bytes", "cmdline", "user", "firmware",
 * "has_guest". Others are kept and not looked at.
 */
#pragma once

#include "bs-image.h"
#include "bs-json.h"

#define BS_MANIFEST "manifest.json"
#define BS_MANIFEST_FORMAT 1

/* "tiny", "recipe", "catalogue", "imported", "file" */
const char *bs_image_origin_name (BsImageOrigin origin);

/**
 * bs_manifest_parse:
 *
 * Returns: (transfer full): NULL with %BS_ERROR_PROTOCOL when anything that is read later is missing or of another form
 */
json_t *bs_manifest_parse (const char *text, gsize length, GError **error);
json_t *bs_manifest_read (int dirfd, GError **error);

/**
 * bs_manifest_finish:
 * @manifest: has "name", "origin" and whatever else is known
 * @known: (nullable): SHA-256 of files that need not be read again, {NAME: HEX}
 *
 * Adds what all files of the folder are, the roles of those with well-known names, the time and the digest; makes the
 * files read-only and durable; writes manifest.json.
 */
gboolean bs_manifest_finish (json_t *manifest, int dirfd, const json_t *known, GCancellable *cancellable,
                             GError **error);

/* By inode, size and time. FALSE with %BS_ERROR_INVALID, which names the file. */
gboolean bs_manifest_check (const json_t *manifest, int dirfd, GError **error);

/* Reads one file. FALSE with %BS_ERROR_INVALID when a byte is not as it was, %BS_ERROR_CANCELLED, … */
gboolean bs_manifest_verify_file (const json_t *manifest, int dirfd, const char *file, GCancellable *cancellable,
                                  GError **error);

/* @folder: absolute. (transfer full) */
BsImage *bs_manifest_image (const json_t *manifest, const char *folder);
