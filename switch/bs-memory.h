/* SPDX-License-Identifier: Apache-2.0 */
/* bs-memory.h — the memory shared with the supervisor, which outlives this process */
#pragma once

#include "bs-switch-protocol.h"

/**
 * bs_memory_map:
 * @fd: a memfd of any size; grown when too small, sealed against shrinking when it allows that
 *
 * Keeps what is there when its head is plausible, else starts from zero; counts one more generation.
 *
 * Returns: the mapping, or NULL with errno
 */
BsSwitchMemory *bs_memory_map (int fd);
