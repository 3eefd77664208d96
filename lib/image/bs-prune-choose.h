/* SPDX-License-Identifier: Apache-2.0 */
/* bs-prune-choose.h — which images and templates of the cache are to go, and which of them may not */
#pragma once

#include "bs-cache-hold.h"
#include "bs-image-cache.h"
#include "bs-template-cache.h"

typedef struct
{
  const BsStoreItem *image;       /* one of the two */
  const BsTemplateInfo *template; /* … */
  const char *name;               /* of its folder */
  guint64 bytes;
  gint64 used_usec;
  const char *why;    /* (nullable) why it goes */
  const char *spared; /* (nullable) why it cannot go, whatever was asked for */
} BsPruneItem;

typedef struct
{
  const GPtrArray *images;    /* (element-type BsStoreItem) those of a name together, the newest first */
  const GPtrArray *templates; /* (element-type BsTemplateInfo) */
  const BsCacheHeld *held;
  GHashTable *open; /* folders of images that processes have files of */
} BsPruneCache;

/**
 * bs_prune_choose:
 * @automatic: only keep_bytes counts: imported images are no part of it, and what was used within the last quarter of
 * an hour stays, since a machine may be about to start from it
 *
 * An image goes only with all the templates that are overlays of its disk.
 *
 * Returns: (transfer full) (element-type BsPruneItem): everything, templates first, so that what stands on something
 * goes before it
 */
GArray *bs_prune_choose (const BsPruneCache *cache, const BsImagePrune *options, gboolean automatic);
