/* SPDX-License-Identifier: Apache-2.0 */
/* verb-list.c — the labs there are */
#include "cli.h"
#include "bs-lab-list.h"
#include "bs-registry.h"

#include <stdio.h>

static gboolean json;

static const GOptionEntry options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print a JSON array", NULL },
  { NULL },
};

static void
print_table (const json_t *labs)
{
  json_t *lab;
  size_t i;

  if (json_array_size (labs) > 0)
    printf ("%-24s %-10s %5s  %s\n", "LAB", "STATE", "NODES", "TOPOLOGY");
  json_array_foreach (labs, i, lab) printf ("%-24s %-10s %2d/%-2d  %s\n", bs_json_string (lab, "name", ""),
                                            bs_json_string (lab, "state", ""), (int) bs_json_int (lab, "running", 0),
                                            (int) bs_json_int (lab, "nodes", 0), bs_json_string (lab, "topology", ""));
}

static int
run (int argc, char **argv)
{
  g_autoptr (json_t) labs = NULL;
  GError *error = NULL;
  guint others;

  if (!bs_registry_check (&error))
    return cli_fail (error);
  labs = bs_lab_list ();
  others = bs_lab_count_others ();
  if (json)
    {
      g_autofree char *text = bs_json_dump (labs);

      printf ("%s\n", text);
      return 0;
    }
  print_table (labs);
  if (others > 0)
    fprintf (stderr, "(%u more lab%s of another user or state folder)\n", others, others == 1 ? "" : "s");
  return 0;
}

const CliVerb cli_list = {
  .name = "list",
  .arguments = "",
  .summary = "show the labs there are",
  .description
  = "One line a lab: its name, its state, how many of its nodes run, and the file it came from. Labs of root and "
    "of other users are apart; a note says when there are some.",
  .examples = "benchscale list --json — for scripts\n",
  .options = options,
  .max = 0,
  .run = run,
};
