/* SPDX-License-Identifier: Apache-2.0 */
/* bs-cache-entry.h — folders of a cache that are whole or not there
 *
 * A folder is filled under a name that begins with '.', each file synced, then renamed. Whoever is killed leaves only
 * such a name, which the next holder of the cache's lock removes. Finished folders are never changed; their
 * modification time is their last use.
 */
#pragma once

#include <gio/gio.h>

#define BS_CACHE_HINT "point BENCHSCALE_CACHE_DIR to a folder that you may write"

/* Waits for the exclusive lock of the cache folder @dir. Returns: a descriptor that holds it until closed, or -1 with
 * an error. */
int bs_cache_lock (const char *dir, GCancellable *cancellable, GError **error);

/* Removes what killed builds left. The caller holds the lock. */
void bs_cache_sweep (const char *dir);

/* Keeps the @keep last used folders of @dir whose names begin with @prefix, and those that are keys of @held
 * (nullable). The caller holds the lock. */
void bs_cache_prune (const char *dir, const char *prefix, guint keep, GHashTable *held);

typedef struct _BsCacheEntry BsCacheEntry;

BsCacheEntry *bs_cache_entry_begin (const char *dir, GError **error);
int bs_cache_entry_fd (const BsCacheEntry *self);
const char *bs_cache_entry_path (const BsCacheEntry *self);
/* Gives the folder its name; an older one of that name is replaced. */
gboolean bs_cache_entry_publish (BsCacheEntry *self, const char *name, GError **error);
/* The same in another folder of the same file system, where there is none of that name. */
gboolean bs_cache_entry_publish_in (BsCacheEntry *self, const char *dir, const char *name, GError **error);
/* Removes the folder unless it was published. */
void bs_cache_entry_free (BsCacheEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsCacheEntry, bs_cache_entry_free)

/* A finished folder whose bytes were found to be others than they were says so in a file beside them: it is not used
 * any more. @why NULL: it is sound. A cache that nobody may write into stays as it is. */
void bs_cache_mark_damaged (int dirfd, const char *why);
/* FALSE with %BS_ERROR_INVALID when it is marked. */
gboolean bs_cache_check_mark (int dirfd, GError **error);

/* Writes and syncs a new file, leaving holes where 4 KiB are zero. */
gboolean bs_cache_entry_write (int dirfd, const char *name, const void *data, gsize length, GError **error);
