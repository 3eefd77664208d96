/* SPDX-License-Identifier: Apache-2.0 */
/* bs-image-steps.h — every step that makes an image, and so every failpoint of them
 *
 * "STEP.before" and "STEP.after" are failpoints (bs-failpoint.h). New work adds its steps here and nowhere else: the
 * tests that kill at each of them walk this table.
 */
#pragma once

#include <glib.h>

#define BS_STEP_FETCH_CHECKSUMS "fetch-checksums"
#define BS_STEP_FETCH_IMAGE "fetch-image"
#define BS_STEP_BUILD_IMAGE "build-image"
#define BS_STEP_COPY_IMAGE "copy-image"
#define BS_STEP_CHECK_IMAGE "check-image"
#define BS_STEP_DESCRIBE_IMAGE "describe-image"
#define BS_STEP_PUBLISH_IMAGE "publish-image"
/* Of `tiny`, which is made in its own way. */
#define BS_STEP_TINY_KERNEL "tiny-kernel"
#define BS_STEP_TINY_INITRD "tiny-initrd"
#define BS_STEP_TINY_PUBLISH "tiny-publish"

typedef struct
{
  const char *name;
  const char *verb; /* "pull", "build", "import", or "tiny": a build of it */
} BsImageStep;

/* Ends with a NULL name. Steps that several verbs share are in it for each. */
extern const BsImageStep bs_image_steps[];

/* Passes the failpoint before or after @step. */
gboolean bs_image_step_before (const char *step, GError **error);
gboolean bs_image_step_after (const char *step, GError **error);
