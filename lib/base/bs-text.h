/* SPDX-License-Identifier: Apache-2.0 */
/* bs-text.h — text for people: what they probably meant, and what is safe to show them */
#pragma once

#include <glib.h>

/**
 * bs_text_nearest:
 * @known: (array zero-terminated=1): the words that would have been right
 *
 * Returns: (nullable) (transfer none): the member of @known that is fewest typing mistakes away (insert, delete,
 * replace, swap of neighbours; case costs nothing), the first of equals; NULL when none is near enough to be meant
 */
const char *bs_text_nearest (const char *word, const char *const *known);

/**
 * bs_text_printable:
 * @data: (array length=length): bytes that a guest or another process chose
 *
 * Returns: (transfer full): valid UTF-8 that no terminal acts on: newline and tab stay, carriage returns before a
 * newline and escape sequences are left out, other control characters become '?', bad bytes U+FFFD
 */
char *bs_text_printable (const char *data, gsize length);
