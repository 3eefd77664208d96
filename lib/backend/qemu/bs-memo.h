/* SPDX-License-Identifier: Apache-2.0 */
/* bs-memo.h — one fact about this host, kept in the cache as long as what it depends on is the same */
#pragma once

#include "bs-json.h"

/* Returns: (transfer full): what was kept in @cache_dir/@name under exactly this @key, an object; NULL when there is
 * none */
json_t *bs_memo_read (const char *cache_dir, const char *name, const char *key);

/* Best effort: a cache that cannot be written costs time only. */
void bs_memo_write (const char *cache_dir, const char *name, const char *key, json_t *value);

/* What tells one file from another at the same path: "PATH INODE SIZE TIME"; (transfer full), NULL when there is none.
 */
char *bs_memo_file_key (const char *path);
