/* SPDX-License-Identifier: Apache-2.0 */
/* bs-failpoint.h — places where a test makes the program die, fail or wait */
#pragma once

#include <glib.h>

/**
 * bs_failpoint:
 * @name: the place, such as "start-node.after"
 *
 * Does what BENCHSCALE_FAILPOINT=name[:n]:kill|error|delay asks for at the @n-th passing (first by default) of @name:
 * kill: SIGKILL to this process; error: FALSE with %BS_ERROR_FAILED; delay: waits 2 seconds. Otherwise returns TRUE at once.
 * Any thread.
 */
gboolean bs_failpoint (const char *name, GError **error);
