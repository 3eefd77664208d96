/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fmt.h — the canonical form of a topology or a file of scenarios
 *
 * Keys are in the order of the decoder's tables, two spaces indent, what is short and deep stands in brackets on a
 * line, values are as they were written, without quotes that nobody needs. All comments are kept, and one empty line
 * where there were some. Formatting twice changes nothing. Not kept: folded texts, spacing within lines, "---" and
 * "%YAML".
 */
#pragma once

#include "bs-diagnostic.h"

/* Values and comments cost a multiple of their text, and nobody reads such files. Comments are at most
 * BS_YAML_COMMENTS_MAX. */
#define BS_FMT_BYTES_MAX ((gsize) 8 * 1024 * 1024)
#define BS_FMT_VALUES_MAX 500000

/**
 * bs_fmt:
 * @diagnostics: (out): what is wrong with it; a comment that could not be kept would be an error, too
 *
 * Returns: (transfer full) (nullable): the same document in its canonical form, in the current format; NULL after
 * errors
 */
char *bs_fmt (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics);

/* Its typed JSON, as text for people. */
char *bs_fmt_json (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics);
