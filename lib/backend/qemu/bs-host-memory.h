/* SPDX-License-Identifier: Apache-2.0 */
/* bs-host-memory.h — how much memory new machines may take */
#pragma once

#include <glib.h>

/**
 * bs_host_memory_free_mib:
 * @root: "/" (a test gives another)
 *
 * Returns: what the kernel says is available, or less where a control group (version 1 or 2) of ours allows less;
 * G_MAXUINT64 when nothing can be learnt
 */
guint64 bs_host_memory_free_mib (const char *root);
