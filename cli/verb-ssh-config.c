/* SPDX-License-Identifier: Apache-2.0 */
/* verb-ssh-config.c — nodes for OpenSSH's own configuration */
#include "cli.h"
#include "bs-lab-ssh.h"
#include "bs-registry.h"

#include <stdio.h>

static const GOptionEntry options[] = {
  { NULL },
};

static int
print_one (const char *name)
{
  GError *error = NULL;
  g_autoptr (BsLab) lab = bs_lab_open (name, &error);
  g_autofree char *text = lab != NULL ? bs_lab_ssh_config (lab, &error) : NULL;

  if (text == NULL)
    return cli_fail (error);
  fputs (text, stdout);
  return 0;
}

/* Labs that cannot be read, or have no SSH servers, are somebody else's matter. */
static int
print_all (void)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) names = NULL;
  gboolean any = FALSE;

  if (!bs_registry_check (&error))
    return cli_fail (error);
  names = bs_registry_list ();
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (BsLab) lab = bs_lab_open (g_ptr_array_index (names, i), NULL);
      g_autofree char *text = lab != NULL ? bs_lab_ssh_config (lab, NULL) : NULL;

      if (text != NULL)
        printf ("%s%s", any ? "\n" : "", text);
      any |= text != NULL;
    }
  return 0;
}

static int
run (int argc, char **argv)
{
  return argc > 0 ? print_one (argv[0]) : print_all ();
}

const CliVerb cli_ssh_config = {
  .name = "ssh-config",
  .arguments = "[LAB]",
  .summary = "print nodes for ~/.ssh/config",
  .description
  = "One *Host* block for each node with an SSH server, named LAB.NODE, of one lab or of all: address, port, "
    "user, key, and the host key that it must have. With it, ssh, scp, sftp, rsync and whatever uses them "
    "reach nodes by that name.",
  .examples = "benchscale ssh-config shop > shop.conf; ssh -F shop.conf shop.web — a plain ssh\n"
              "rsync -e 'ssh -F shop.conf' -a site/ shop.web:/srv/site/ — rsync\n",
  .options = options,
  .max = 1,
  .run = run,
};
