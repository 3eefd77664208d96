/* SPDX-License-Identifier: Apache-2.0 */
/* cli-relay.h — this terminal and these signals, handed on to a command in a node (exec, ssh) */
#pragma once

#include "bs-exec.h"

/* What such a verb returns when the failure is ours and not the command's. */
#define CLI_EXIT_OURS 125

/* Fills @io, and @spec's window when it has a terminal. From here on no signal ends this process by itself. */
gboolean cli_relay_begin (BsExecSpec *spec, BsExecIO *io, gboolean no_stdin, GError **error);

/* While the command runs with a terminal, ours passes every byte. */
void cli_relay_raw (gboolean tty);
void cli_relay_cooked (void);

/* Tells @error (transfer full). Returns: the exit code, when the command's own end is not known; @timed: it had a
 * timeout */
int cli_relay_failed (gboolean timed, GError *error);
