/* SPDX-License-Identifier: Apache-2.0 */
/* verb-image-list.c — the images there are */
#include "cli-image.h"
#include "bs-image-cache.h"
#include "bs-manifest.h"
#include "bs-template-cache.h"

#include <stdio.h>

#define TEMPLATE "template"
#define ROW "%-22s %-10s %-10s %10s  %-20s "

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

/* "debian-12, template-0123abcd": its image, and the template that it was derived from if it did not boot. */
static char *
derivation (const BsTemplateInfo *info)
{
  const char *image = info->image != NULL ? info->image : "?";
  g_autofree char *base = info->base != NULL ? bs_template_shown_name (info->base) : NULL;

  return base != NULL ? g_strdup_printf ("%s, %s", image, base) : g_strdup (image);
}

static const char *
state_of (const BsTemplateInfo *info)
{
  return info->problem != NULL ? "damaged" : info->kept ? "failed" : info->in_use ? "in use" : "ready";
}

static json_t *
template_to_json (const BsTemplateInfo *info)
{
  g_autofree char *name = bs_template_shown_name (info->key), *used = format_time (info->used_usec);

  return json_pack ("{s:s, s:s, s:s, s:s, s:I, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*}", "name", name, "origin", TEMPLATE,
                    "state", state_of (info), "key", info->key, "bytes", (json_int_t) info->bytes, "description",
                    info->text, "image", info->image, "base", info->base, "backing", info->backing, "problem",
                    info->problem, "used", used);
}

static void
print_json (const GPtrArray *infos, const GPtrArray *templates)
{
  g_autoptr (json_t) list = json_array ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < infos->len; i++)
    json_array_append_new (list, to_json (g_ptr_array_index (infos, i)));
  for (guint i = 0; i < templates->len; i++)
    json_array_append_new (list, template_to_json (g_ptr_array_index (templates, i)));
  text = bs_json_dump (list);
  printf ("%s\n", text);
}

static void
print_images (const GPtrArray *infos)
{
  printf (ROW "%s\n", "IMAGE", "ORIGIN", "STATE", "SIZE", "LAST USE", "ALIASES");
  for (guint i = 0; i < infos->len; i++)
    {
      const BsImageInfo *info = g_ptr_array_index (infos, i);
      g_autofree char *used = format_time (info->used_usec), *aliases = g_strjoinv (", ", info->aliases);
      g_autofree char *size = info->bytes > 0 ? cli_image_bytes (info->bytes) : g_strdup ("-");

      printf (ROW "%s\n", info->name, bs_image_origin_name (info->origin), info->state, size, used != NULL ? used : "-",
              aliases);
    }
}

static void
print_templates (const GPtrArray *templates)
{
  if (templates->len > 0)
    printf ("\n" ROW "%-30s %s\n", "TEMPLATE", "ORIGIN", "STATE", "SIZE", "LAST USE", "DERIVED FROM", "MACHINE");
  for (guint i = 0; i < templates->len; i++)
    {
      const BsTemplateInfo *info = g_ptr_array_index (templates, i);
      g_autofree char *name = bs_template_shown_name (info->key), *used = format_time (info->used_usec);
      g_autofree char *size = cli_image_bytes (info->bytes), *from = derivation (info);

      printf (ROW "%-30s %s\n", name, TEMPLATE, state_of (info), size, used != NULL ? used : "-", from,
              info->text != NULL ? info->text : "");
    }
}

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) infos = NULL, templates = NULL;
  BsImageWork work;

  if (bs_image_work_init (&work, NULL, NULL, NULL, &error))
    infos = bs_image_list (&work, &error);
  if (infos == NULL)
    return cli_fail (error);
  templates = bs_template_list (work.cache_dir);
  if (json)
    print_json (infos, templates);
  else
    {
      print_images (infos);
      print_templates (templates);
    }
  return 0;
}

const CliVerb cli_image_list = {
  .name = "image list",
  .arguments = "",
  .summary = "show the images and templates there are",
  .description
  = "One line an image: where it comes from (tiny: built in; recipe: built here; catalogue: downloaded from its "
    "publisher; imported), and whether the cache has it. `available` ones are made when a lab first needs them, `old` "
    "ones were replaced and go with `benchscale image prune`. Then one line a template, a machine that was frozen for "
    "nodes to be forked from: the image and the template that it was derived from, and what machine it is.",
  .examples = "benchscale image list --json — for scripts\n",
  .options = options,
  .run = run,
};
