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

/* Lets cancelling wake who waits for a condition. Made and cleared without the lock: connecting may call back at once,
 * and disconnecting waits for a callback under way. */
typedef struct
{
  pthread_cond_t *condition;
  pthread_mutex_t *lock;
  GCancellable *cancellable; /* (nullable) */
  gulong id;
} BsControlWake;

void bs_control_wake_init (BsControlWake *self, pthread_cond_t *condition, pthread_mutex_t *lock,
                           GCancellable *cancellable);
void bs_control_wake_clear (BsControlWake *self);
/* With the lock held; may return TRUE early, as pthread_cond_wait(). */
gboolean bs_control_wait_condition (BsControlWake *self, gint64 deadline_usec, GError **error);
