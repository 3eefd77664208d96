/* SPDX-License-Identifier: Apache-2.0 */
/* bs-copy-error.h — how copies tell what went wrong (internal to lib/remote) */
#pragma once

#include "bs-archive.h"
#include "bs-error.h"

/* Always FALSE. */
gboolean bs_copy_set_error (const BsArchiveError *archive, GError **error);
/* Says the cure, whoever found the trouble. What cannot be copied is no misuse of ours: the copy failed. Returns: @ok
 */
gboolean bs_copy_explain (gboolean ok, GError **error);
