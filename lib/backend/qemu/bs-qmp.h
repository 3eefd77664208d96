/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qmp.h — commands to a running QEMU over its QMP socket
 *
 * JSON objects, one a line; the server greets, we answer qmp_capabilities, then each command has one return or error,
 * with events strewn between, which are skipped. QEMU serves one client at a time, so a connection is held for one
 * piece of work only. A QEMU may be taken over by its guest, so what it says is checked: a line over a MiB or no JSON
 * ends the connection.
 */
#pragma once

#include "bs-json.h"

#include <gio/gio.h>

typedef struct _BsQmp BsQmp;

/**
 * bs_qmp_open:
 * @path: relative to @dirfd
 *
 * Returns: NULL with %BS_ERROR_NOT_FOUND when nobody listens there (yet, or any more), %BS_ERROR_TIMEOUT,
 * %BS_ERROR_CANCELLED, %BS_ERROR_PROTOCOL
 */
BsQmp *bs_qmp_open (int dirfd, const char *path, gint64 deadline_usec, GCancellable *cancellable, GError **error);
/* The same on a connected descriptor (transfer full). */
BsQmp *bs_qmp_new (int fd, gint64 deadline_usec, GCancellable *cancellable, GError **error);
void bs_qmp_free (BsQmp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsQmp, bs_qmp_free)

/**
 * bs_qmp_call:
 * @arguments: (nullable) (transfer full)
 *
 * Returns: (transfer full): what the command returned; NULL with %BS_ERROR_FAILED and QEMU's text, %BS_ERROR_DIED when
 * QEMU hung up, %BS_ERROR_TIMEOUT, %BS_ERROR_CANCELLED or %BS_ERROR_PROTOCOL, after which nothing more can be called
 */
json_t *bs_qmp_call (BsQmp *self, const char *command, json_t *arguments, gint64 deadline_usec,
                     GCancellable *cancellable, GError **error);

/* Lends @fd to QEMU, which knows its copy as @name from then on. */
gboolean bs_qmp_lend (BsQmp *self, int fd, const char *name, gint64 deadline_usec, GCancellable *cancellable,
                      GError **error);
/* bs_qmp_call() with no interest in what it returns. */
gboolean bs_qmp_do (BsQmp *self, const char *command, json_t *arguments, gint64 deadline_usec,
                    GCancellable *cancellable, GError **error);
