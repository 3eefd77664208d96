/* SPDX-License-Identifier: Apache-2.0 */
/* bs-obituary.h — what there is to say about the end of a machine */
#pragma once

#include "bs-machine.h"

/**
 * bs_obituary:
 *
 * {"pid", "exit_code" or "signal" or "unknown", "stderr": the end of its log, "console": its last lines}, and "cause"
 * where the console tells one ("kernel panic"), and "requested": true when a client had sent it a signal.
 *
 * Returns: (transfer full)
 */
json_t *bs_obituary (const BsMachine *machine);
