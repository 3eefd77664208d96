/* SPDX-License-Identifier: Apache-2.0 */
/* bs-text.h — what nodes print, made fit to be shown */
#pragma once

#include <glib.h>

/* @length bytes as text: what is no UTF-8, and NUL, becomes U+FFFD. (transfer full) */
char *bs_text_from_bytes (const char *data, gsize length);

/* TRUE for what may break a line or a terminal: C0 and C1 controls, line and paragraph separators, bidirectional
 * overrides. */
gboolean bs_text_is_control (gunichar c);

/* @text in one line and in quotes, at most about @limit characters: controls as \n, \t or \xNN; what is left out in the
 * middle is "…". (transfer full) */
char *bs_text_excerpt (const char *text, guint limit);

/* The last line of @text with something in it, as an excerpt; NULL when there is none. (transfer full) */
char *bs_text_last_line (const char *text, guint limit);
