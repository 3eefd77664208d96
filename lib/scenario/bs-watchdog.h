/* SPDX-License-Identifier: Apache-2.0 */
/* bs-watchdog.h — cancels a blocking call when its time is over, or when the caller is cancelled
 *
 * A node that hangs does not end its command at the timeout; nobody may wait for it for ever.
 */
#pragma once

#include <gio/gio.h>

typedef struct _BsWatchdog BsWatchdog;

/* @parent: (nullable): cancels too. @deadline_usec: monotonic, negative: never */
BsWatchdog *bs_watchdog_new (GCancellable *parent, gint64 deadline_usec);
/* Returns when its thread has ended. */
void bs_watchdog_free (BsWatchdog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsWatchdog, bs_watchdog_free)

/* To be given to the call. (transfer none) */
GCancellable *bs_watchdog_cancellable (BsWatchdog *self);
/* Whether the deadline has cancelled it. */
gboolean bs_watchdog_fired (BsWatchdog *self);

/* Waits until the monotonic @until_usec without burning time. Returns: FALSE, at once, when @cancellable (nullable) is
 * cancelled. */
gboolean bs_watchdog_sleep (gint64 until_usec, GCancellable *cancellable);
