/* SPDX-License-Identifier: Apache-2.0 */
/* bs-image-cache.h — what there is, whether it is still what it was, and taking away what is not needed */
#pragma once

#include "bs-store.h"

typedef struct
{
  char *name;
  char **aliases;
  BsImageOrigin origin;
  const char *state; /* "available" (not in the cache), "ready", "old" (a newer one is used), "damaged" */
  char *description, *user, *firmware, *digest, *folder; /* (nullable) */
  guint64 bytes;                                         /* in the cache */
  gint64 used_usec;                                      /* wall clock; 0: never */
} BsImageInfo;

/* Every image that there can be, and every one in the cache; (transfer full) (element-type BsImageInfo). NULL when the
 * user's catalogue is wrong. */
GPtrArray *bs_image_list (const BsImageWork *work, GError **error);

typedef struct
{
  char *name, *folder; /* of a template, the latter is its key */
  gboolean is_template;
  guint64 bytes;
  char *problem; /* (nullable): what is wrong with it; the first fault */
} BsImageVerdict;

/**
 * bs_image_verify:
 * @names: NULL-terminated, of images and templates; none: all that are in the cache
 *
 * Reads every byte. What is damaged is not used from then on.
 *
 * Returns: (transfer full) (element-type BsImageVerdict): NULL with %BS_ERROR_NOT_FOUND when the cache has no image of
 * a name, %BS_ERROR_CANCELLED
 */
GPtrArray *bs_image_verify (const BsImageWork *work, const char *const *names, GError **error);

typedef struct
{
  gboolean all; /* everything, imported ones too */
  gboolean dry_run;
  guint64 keep_bytes;     /* the least recently used go until no more are left; G_MAXUINT64: no limit */
  gint64 older_than_usec; /* what was not used for so long goes; -1: whatever its age */
} BsImagePrune;

typedef struct
{
  char *what; /* the folder's name, "template-KEY" or "unfinished NAME" */
  guint64 bytes;
  const char *why;
  char *problem; /* (nullable): why it stays */
} BsImagePruned;

/**
 * bs_image_prune:
 *
 * Removes images that a newer one has replaced and templates of these, damaged ones, what killed or interrupted makers
 * left, and what @options say. What a recorded lab or a template that stays stands on, or a process has open, stays;
 * imported images stay unless all are to go.
 *
 * Returns: (transfer full) (element-type BsImagePruned): what was (or would be) removed, or could not be
 */
GPtrArray *bs_image_prune (const BsImageWork *work, const BsImagePrune *options, GError **error);

/* After something was added: the least recently used images and templates that can be made again go until no more than
 * the work's limit are left; spared is what bs_image_prune() spares, and what was used a moment ago. */
void bs_image_keep_limit (const BsImageWork *work);
