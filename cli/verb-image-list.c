/* SPDX-License-Identifier: Apache-2.0 */
/* verb-image-list.c — the images there are */
#include "cli-image.h"
#include "bs-image-cache.h"
#include "bs-manifest.h"

#include <stdio.h>

static gboolean json;

static const GOptionEntry options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print a JSON array", NULL },
  { NULL },
};

/* RFC 3339, or NULL for never; (transfer full) */
static char *
format_time (gint64 usec)
{
  g_autoptr (GDateTime) time = usec > 0 ? g_date_time_new_from_unix_utc (usec / G_USEC_PER_SEC) : NULL;

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

static json_t *
to_json (const BsImageInfo *info)
{
  g_autofree char *used = format_time (info->used_usec);
  json_t *aliases = json_array ();

  for (char **alias = info->aliases; *alias != NULL; alias++)
    json_array_append_new (aliases, json_string (*alias));
  return json_pack ("{s:s, s:o, s:s, s:s, s:I, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*}", "name", info->name, "aliases",
                    aliases, "origin", bs_image_origin_name (info->origin), "state", info->state, "bytes",
                    (json_int_t) info->bytes, "description", info->description, "user", info->user, "firmware",
                    info->firmware, "digest", info->digest, "folder", info->folder, "used", used);
}

static void
print_json (const GPtrArray *infos)
{
  g_autoptr (json_t) list = json_array ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < infos->len; i++)
    json_array_append_new (list, to_json (g_ptr_array_index (infos, i)));
  text = bs_json_dump (list);
  printf ("%s\n", text);
}

static void
print_table (const GPtrArray *infos)
{
  printf ("%-22s %-10s %-10s %10s  %-20s %s\n", "IMAGE", "ORIGIN", "STATE", "SIZE", "LAST USE", "ALIASES");
  for (guint i = 0; i < infos->len; i++)
    {
      const BsImageInfo *info = g_ptr_array_index (infos, i);
      g_autofree char *used = format_time (info->used_usec), *aliases = g_strjoinv (", ", info->aliases);
      g_autofree char *size = info->bytes > 0 ? cli_image_bytes (info->bytes) : g_strdup ("-");

      printf ("%-22s %-10s %-10s %10s  %-20s %s\n", info->name, bs_image_origin_name (info->origin), info->state, size,
              used != NULL ? used : "-", aliases);
    }
}

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) infos = NULL;
  BsImageWork work;

  if (bs_image_work_init (&work, NULL, NULL, NULL, &error))
    infos = bs_image_list (&work, &error);
  if (infos == NULL)
    return cli_fail (error);
  if (json)
    print_json (infos);
  else
    print_table (infos);
  return 0;
}

const CliVerb cli_image_list = {
  .name = "image list",
  .arguments = "",
  .summary = "show the images there are",
  .description
  = "One line an image: where it comes from (tiny: built in; recipe: built here; catalogue: downloaded from its "
    "publisher; imported), and whether the cache has it. `available` ones are made when a lab first needs them, `old` "
    "ones were replaced and go with `benchscale image prune`.",
  .examples = "benchscale image list --json — for scripts\n",
  .options = options,
  .run = run,
};
