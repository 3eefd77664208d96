/* SPDX-License-Identifier: Apache-2.0 */
/* bs-console.h — what a machine printed on its console, fit to be shown, and what it died of
 *
 * A console's bytes are the guest's: escape sequences, half a sequence, NULs, no line end for megabytes, no UTF-8.
 */
#pragma once

#include <glib.h>

/**
 * bs_console_clean:
 * @lines: how many of the last lines; empty ones do not count and are left out
 *
 * Escape sequences and control characters are taken away, of a line that was overwritten (carriage return) the last
 * state is kept, blanks at the end and what is beyond 500 characters of a line are cut ("…"), what is no UTF-8 becomes
 * U+FFFD.
 *
 * Returns: (transfer full): valid UTF-8, each line with its newline; "" when there is none
 */
char *bs_console_clean (const char *data, gsize length, guint lines);

/* The same of the end (256 KiB) of a console log; "" when it is missing, or no regular file. (transfer full) */
char *bs_console_tail (int dirfd, const char *path, guint lines);

/* What a machine's console says that it died of: "kernel panic", "out of memory", or NULL. A panic for want of memory
 * is the latter. */
const char *bs_console_cause (const char *text);
