/* SPDX-License-Identifier: Apache-2.0 */
/* bs-text.h — text for people: what is safe to show them */
#pragma once

#include <glib.h>

/* TRUE for what may break a line or a terminal: C0 and C1 controls, line and paragraph separators, bidirectional
 * overrides, marks of byte order. */
gboolean bs_text_is_control (gunichar c);

/* TRUE for these, and for what takes no room: zero-width characters and marks of direction. Two names that differ in
 * one of them look the same. */
gboolean bs_text_is_hidden (gunichar c);

/**
 * bs_text_printable:
 * @data: (array length=length): bytes that a guest or another process chose
 *
 * Returns: (transfer full): valid UTF-8 that no terminal acts on: newline and tab stay, carriage returns before a
 * newline and escape sequences are left out, what else is bs_text_is_control() becomes '?', bad bytes U+FFFD
 */
char *bs_text_printable (const char *data, gsize length);

/* "500M", "20G", "1T" (K, M, G, T: powers of 1024) or a number of bytes. FALSE, and @bytes as it was, for all else. */
gboolean bs_text_parse_bytes (const char *text, guint64 *bytes);
