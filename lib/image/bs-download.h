/* SPDX-License-Identifier: Apache-2.0 */
/* bs-download.h — downloads by benchscale-fetch, which is started when something is to be downloaded */
#pragma once

#include "bs-checksums.h"

#include <gio/gio.h>

typedef struct
{
  const char *url;
  const char *name;         /* of the file in the folder; "NAME.state" is kept beside it */
  const BsDigest *expected; /* (nullable) */
  gint64 limit;             /* greatest size in bytes */
  gint64 stall_usec;        /* how long a server may say nothing, or next to nothing */
  gint64 backoff_usec;      /* the pause before the second attempt; it doubles */
  guint attempts;           /* in a row without progress */
} BsDownload;

#define BS_DOWNLOAD_INIT                                                                                               \
  {                                                                                                                    \
    .limit = G_GINT64_CONSTANT (64) << 30, .stall_usec = 30 * G_USEC_PER_SEC, .backoff_usec = G_USEC_PER_SEC,          \
    .attempts = 5                                                                                                      \
  }

/* @note: (nullable): something worth saying; else @done of @total bytes (0: unknown) are there */
typedef void (*BsDownloadProgress) (guint64 done, guint64 total, const char *note, gpointer user_data);

/**
 * bs_download:
 * @program: benchscale-fetch
 * @folder: where what an interrupted download of the same URL has left is used, if the server still has that file
 * @sha256: (out) (optional) (transfer full): hex digest of the bytes, which have @request's expected one too
 *
 * Blocks. The file stays with its state until the caller moves or removes both, so that a second call finds it whole.
 *
 * Returns: FALSE with %BS_ERROR_NOT_FOUND (the server has no such file), %BS_ERROR_INVALID (wrong checksum, too large),
 * %BS_ERROR_TIMEOUT, %BS_ERROR_EXHAUSTED (disk full), %BS_ERROR_PROTOCOL (redirections), %BS_ERROR_CANCELLED,
 * %BS_ERROR_HOST (the program is missing), %BS_ERROR_FAILED
 */
gboolean bs_download (const BsDownload *request, const char *program, const char *folder, BsDownloadProgress progress,
                      gpointer user_data, GCancellable *cancellable, char **sha256, GError **error);
