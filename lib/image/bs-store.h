/* SPDX-License-Identifier: Apache-2.0 */
/* bs-store.h — the folders of the image cache
 *
 * CACHE/images/NAME-DIGEST/ is a finished image (DIGEST: 12 digits, for `tiny` all 64), whose modification time is its
 * last use. CACHE/work/NAME/ is where one is made: "lock", which whoever makes it holds; partial downloads; folders
 * that begin with '.', which are filled, or emptied, under the lock. So whoever is killed leaves nothing in images/,
 * and what it left in work/ goes when the lock is taken next. An image is renamed into images/ whole, and out of it
 * before it is removed.
 */
#pragma once

#include "bs-cache-entry.h"
#include "bs-image.h"
#include "bs-json.h"

/* What making an image needs to know. */
typedef struct
{
  const char *cache_dir;
  const char *libexec_dir;
  const char *catalogue;    /* (nullable) the user's own */
  gint64 stall_usec;        /* of downloads; 0: the default */
  guint64 limit_bytes;      /* of the cache: see bs_image_keep_limit(); 0: none */
  BsImageProgress progress; /* (nullable) */
  gpointer user_data;
  GCancellable *cancellable;
} BsImageWork;

/* From this process's settings. */
gboolean bs_image_work_init (BsImageWork *self, BsImageProgress progress, gpointer user_data, GCancellable *cancellable,
                             GError **error);
void bs_image_work_tell (const BsImageWork *self, const char *name, const char *what, guint64 done, guint64 total);

/* Absolute; (transfer full). */
char *bs_store_images (const BsImageWork *work);
char *bs_store_work (const BsImageWork *work, const char *name);

/* Held while image NAME is made or removed. */
typedef struct
{
  int fd;
  char *name, *folder; /* CACHE/work/NAME */
} BsStoreLock;

/**
 * bs_store_lock:
 * @wait: FALSE: %BS_ERROR_BUSY at once when somebody else has it
 *
 * Makes the folders, waits (saying for whom), and removes what killed ones left.
 */
BsStoreLock *bs_store_lock (const BsImageWork *work, const char *name, gboolean wait, GError **error);
void bs_store_lock_free (BsStoreLock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsStoreLock, bs_store_lock_free)

/* One folder of images/. */
typedef struct
{
  char *folder; /* its name */
  char *path;
  char *name;       /* of the image */
  json_t *manifest; /* (nullable) NULL: there is none that can be read */
  gboolean damaged; /* so, or bs_image_verify() found it */
  guint64 bytes;    /* on disk */
  gint64 used_usec; /* wall clock */
} BsStoreItem;

/* Those of @name (NULL: all), newest first among those of one name; (transfer full) (element-type BsStoreItem). */
GPtrArray *bs_store_list (const BsImageWork *work, const char *name);

/**
 * bs_store_find:
 * @source: (nullable): what it must have been made from
 * @lock: (nullable): when held, an image that is not as its manifest says is removed, unless a lab stands on it
 * @problem: (out) (optional): what was wrong with the newest
 *
 * Returns: (transfer full) (nullable): the newest of @source, unless it is damaged; it counts as used now
 */
BsImage *bs_store_find (const BsImageWork *work, const char *name, const char *source, const BsStoreLock *lock,
                        GError **problem);

/* Moves the image's folder out of images/ and removes it. */
gboolean bs_store_discard (const BsImageWork *work, const BsStoreLock *lock, const char *folder, GError **error);

/**
 * bs_store_publish:
 * @manifest: as for bs_manifest_finish(), without "name"
 *
 * Checks a disk, describes the files, and gives the folder its place. The steps of bs-image-steps.h are passed.
 *
 * Returns: (transfer full): the image
 */
BsImage *bs_store_publish (const BsImageWork *work, const BsStoreLock *lock, BsCacheEntry *entry, json_t *manifest,
                           const json_t *known, GError **error);
