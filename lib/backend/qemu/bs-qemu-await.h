/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-await.h — waiting in a machine that has no benchscale-guest, with what every Linux has */
#pragma once

#include "bs-remote.h"

/**
 * bs_qemu_await:
 * @kind: "port", "file", "process" or "command", as wait_for() of the backend
 *
 * Waits until @remote's deadline. A command's look begins a tenth of a second after the last one ended.
 *
 * Returns: FALSE with %BS_ERROR_TIMEOUT and how a command last did, %BS_ERROR_NOT_FOUND when there is no such command,
 * %BS_ERROR_INVALID for another kind or no port's number
 */
gboolean bs_qemu_await (BsRemote *remote, const char *kind, const char *const *arguments, GError **error);
