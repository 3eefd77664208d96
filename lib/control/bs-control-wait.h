/* SPDX-License-Identifier: Apache-2.0 */
/* bs-control-wait.h — waiting with a deadline and a cancellable, for a socket or a condition */
#pragma once

#include <gio/gio.h>
#include <poll.h>
#include <pthread.h>

/* All: FALSE with %BS_ERROR_TIMEOUT when the monotonic @deadline_usec (negative: none) has passed, or
 * %BS_ERROR_CANCELLED. */

/* Returns at once. */
gboolean bs_control_wait_check (gint64 deadline_usec, GCancellable *cancellable, GError **error);
gboolean bs_control_wait_socket (int fd, short events, gint64 deadline_usec, GCancellable *cancellable, GError **error);

/* A lock and the condition that is told of changes under it. It lives longer than every wait for it. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
} BsControlSignal;

void bs_control_signal_init (BsControlSignal *self);
void bs_control_signal_clear (BsControlSignal *self);

/* Lets cancelling wake who waits for @signal, until g_cancellable_disconnect(). Both are called without the lock:
 * connecting may call back at once, and disconnecting waits for a callback under way. */
gulong bs_control_wake_connect (BsControlSignal *signal, GCancellable *cancellable);
/* With the lock held; may return TRUE early, as pthread_cond_wait(). */
gboolean bs_control_wait_signal (BsControlSignal *signal, gint64 deadline_usec, GCancellable *cancellable,
                                 GError **error);
