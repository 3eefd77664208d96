/* SPDX-License-Identifier: Apache-2.0 */
/* verb-up.c — bring a topology up */
#include "cli.h"
#include "cli-topology.h"
#include "bs-lab-private.h"

#include <stdio.h>
#include <string.h>

static char *name, *timeout;
static gboolean json, dry_run, keep_failed, quiet, cold;

static const GOptionEntry options[] = {
  { "name", 'n', 0, G_OPTION_ARG_STRING, &name, "the lab's name instead of the topology's", "NAME" },
  { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "print what would be done and change nothing", NULL },
  { "keep-failed", 0, 0, G_OPTION_ARG_NONE, &keep_failed, "leave what was built when it fails, to look at it", NULL },
  { "cold", 0, 0, G_OPTION_ARG_NONE, &cold, "boot every node, fork none from a template", NULL },
  { "timeout", 't', 0, G_OPTION_ARG_STRING, &timeout, "give up after this long (default: setting up.timeout, 5m)",
    "DURATION" },
  CLI_TOPOLOGY_OPTIONS,
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print nothing but errors", NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print events, then the lab's status, as JSON lines", NULL },
  { NULL },
};

/* What a node's environment says may be a secret: its names are enough here. */
static void
hide_values (json_t *record)
{
  json_t *node, *variable;
  size_t i, k;

  json_object_del (record, "variables");
  json_array_foreach (json_object_get (record, "nodes"), i, node)
  {
    json_t *names = json_array ();

    json_array_foreach (json_object_get (node, "env"), k, variable)
    {
      const char *text = json_string_value (variable);

      json_array_append_new (names, json_stringn (text, strcspn (text, "=")));
    }
    json_object_set_new (node, "env", names);
  }
}

/* How each begins, and what has to be made before. */
static void
add_starts (const BsPlan *plan, json_t *record)
{
  json_t *missing = json_array (), *node;
  size_t i;

  json_array_foreach (json_object_get (record, "nodes"), i, node)
  {
    g_autofree char *how = bs_plan_explain_start (plan, g_ptr_array_index (plan->nodes, i));

    if (how != NULL)
      json_object_set_new (node, "start", json_string (how));
  }
  for (guint k = 0; k < plan->missing->len; k++)
    json_array_append_new (missing, json_string (g_ptr_array_index (plan->missing, k)));
  json_object_set_new (record, "missing", missing);
}

static int
print_plan (BsPlan *plan)
{
  g_autoptr (json_t) record = json ? bs_plan_record (plan, "planned") : NULL;
  g_autofree char *text = NULL;

  bs_plan_find_images (plan);
  if (json)
    {
      hide_values (record);
      add_starts (plan, record);
    }
  text = json ? bs_json_dump (record) : bs_plan_describe (plan);
  printf ("%s%s", text, json ? "\n" : "");
  return 0;
}

static void
print_addresses (BsLab *lab)
{
  json_t *node, *interface;
  size_t i, k;

  printf ("lab %s is ready\n", bs_lab_name (lab));
  json_array_foreach (json_object_get (bs_lab_record (lab), "nodes"), i, node)
  {
    printf ("  %-16s", bs_json_string (node, "name", ""));
    json_array_foreach (json_object_get (node, "interfaces"), k, interface)
        printf (" %s %s", bs_json_string (interface, "network", ""), bs_json_string (interface, "address", ""));
    printf ("\n");
  }
}

static int
bring_up (BsPlan *plan, const BsLabOptions *lab_options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = bs_lab_up_plan (plan, lab_options, cli_interruptible (), &error);
  g_autofree char *status = NULL;

  cli_progress_free (lab_options->event_data);
  if (lab == NULL)
    return cli_fail (g_steal_pointer (&error));
  if (!json)
    {
      if (!quiet)
        print_addresses (lab);
      return 0;
    }
  status = bs_lab_status (lab, &error);
  if (status == NULL)
    return cli_fail (g_steal_pointer (&error));
  printf ("%s\n", status);
  return 0;
}

static int
run (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  BsLabOptions lab_options = BS_LAB_OPTIONS_INIT;
  BsTopology *topology;
  BsPlan *plan;
  int code = 0;

  if (!cli_duration ("--timeout", timeout, &lab_options.timeout_usec, &error))
    return cli_fail (g_steal_pointer (&error));
  cli_interruptible ();
  topology = cli_load_topology (argc > 0 ? argv[0] : "topology.yaml", &code);
  if (topology == NULL)
    return code;
  if (!cli_refuse_inert (topology))
    {
      bs_topology_free (topology);
      return 2;
    }
  plan = bs_plan_make (topology, name, &error);
  if (plan == NULL)
    return cli_fail (g_steal_pointer (&error));
  plan->cold = cold;
  if (dry_run)
    {
      code = print_plan (plan);
      bs_plan_free (plan);
      return code;
    }
  lab_options.keep_failed = keep_failed;
  lab_options.cold = cold;
  lab_options.event = cli_progress_event;
  lab_options.event_data = cli_progress_new (json, quiet);
  return bring_up (plan, &lab_options);
}

const CliVerb cli_up = {
  .name = "up",
  .alias = "create",
  .arguments = "[TOPOLOGY]",
  .summary = "bring the lab of a topology file up",
  .description
  = "Starts every node of TOPOLOGY (topology.yaml when none is given) in the order that depends_on asks for, all "
    "others at once, and returns when each is ready. When it fails or is interrupted, what was begun is undone, "
    "unless --keep-failed was given.",
  .examples = "benchscale up examples/hello.yaml — bring up the lab *hello*\n"
              "benchscale up --dry-run — show addresses and order, change nothing\n",
  .options = options,
  .max = 1,
  .run = run,
};
