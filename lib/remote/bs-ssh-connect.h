/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-connect.h — a TCP connection with a deadline and a canceller (internal to lib/remote) */
#pragma once

#include "bs-ssh.h"

/* Non-blocking, close-on-exec, without Nagle's delay. Returns: descriptor, or -1 with the errors of bs_ssh_open(). */
int bs_ssh_connect (const BsSshTarget *target, const char *name, gint64 deadline_usec, GCancellable *cancellable,
                    GError **error);
