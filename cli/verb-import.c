/* SPDX-License-Identifier: Apache-2.0 */
/* verb-import.c — a topology from the file of another tool */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-import.h"
#include "cli-output.h"
#include "cli.h"

#include <fcntl.h>
#include <stdio.h>

#define FILE_MAX (1024 * 1024)

static char *output;
static gboolean force;

static const GOptionEntry options[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "write to this file instead of standard output", "FILE" },
  { "force", 0, 0, G_OPTION_ARG_NONE, &force, "replace a file that is there", NULL },
  { NULL },
};

static gboolean
write_out (const char *text, GError **error)
{
  if (!force && output != NULL && g_file_test (output, G_FILE_TEST_EXISTS))
    {
      bs_set_error (error, BS_ERROR_EXISTS, "give another name, or --force", "'%s' is there already", output);
      return FALSE;
    }
  return cli_output_write (output, text, error);
}

static int
run (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autofree char *data = NULL, *text = NULL, *said = NULL;
  BsImportFormat format;
  gsize length;

  if (!bs_import_format_parse (argv[0], &format))
    return cli_usage ("import", "the format is compose, containerlab or vagrant, not '%s'", argv[0]);
  data = bs_file_read_settled (AT_FDCWD, argv[1], FILE_MAX, &length, &error);
  if (data == NULL)
    return cli_fail (g_steal_pointer (&error));
  text = bs_import (format, argv[1], data, length, &diagnostics);
  said = bs_diagnostics_format (diagnostics);
  fputs (said, stderr);
  if (text == NULL)
    return 2;
  return write_out (text, &error) ? 0 : cli_fail (g_steal_pointer (&error));
}

const CliVerb cli_import = {
  .name = "import",
  .arguments = "compose|containerlab|vagrant FILE",
  .summary = "make a topology from the file of another tool",
  .description
  = "Prints a valid topology that says what FILE says: a Compose file, a containerlab topology or a Vagrantfile. What "
    "a "
    "topology cannot express is told as warnings with their place in FILE, and once more as comments of the result. Of "
    "a Vagrantfile its declarations and simple loops are read; no Ruby is run.",
  .examples = "benchscale import compose compose.yaml -o topology.yaml — containers of a Compose file as nodes\n",
  .options = options,
  .min = 2,
  .max = 2,
  .run = run,
};
