/* SPDX-License-Identifier: Apache-2.0 */
/* verb-image-verify.c — is every byte in the cache what it was */
#include "cli-image.h"
#include "bs-image-cache.h"

#include <stdio.h>

static gboolean json, quiet;

static const GOptionEntry options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print a JSON array", NULL },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print damaged images only", NULL },
  { NULL },
};

static void
print_json (const GPtrArray *verdicts)
{
  g_autoptr (json_t) list = json_array ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < verdicts->len; i++)
    {
      const BsImageVerdict *verdict = g_ptr_array_index (verdicts, i);

      json_array_append_new (list, json_pack ("{s:s, s:s, s:I, s:b, s:s*}", "name", verdict->name, "folder",
                                              verdict->folder, "bytes", (json_int_t) verdict->bytes, "sound",
                                              verdict->problem == NULL, "problem", verdict->problem));
    }
  text = bs_json_dump (list);
  printf ("%s\n", text);
}

/* Returns: how many are damaged. */
static guint
print_verdicts (const GPtrArray *verdicts)
{
  guint damaged = 0;

  for (guint i = 0; i < verdicts->len; i++)
    {
      const BsImageVerdict *verdict = g_ptr_array_index (verdicts, i);

      damaged += verdict->problem != NULL;
      if (!json && verdict->problem != NULL)
        fprintf (stderr, "benchscale: %s '%s' (%s): %s\n", verdict->is_template ? "template" : "image", verdict->name,
                 verdict->folder, verdict->problem);
      else if (!json && !quiet)
        printf ("%s: sound\n", verdict->is_template ? verdict->name : verdict->folder);
    }
  return damaged;
}

static int
run (int argc, char **argv)
{
  g_autofree char **names = g_new0 (char *, (gsize) argc + 1);
  GError *error = NULL;
  g_autoptr (GPtrArray) verdicts = NULL;
  guint damaged;
  BsImageWork work;

  for (int i = 0; i < argc; i++)
    names[i] = argv[i];
  if (bs_image_work_init (&work, NULL, NULL, cli_interruptible (), &error))
    verdicts = bs_image_verify (&work, (const char *const *) names, &error);
  if (verdicts == NULL)
    return cli_fail (error);
  damaged = print_verdicts (verdicts);
  if (json)
    print_json (verdicts);
  if (damaged > 0 && !json)
    fprintf (stderr, "hint: what is damaged is not used any more, and made anew when it is needed; `benchscale image "
                     "prune` removes it\n");
  return damaged > 0 ? 1 : 0;
}

const CliVerb cli_image_verify = {
  .name = "image verify",
  .arguments = "[NAME…]",
  .summary = "check every byte of the images and templates in the cache",
  .description
  = "Reads all files and compares their SHA-256 with what it was when they were made. Ends with 1 when one "
    "is damaged; it is not used from then on. (When a lab comes up, only inode, size and time are compared.)",
  .examples = "benchscale image verify — all of them\n",
  .options = options,
  .max = G_MAXINT,
  .run = run,
};
