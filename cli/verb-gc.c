/* SPDX-License-Identifier: Apache-2.0 */
/* verb-gc.c — remove what crashes have left */
#include "cli.h"
#include "bs-gc.h"

#include <stdio.h>

static gboolean json, dry_run;

static const GOptionEntry options[] = {
  { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "only say what would be removed", NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print a JSON array", NULL },
  { NULL },
};

static void
print_json (GPtrArray *items)
{
  g_autoptr (json_t) list = json_array ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < items->len; i++)
    {
      const BsGcItem *item = g_ptr_array_index (items, i);
      json_t *entry = json_pack ("{s:s, s:s, s:i, s:b}", "lab", item->lab, "what", bs_gc_kind_text (item->kind),
                                 "processes", (int) item->processes, "removed",
                                 !dry_run && item->kind != BS_GC_FOREIGN && item->problem == NULL);

      if (item->problem != NULL)
        json_object_set_new (entry, "problem", json_string (item->problem));
      json_array_append_new (list, entry);
    }
  text = bs_json_dump (list);
  printf ("%s\n", text);
}

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) items = bs_gc_run (dry_run, &error);
  int code = 0;

  if (items == NULL)
    return cli_fail (error);
  for (guint i = 0; i < items->len; i++)
    {
      const BsGcItem *item = g_ptr_array_index (items, i);

      if (item->problem != NULL)
        {
          fprintf (stderr, "benchscale: %s: %s\n", item->lab, item->problem);
          code = 4;
        }
      else if (!json && item->kind == BS_GC_FOREIGN)
        printf ("%s: %s\n", item->lab, bs_gc_kind_text (item->kind));
      else if (!json)
        printf ("%s%s: %s (%u process%s)\n", dry_run ? "would remove " : "removed ", item->lab,
                bs_gc_kind_text (item->kind), item->processes, item->processes == 1 ? "" : "es");
    }
  if (json)
    print_json (items);
  return code;
}

const CliVerb cli_gc = {
  .name = "gc",
  .arguments = "",
  .summary = "remove what crashes have left",
  .description = "Finds objects without a lab (by their tags) and labs without objects, and removes them. Running "
                 "labs, labs that another "
                 "command works on, and labs of other state folders are never touched.",
  .examples = "benchscale gc --dry-run — look first\n",
  .options = options,
  .run = run,
};
