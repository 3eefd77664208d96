/* SPDX-License-Identifier: Apache-2.0 */
/* bs-template-manifest.h — what a template says of its files, and whether it is true */
#pragma once

#include "bs-json.h"

#include <gio/gio.h>

#define BS_TEMPLATE_FORMAT 1

/* The manifest in the folder @dirfd. %BS_ERROR_INVALID when it is missing, nonsense, or not of @key. */
json_t *bs_template_manifest_read (int dirfd, const char *key, GError **error);

/* Of bs_template_find() and, @deep, bs_template_verify(). %BS_ERROR_INVALID */
gboolean bs_template_manifest_check (int dirfd, const json_t *manifest, gboolean deep, GCancellable *cancellable,
                                     GError **error);

/* What tells the file @path from any other: {"size", "inode", "mtime_ns"}; NULL when it is none. (transfer full) */
json_t *bs_template_manifest_stamp (int dirfd, const char *path);
