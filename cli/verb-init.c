/* SPDX-License-Identifier: Apache-2.0 */
/* verb-init.c — write a commented topology to start from */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "cli-scaffolds.h"
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define NAME_MAX_BYTES 63
#define COUNT_DEFAULT 3
#define COUNT_MAX 1000
#define COUNT_NONE G_MININT /* no --count */

static char *kind, *name;
static int count = COUNT_NONE;
static gboolean force;

static const GOptionEntry options[] = {
  { "kind", 'k', 0, G_OPTION_ARG_STRING, &kind, "two (default), nat, cluster or mixed", "KIND" },
  { "count", 'c', 0, G_OPTION_ARG_INT, &count, "how many machines a cluster has (default 3)", "N" },
  { "name", 'n', 0, G_OPTION_ARG_STRING, &name, "the lab's name (default: the kind)", "NAME" },
  { "force", 0, 0, G_OPTION_ARG_NONE, &force, "replace a file that is there", NULL },
  { NULL },
};

static const CliScaffold *
find (const char *wanted)
{
  for (const CliScaffold *scaffold = cli_scaffolds; scaffold->kind != NULL; scaffold++)
    if (strcmp (scaffold->kind, wanted) == 0)
      return scaffold;
  return NULL;
}

static char *
fill_in (const CliScaffold *scaffold)
{
  g_autofree char *number = g_strdup_printf ("%d", count != COUNT_NONE ? count : COUNT_DEFAULT);
  GString *text = g_string_new (scaffold->text);

  g_string_replace (text, "@NAME@", name != NULL ? name : scaffold->kind, 0);
  g_string_replace (text, "@COUNT@", number, 0);
  return g_string_free (text, FALSE);
}

static gboolean
write_new (const char *path, const char *text, GError **error)
{
  bs_autofd int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0666);

  if (fd >= 0 && bs_fd_write_all (fd, text, strlen (text)))
    return TRUE;
  if (fd < 0 && errno == EEXIST)
    bs_set_error (error, BS_ERROR_EXISTS, "give another name, or --force", "'%s' is there already", path);
  else
    bs_set_error_errno (error, errno, "cannot write '%s'", path);
  return FALSE;
}

static gboolean
is_name (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= NAME_MAX_BYTES && strspn (text, NAME_LETTERS) == length && g_ascii_isalnum (*text);
}

/* Whether this version brings it up: address translation and containers are checked, and refused by `up`. */
static gboolean
is_runnable (const CliScaffold *scaffold)
{
  return strcmp (scaffold->kind, "nat") != 0 && strcmp (scaffold->kind, "mixed") != 0;
}

static int
run (int argc, char **argv)
{
  const char *path = argc > 0 ? argv[0] : "topology.yaml";
  const CliScaffold *scaffold = find (kind != NULL ? kind : "two");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (scaffold == NULL)
    return cli_usage ("init", "--kind is two, nat, cluster or mixed, not '%s'", kind);
  if (count != COUNT_NONE && strcmp (scaffold->kind, "cluster") != 0)
    return cli_usage ("init", "--count is for --kind cluster");
  if (count != COUNT_NONE && (count < 1 || count > COUNT_MAX))
    return cli_usage ("init", "--count is 1 to %d, not %d", COUNT_MAX, count);
  if (name != NULL && !is_name (name))
    return cli_usage ("init", "--name takes letters, digits, '_', '.' and '-', at most %d, the first a letter or digit",
                      NAME_MAX_BYTES);
  text = fill_in (scaffold);
  if (strcmp (path, "-") == 0)
    return fputs (text, stdout) < 0 ? 4 : 0;
  if (!write_new (path, text, &error))
    return cli_fail (g_steal_pointer (&error));
  printf ("wrote %s; next: benchscale %s %s\n", path, is_runnable (scaffold) ? "up" : "validate", path);
  return 0;
}

const CliVerb cli_init = {
  .name = "init",
  .arguments = "[FILE]",
  .summary = "write a commented topology to start from",
  .description
  = "Writes FILE (topology.yaml when none is given, - for standard output): two machines and a test, a home "
    "behind an address translator, a cluster, or a virtual machine and a container on the same wires.",
  .examples = "benchscale init && benchscale up — the shortest way to a running lab\n"
              "benchscale init --kind cluster --count 5 cluster.yaml — five equal machines\n",
  .options = options,
  .max = 1,
  .run = run,
};
