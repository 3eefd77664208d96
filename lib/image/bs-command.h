/* SPDX-License-Identifier: Apache-2.0 */
/* bs-command.h — run a tool of the distribution in a folder, so that it can be interrupted */
#pragma once

#include <gio/gio.h>

/**
 * bs_command_run:
 * @folder: working folder
 * @output: (out) (optional) (transfer full): its stdout
 *
 * Returns: FALSE with %BS_ERROR_HOST (cannot be started), %BS_ERROR_FAILED with the last line of its stderr,
 * %BS_ERROR_EXHAUSTED when it says that the disk is full, or %BS_ERROR_CANCELLED after it was killed
 */
gboolean bs_command_run (const char *folder, const char *const *argv, char **output, GCancellable *cancellable,
                         GError **error);
