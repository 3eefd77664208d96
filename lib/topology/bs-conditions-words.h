/* SPDX-License-Identifier: Apache-2.0 */
/* bs-conditions-words.h — conditions as words of a command line */
#pragma once

#include "bs-conditions.h"

/**
 * bs_conditions_parse_words:
 * @words: (nullable): "latency_ms=40", "queue.limit=64KiB", "loss_burst={p: 1, r: 20}"; NULL-terminated
 * @preset: (nullable): comes before them
 *
 * The same keys, ranges and messages as in a topology file. A trace is looked for in the working folder.
 *
 * Returns: (transfer full): NULL with %BS_ERROR_INVALID, whose message names the word
 */
BsConditions *bs_conditions_parse_words (const char *const *words, const char *preset, GError **error);
