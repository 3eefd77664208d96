/* SPDX-License-Identifier: Apache-2.0 */
/* bs-transfer.h — one file from a web server, in as many attempts as it takes */
#pragma once

#include "bs-part.h"

typedef struct
{
  const char *url, *name;
  const char *expected; /* (nullable) hex digest of @type */
  GChecksumType type;
  gint64 limit; /* greatest size */
  gint64 stall_usec, backoff_usec;
  guint attempts; /* in a row without progress */
} BsTransfer;

/* @note: (nullable): something worth saying, such as that a connection broke and is tried again */
typedef void (*BsTransferReport) (gint64 done, gint64 total, const char *note);

/**
 * bs_transfer_run:
 *
 * Afterwards the whole file is there, synced, and has the @expected digest.
 *
 * Returns: the file, or NULL with %BS_ERROR_NOT_FOUND, %BS_ERROR_INVALID (wrong digest, too large), %BS_ERROR_TIMEOUT
 * (stalled), %BS_ERROR_EXHAUSTED, %BS_ERROR_PROTOCOL (redirections, nonsense), %BS_ERROR_FAILED
 */
BsPart *bs_transfer_run (const BsTransfer *request, BsTransferReport report, GError **error);
