/* SPDX-License-Identifier: Apache-2.0 */
/* verb-image-import.c — copy a disk image into the cache, under a name */
#include "cli-image.h"
#include "bs-image-make.h"

static gboolean json, quiet;
static char *name, *user, *firmware;

static const GOptionEntry options[] = {
  { "firmware", 0, 0, G_OPTION_ARG_STRING, &firmware, "how it boots: bios (the default) or uefi", "WORD" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print events and the result as JSON lines", NULL },
  { "name", 'n', 0, G_OPTION_ARG_STRING, &name, "what topologies call it", "NAME" },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print errors only", NULL },
  { "user", 'u', 0, G_OPTION_ARG_STRING, &user, "its default login", "USER" },
  { NULL },
};

static BsImage *
import (const BsImageWork *work, const char *file, GError **error)
{
  BsImageImport request = { file, name, user, firmware };

  return bs_image_import (work, &request, error);
}

static int
run (int argc, char **argv)
{
  if (name == NULL)
    return cli_usage ("image import", "wants --name");
  return cli_image_make_all (argv, argc, import, json, quiet);
}

const CliVerb cli_image_import = {
  .name = "image import",
  .arguments = "FILE",
  .summary = "copy a disk image into the cache, under a name",
  .description
  = "FILE is a qcow2 or raw image that is whole in itself: one with a backing file is refused. An image that was "
    "imported under the same name before is replaced. A topology may also name a file by its path; then it is used "
    "where it is.",
  .examples = "benchscale image import router.qcow2 --name router --user admin — then `image: router`\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
