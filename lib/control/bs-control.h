/* SPDX-License-Identifier: Apache-2.0 */
/* bs-control.h — the client's side of the supervisor's socket */
#pragma once

#include "bs-json.h"

#include <gio/gio.h>

typedef struct _BsControl BsControl;

/**
 * bs_control_connect:
 * @lab_dir: the lab's folder
 *
 * Connects and does not speak yet. Returns: NULL with %BS_ERROR_NOT_FOUND when no supervisor listens there
 * (missing socket or nobody behind it), %BS_ERROR_BUSY when too many wait for it, or another error
 */
BsControl *bs_control_connect (int lab_dir, GError **error);
BsControl *bs_control_ref (BsControl *self);
void bs_control_unref (BsControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsControl, bs_control_unref)

/* Whether the connection has ended, so that further calls cannot succeed. Never waits. Any thread. */
gboolean bs_control_is_broken (BsControl *self);

/**
 * bs_control_call:
 * @op: the operation, see bs-control-protocol.h
 * @arguments: (nullable) (transfer full): members of the request
 * @fd: (out) (optional): a descriptor that came with the answer, or -1; the caller owns it
 * @deadline_usec: monotonic, negative for none
 *
 * Sends one request and waits for its answer. Any thread; concurrent calls on one connection do not wait for each
 * other. Events that arrive meanwhile are kept for bs_control_next_event() when subscribed.
 *
 * Returns: (transfer full): the answer's object, or NULL with the supervisor's own error (code, message, hint),
 * %BS_ERROR_TIMEOUT, %BS_ERROR_CANCELLED, or %BS_ERROR_DIED when the supervisor went away
 */
json_t *bs_control_call (BsControl *self, const char *op, json_t *arguments, int *fd, gint64 deadline_usec,
                         GCancellable *cancellable, GError **error);

/* bs_control_call() with no interest in the answer's members. */
gboolean bs_control_do (BsControl *self, const char *op, json_t *arguments, gint64 deadline_usec,
                        GCancellable *cancellable, GError **error);

/* Waits for the next event after a successful "subscribe". (transfer full), NULL with an error as bs_control_call(). */
json_t *bs_control_next_event (BsControl *self, gint64 deadline_usec, GCancellable *cancellable, GError **error);
