/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tail.h — the end of a log that a machine wrote, fit for an event */
#pragma once

#include <glib.h>

/**
 * bs_tail_read:
 * @path: (nullable): relative to @dir
 * @bytes: at most so many are looked at
 * @lines: at most so many of the last lines; 0 for all
 *
 * The text is valid UTF-8 without control characters other than newline and tab, and begins at the start of a line
 * where one is within the range.
 *
 * Returns: (transfer full): "" when there is no such file
 */
char *bs_tail_read (int dir, const char *path, gsize bytes, guint lines);
