/* SPDX-License-Identifier: Apache-2.0 */
/* verb-inventory.c — nodes for Ansible */
#include "cli.h"
#include "bs-lab-ssh.h"
#include "bs-registry.h"

#include <stdio.h>

static char *format;

static const GOptionEntry options[] = {
  { "format", 0, 0, G_OPTION_ARG_STRING, &format, "yaml (default), ini or json", "FORMAT" },
  { NULL },
};

static gboolean
collect_all (json_t *inventory, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  if (!bs_registry_check (error))
    return FALSE;
  names = bs_registry_list ();
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (BsLab) lab = bs_lab_open (g_ptr_array_index (names, i), NULL);

      if (lab != NULL)
        bs_lab_inventory_add (lab, inventory, NULL);
    }
  return TRUE;
}

static int
run (int argc, char **argv)
{
  g_autoptr (json_t) inventory = json_pack ("{s:{s:{}}}", "all", "hosts");
  g_autoptr (BsLab) lab = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;
  gboolean ok;

  if (argc > 0)
    ok = (lab = bs_lab_open (argv[0], &error)) != NULL && bs_lab_inventory_add (lab, inventory, &error);
  else
    ok = collect_all (inventory, &error);
  if (ok)
    text = bs_inventory_format (inventory, format != NULL ? format : "yaml", &error);
  if (text == NULL)
    return cli_fail (error);
  fputs (text, stdout);
  return 0;
}

const CliVerb cli_inventory = {
  .name = "inventory",
  .arguments = "[LAB]",
  .summary = "print nodes as an Ansible inventory",
  .description
  = "The nodes that have an SSH server, of one lab or of all, as hosts LAB.NODE with what Ansible needs to "
    "reach them, in groups lab_NAME, network_NAME, image_NAME, tag_NAME (of the topology's metadata) and "
    "count_NAME (nodes made by one *count*); what is no letter or digit becomes an underscore.",
  .examples
  = "benchscale inventory shop > hosts.yaml; ansible -i hosts.yaml network_lan -m ping — ask all on one network\n",
  .options = options,
  .max = 1,
  .run = run,
};
