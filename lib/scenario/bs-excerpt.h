/* SPDX-License-Identifier: Apache-2.0 */
/* bs-excerpt.h — what nodes print, cut down to one line of a message */
#pragma once

#include <glib.h>

/* @text in one line and in quotes, at most about @limit characters: controls as \n, \t or \xNN; what is left out in the
 * middle is "…". (transfer full) */
char *bs_excerpt (const char *text, guint limit);

/* The last line of @text with something in it, as an excerpt; NULL when there is none. (transfer full) */
char *bs_excerpt_last_line (const char *text, guint limit);
