/* SPDX-License-Identifier: Apache-2.0 */
/* verb-image-prune.c — take away images that are not needed */
#include "cli-image.h"
#include "bs-image-cache.h"

#include <stdio.h>

static gboolean all, dry_run, json;
static char *keep_size, *older_than;

static const GOptionEntry options[] = {
  { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "remove everything, imported images too", NULL },
  { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "only say what would be removed", NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print a JSON array", NULL },
  { "keep-size", 0, 0, G_OPTION_ARG_STRING, &keep_size,
    "remove the least recently used until no more than this is left: 20G", "SIZE" },
  { "older-than", 0, 0, G_OPTION_ARG_STRING, &older_than, "remove what was not used for so long: 24h", "DURATION" },
  { NULL },
};

static gboolean
read_options (BsImagePrune *prune, GError **error)
{
  *prune = (BsImagePrune){ all, dry_run, G_MAXUINT64, -1 };
  if (keep_size != NULL && !cli_bytes ("--keep-size", keep_size, &prune->keep_bytes, error))
    return FALSE;
  return older_than == NULL || cli_duration ("--older-than", older_than, &prune->older_than_usec, error);
}

static void
print_json (const GPtrArray *pruned)
{
  g_autoptr (json_t) list = json_array ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < pruned->len; i++)
    {
      const BsImagePruned *item = g_ptr_array_index (pruned, i);

      json_array_append_new (list, json_pack ("{s:s, s:I, s:s, s:b, s:s*}", "what", item->what, "bytes",
                                              (json_int_t) item->bytes, "why", item->why, "removed",
                                              !dry_run && item->problem == NULL, "problem", item->problem));
    }
  text = bs_json_dump (list);
  printf ("%s\n", text);
}

static void
print_lines (const GPtrArray *pruned)
{
  for (guint i = 0; i < pruned->len; i++)
    {
      const BsImagePruned *item = g_ptr_array_index (pruned, i);
      g_autofree char *size = cli_image_bytes (item->bytes);

      if (item->problem != NULL)
        fprintf (stderr, "kept %s: %s\n", item->what, item->problem);
      else
        printf ("%s %s (%s): %s\n", dry_run ? "would remove" : "removed", item->what, size, item->why);
    }
}

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) pruned = NULL;
  BsImagePrune prune;
  BsImageWork work;

  if (read_options (&prune, &error) && bs_image_work_init (&work, NULL, NULL, cli_interruptible (), &error))
    pruned = bs_image_prune (&work, &prune, &error);
  if (pruned == NULL)
    return cli_fail (error);
  if (json)
    print_json (pruned);
  else
    print_lines (pruned);
  return 0;
}

const CliVerb cli_image_prune = {
  .name = "image prune",
  .arguments = "",
  .summary = "remove images and templates that are not needed",
  .description
  = "Removes images that a newer one has replaced and templates of these, damaged ones, and what interrupted downloads "
    "and builds left. The options remove more. What a recorded lab stands on, running or not, stays, as does an image "
    "that a template needs or a process has open; imported images stay unless --all is given. What is gone is made "
    "anew "
    "when a lab needs it. The setting cache.limit does the same as --keep-size by itself.",
  .examples = "benchscale image prune --keep-size 20G --dry-run — look first\n",
  .options = options,
  .run = run,
};
