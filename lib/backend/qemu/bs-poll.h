/* SPDX-License-Identifier: Apache-2.0 */
/* bs-poll.h — wait for a descriptor, a deadline or the caller's change of mind */
#pragma once

#include <gio/gio.h>

/**
 * bs_poll_fd:
 * @events: of poll(2)
 * @deadline_usec: monotonic, negative for none
 * @what: what is waited for, for the messages
 *
 * Returns: FALSE with %BS_ERROR_TIMEOUT or %BS_ERROR_CANCELLED
 */
gboolean bs_poll_fd (int fd, short events, gint64 deadline_usec, GCancellable *cancellable, const char *what,
                     GError **error);
