/* SPDX-License-Identifier: Apache-2.0 */
/* verb-fmt.c — topology files in their canonical form */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-fmt.h"
#include "bs-yaml.h"
#include "cli-diagnostics.h"
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static gboolean check, write_back;
static char *to;

static const GOptionEntry options[] = {
  { "check", 'c', 0, G_OPTION_ARG_NONE, &check, "change nothing; name the files that are not so, and return 1", NULL },
  { "write", 'w', 0, G_OPTION_ARG_NONE, &write_back, "write each file back instead of printing it", NULL },
  { "to", 't', 0, G_OPTION_ARG_STRING, &to, "yaml (default), or json: typed values, as the schema wants them",
    "FORMAT" },
  { NULL },
};

/* Where links lead, with the mode that the file has. */
static gboolean
write_file (const char *path, const char *text, GError **error)
{
  g_autofree char *place = realpath (path, NULL);
  struct stat status;

  if (place == NULL || stat (place, &status) != 0)
    {
      bs_set_error_errno (error, errno, "cannot write '%s'", path);
      return FALSE;
    }
  return bs_file_write_atomic (AT_FDCWD, place, text, strlen (text), status.st_mode & 07777, error);
}

static int
put (const char *path, const char *data, const char *text)
{
  GError *error = NULL;

  if (!check && !write_back)
    return fputs (text, stdout) >= 0 ? 0 : 4;
  if (strcmp (data, text) == 0)
    return 0;
  if (!check)
    return write_file (path, text, &error) ? 0 : cli_fail (error);
  printf ("%s\n", path);
  return 1;
}

static int
format_file (const char *path)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autofree char *data = NULL, *text = NULL;
  GError *error = NULL;
  gsize length;

  data = bs_file_read_settled (AT_FDCWD, path, BS_YAML_BYTES_MAX, &length, &error);
  if (data == NULL)
    return cli_fail (error);
  text = (g_strcmp0 (to, "json") == 0 ? bs_fmt_json : bs_fmt) (path, data, length, &diagnostics);
  cli_print_diagnostics (diagnostics);
  return text != NULL ? put (path, data, text) : 2;
}

static int
run (int argc, char **argv)
{
  int worst = 0;

  if (to != NULL && strcmp (to, "yaml") != 0 && strcmp (to, "json") != 0)
    return cli_usage ("fmt", "--to is yaml or json, not '%s'", to);
  if (g_strcmp0 (to, "json") == 0 && (check || write_back))
    return cli_usage ("fmt", "--to json is printed, and neither checked nor written back");
  if (check && write_back)
    return cli_usage ("fmt", "--check and --write exclude each other");
  for (int i = 0; i < argc; i++)
    {
      int code = format_file (argv[i]);

      worst = MAX (worst, code);
    }
  return worst;
}

const CliVerb cli_fmt = {
  .name = "fmt",
  .arguments = "FILE...",
  .summary = "print or write topology files in their canonical form",
  .description
  = "Prints each FILE, a topology or a file of scenarios, with its keys in the manual's order, two spaces of indent, "
    "short "
    "lists and mappings in one line, and no quotes that nobody needs. Comments stay with what they are about, and one "
    "empty line stays where some were. Files of older formats are written in the current one. A file with mistakes is "
    "left "
    "alone. With --to json, prints typed JSON for the schema of *schema*.",
  .examples = "benchscale fmt -w shop.yaml — format a file\n"
              "benchscale fmt --check examples/*.yaml — for continuous integration\n"
              "benchscale fmt --to json shop.yaml — for a validator of JSON\n",
  .options = options,
  .min = 1,
  .max = G_MAXUINT,
  .run = run,
};
