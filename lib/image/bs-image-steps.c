/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-image-steps.h"
#include "bs-failpoint.h"

const BsImageStep bs_image_steps[] = {
  { BS_STEP_FETCH_CHECKSUMS, "pull" },
  { BS_STEP_FETCH_IMAGE, "pull" },
  { BS_STEP_CHECK_IMAGE, "pull" },
  { BS_STEP_DESCRIBE_IMAGE, "pull" },
  { BS_STEP_PUBLISH_IMAGE, "pull" },
  { BS_STEP_BUILD_IMAGE, "build" },
  { BS_STEP_CHECK_IMAGE, "build" },
  { BS_STEP_DESCRIBE_IMAGE, "build" },
  { BS_STEP_PUBLISH_IMAGE, "build" },
  { BS_STEP_COPY_IMAGE, "import" },
  { BS_STEP_CHECK_IMAGE, "import" },
  { BS_STEP_DESCRIBE_IMAGE, "import" },
  { BS_STEP_PUBLISH_IMAGE, "import" },
  { BS_STEP_TINY_KERNEL, "tiny" },
  { BS_STEP_TINY_INITRD, "tiny" },
  { BS_STEP_TINY_PUBLISH, "tiny" },
  { NULL, NULL },
};

static gboolean
pass (const char *step, const char *when, GError **error)
{
  g_autofree char *name = g_strconcat (step, when, NULL);

  return bs_failpoint (name, error);
}

gboolean
bs_image_step_before (const char *step, GError **error)
{
  return pass (step, ".before", error);
}

gboolean
bs_image_step_after (const char *step, GError **error)
{
  return pass (step, ".after", error);
}
