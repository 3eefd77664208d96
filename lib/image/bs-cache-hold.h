/* SPDX-License-Identifier: Apache-2.0 */
/* bs-cache-hold.h — who stands on what is in the cache, so that nobody takes it away
 *
 * CACHE/holds/ID is a file of one lab, whichever state folder it is recorded in: its witness (a file of the lab's own
 * that begins with ID), folders of images/ and keys of templates. It holds as long as the witness says ID: whoever
 * looks removes those of labs that are gone, so a lab that was killed or deleted holds nothing. As long as there is no
 * witness yet, the process that wrote it holds, until it ends.
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  GHashTable *images;    /* folder in images/ → ID of a lab */
  GHashTable *templates; /* key → ID */
} BsCacheHeld;

/* What is held now. Needs no cache to be there. */
void bs_cache_held_init (BsCacheHeld *self, const char *cache_dir);
void bs_cache_held_clear (BsCacheHeld *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsCacheHeld, bs_cache_held_clear)

/**
 * bs_cache_hold:
 * @id: a UUID
 * @witness: absolute path of a file that begins with @id, now or later
 * @files: NULL-terminated absolute paths; those that are not in an image's folder of this cache count for nothing
 * @templates: NULL-terminated keys
 *
 * Writes it; one that was there before is replaced.
 */
gboolean bs_cache_hold (const char *cache_dir, const char *id, const char *witness, const char *const *files,
                        const char *const *templates, GError **error);

/* Templates that were kept for this lab alone are removed. */
void bs_cache_release (const char *cache_dir, const char *id);
