/* SPDX-License-Identifier: Apache-2.0 */
/* bs-failpoint.h — places where a test makes the program die, fail or wait */
#pragma once

#include <glib.h>

/**
 * bs_failpoint:
 * @name: the place, such as "start-node.after"
 *
 * Does what BENCHSCALE_FAILPOINT=name[:n]:kill|error|delay asks for at the @n-th passing (first by default) of @name:
 * kill: SIGKILL to this process; error: FALSE with %BS_ERROR_FAILED; delay: waits 2 seconds. Otherwise returns TRUE at
 * once. Passings are counted over all threads; the n-th happens once. A variable that is malformed does nothing here.
 * Any thread.
 */
gboolean bs_failpoint (const char *name, GError **error);

/**
 * bs_failpoint_check_environment:
 * @names: (array zero-terminated=1): every name that this program passes to bs_failpoint()
 *
 * For the start of a program, so that a test which misspells a place does not pass for that reason.
 *
 * Returns: FALSE with %BS_ERROR_INVALID when BENCHSCALE_FAILPOINT is set, not empty, and malformed or of an unknown
 * name; the hint gives the nearest name or the form
 */
gboolean bs_failpoint_check_environment (const char *const *names, GError **error);
