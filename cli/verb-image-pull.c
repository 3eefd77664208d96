/* SPDX-License-Identifier: Apache-2.0 */
/* verb-image-pull.c — download images of the catalogue */
#include "cli-image.h"
#include "bs-error.h"
#include "bs-image-make.h"

static gboolean json, quiet;

static const GOptionEntry options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print events and results as JSON lines", NULL },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print errors only", NULL },
  { NULL },
};

static BsImage *
pull (const BsImageWork *work, const char *name, GError **error)
{
  g_autoptr (BsCatalogue) catalogue = bs_catalogue_load (work->catalogue, error);
  const BsCatalogueEntry *entry;

  if (catalogue == NULL || !bs_image_check (name, ".", error))
    return NULL;
  entry = bs_catalogue_find (catalogue, name);
  if (entry != NULL)
    return bs_image_pull (work, entry, error);
  bs_set_error (error, BS_ERROR_INVALID, "`benchscale image build` makes those that are built here",
                "image '%s' is not one that is downloaded", name);
  return NULL;
}

static int
run (int argc, char **argv)
{
  return cli_image_make_all (argv, argc, pull, json, quiet);
}

const CliVerb cli_image_pull = {
  .name = "image pull",
  .arguments = "NAME…",
  .summary = "download images from their publishers",
  .description
  = "Asks the publisher which image is current and downloads it unless it is in the cache already. An interrupted "
    "download is continued. The publisher's checksum file is fetched each time, and what does not match it is never "
    "used.",
  .examples = "benchscale image pull ubuntu-24.04 alpine — have both ready before labs need them\n",
  .options = options,
  .min = 1,
  .max = G_MAXINT,
  .run = run,
};
