/* SPDX-License-Identifier: Apache-2.0 */
/* bs-open-files.h — which folders processes have files of */
#pragma once

#include <glib.h>

/**
 * bs_open_files_below:
 *
 * Looks at the descriptors of all processes that we may look at.
 *
 * Returns: (transfer full) (element-type utf8): names of those folders directly in @dir in which a file is open
 */
GHashTable *bs_open_files_below (const char *dir);
