/* SPDX-License-Identifier: Apache-2.0 */
/* verb-image-build.c — build images from the distribution's packages */
#include "cli-image.h"
#include "bs-error.h"
#include "bs-image-make.h"

#include <string.h>

static gboolean anew, json, quiet;

static const GOptionEntry options[] = {
  { "force", 'f', 0, G_OPTION_ARG_NONE, &anew, "build even if the cache has one of the same inputs", NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print events and results as JSON lines", NULL },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print errors only", NULL },
  { NULL },
};

static BsImage *
build (const BsImageWork *work, const char *name, GError **error)
{
  if (strcmp (name, "tiny") == 0)
    return bs_image_tiny (work, error);
  if (g_strv_contains (bs_image_recipes.names (), name))
    return bs_image_build (work, &bs_image_recipes, name, anew, error);
  if (bs_image_check (name, ".", error))
    bs_set_error (error, BS_ERROR_INVALID, "`benchscale image pull` downloads those of the catalogue",
                  "image '%s' is not one that is built here", name);
  return NULL;
}

static int
run (int argc, char **argv)
{
  return cli_image_make_all (argv, argc, build, json, quiet);
}

const CliVerb cli_image_build = {
  .name = "image build",
  .arguments = "NAME…",
  .summary = "build images from the distribution's packages",
  .description = "Builds what is not in the cache yet, or whose recipe, packages or guest program have changed since. "
                 "The same inputs give the same bytes.",
  .examples = "benchscale image build tiny — have it ready before the first lab\n",
  .options = options,
  .min = 1,
  .max = G_MAXINT,
  .run = run,
};
