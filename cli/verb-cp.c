/* SPDX-License-Identifier: Apache-2.0 */
/* verb-cp.c — copy into and out of nodes */
#include "cli.h"
#include "bs-error.h"

#include <string.h>

static const GOptionEntry options[] = {
  { NULL },
};

/* "LAB/NODE:PATH"; a path of this host that has a colon is written with a slash before it ("./a:b"). */
static gboolean
split (const char *text, char **node, const char **path)
{
  const char *colon = strchr (text, ':');
  g_autofree char *before = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : NULL;

  *node = NULL;
  *path = text;
  if (colon == NULL || text[0] == '/' || text[0] == '.' || strchr (before, '/') == NULL)
    return FALSE;
  *node = g_steal_pointer (&before);
  *path = colon + 1;
  return TRUE;
}

static int
copy (const char *where, gboolean in, const char *source, const char *destination)
{
  g_autofree char *lab_name = NULL, *node = NULL;
  g_autoptr (BsLab) lab = NULL;
  GError *error = NULL;

  if (cli_split_node (where, &lab_name, &node, &error) && (lab = bs_lab_open (lab_name, &error)) != NULL
      && (in ? bs_lab_copy_in : bs_lab_copy_out) (lab, node, source, destination, cli_interruptible (), &error))
    return 0;
  return cli_fail (error);
}

static int
run (int argc, char **argv)
{
  g_autofree char *from = NULL, *to = NULL;
  const char *source, *destination;

  cli_interruptible ();
  split (argv[0], &from, &source);
  split (argv[1], &to, &destination);
  if ((from == NULL) == (to == NULL))
    return cli_usage ("cp", from == NULL ? "neither side names a node (LAB/NODE:PATH)"
                                         : "copying from node to node goes through this host: copy twice");
  if (source[0] == '\0' || destination[0] == '\0')
    return cli_usage ("cp", "an empty path");
  return to != NULL ? copy (to, TRUE, source, destination) : copy (from, FALSE, source, destination);
}

const CliVerb cli_cp = {
  .name = "cp",
  .arguments = "SOURCE DESTINATION",
  .summary = "copy files and folders into or out of a node",
  .description = "One of SOURCE and DESTINATION is LAB/NODE:PATH, the other a path here. Folders are copied whole; "
                 "modes, times, symbolic links and holes are kept, owners into a node only: what comes out of one "
                 "belongs to you. What a node sends is written below DESTINATION only; a symbolic link that is there "
                 "as DESTINATION is replaced by a file, not followed, unless it is written with a slash at its end "
                 "(*out/*). Devices, sockets and FIFOs cannot be copied.",
  .examples = "benchscale cp site hello/alpha:/srv/ — copy a folder in\n"
              "benchscale cp hello/alpha:/var/log/messages . — copy a file out\n",
  .options = options,
  .min = 2,
  .max = 2,
  .run = run,
};
