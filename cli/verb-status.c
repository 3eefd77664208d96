/* SPDX-License-Identifier: Apache-2.0 */
/* verb-status.c — one lab and how its parts are */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static gboolean json;

static const GOptionEntry options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print the whole as JSON", NULL },
  { NULL },
};

static void
print_interfaces (const json_t *node)
{
  json_t *interface;
  size_t i;

  json_array_foreach (json_object_get (node, "interfaces"), i, interface)
  {
    const json_t *counters = json_object_get (interface, "counters");

    printf ("    %-8s %-12s %s/%d  %s", bs_json_string (interface, "name", ""),
            bs_json_string (interface, "network", ""), bs_json_string (interface, "address", ""),
            (int) bs_json_int (interface, "prefix", 0), bs_json_string (interface, "mac", ""));
    if (counters != NULL)
      printf ("  sent %" G_GINT64_FORMAT ", received %" G_GINT64_FORMAT " frames",
              bs_json_int (counters, "rx_packets", 0), bs_json_int (counters, "tx_packets", 0));
    printf ("\n");
  }
}

static void
print_memory (const json_t *node)
{
  gint64 own = bs_json_int (node, "own_memory_kib", -1), shared = bs_json_int (node, "shared_memory_kib", -1);

  if (own >= 0 && shared >= 0)
    printf ("    memory   %.1f MiB its own, %.1f MiB shared\n", (double) own / 1024, (double) shared / 1024);
}

static void
print_status (const json_t *status)
{
  json_t *node;
  size_t i;

  printf ("lab %s: %s (from %s)\n", bs_json_string (status, "name", ""), bs_json_string (status, "state", ""),
          bs_json_string (status, "topology", ""));
  json_array_foreach (json_object_get (status, "nodes"), i, node)
  {
    printf ("  %-16s %-8s %s, %s, %d MiB", bs_json_string (node, "name", ""), bs_json_string (node, "state", "absent"),
            bs_json_string (node, "backend", ""), bs_json_string (node, "image", ""),
            (int) bs_json_int (node, "memory_mb", 0));
    if (json_object_get (node, "pid") != NULL)
      printf (", pid %d", (int) bs_json_int (node, "pid", 0));
    printf ("\n");
    print_memory (node);
    print_interfaces (node);
  }
}

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (BsLab) lab = bs_lab_open (argv[0], &error);
  g_autofree char *text = lab != NULL ? bs_lab_status (lab, &error) : NULL;
  g_autoptr (json_t) status = NULL;

  if (text == NULL)
    return cli_fail (error);
  if (json)
    {
      printf ("%s\n", text);
      return 0;
    }
  status = bs_json_load (text, strlen (text), NULL);
  print_status (status);
  return 0;
}

const CliVerb cli_status = {
  .name = "status",
  .arguments = "LAB",
  .summary = "show a lab: its nodes, addresses and counters",
  .description
  = "Shows the state of each node, the host's memory that it uses (what it wrote is its own; what it only reads, as of "
    "its template, is shared by all that are forked from it), its addresses, and what its interfaces have sent and "
    "received. The state of the lab is *running*, *degraded* (a node is gone), *stopped* (all are), *failed* (kept "
    "after an up that failed) or "
    "*starting*.",
  .examples = "benchscale status hello --json — for scripts\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
