/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-report.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "cli-output.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not opened: a FIFO would wait for its reader, or end it. */
static gboolean
is_writable (const char *file)
{
  g_autofree char *probe = NULL;
  bs_autofd int fd = -1;
  struct stat st;

  if (stat (file, &st) == 0 && S_ISDIR (st.st_mode))
    {
      errno = EISDIR;
      return FALSE;
    }
  if (!cli_output_is_replaceable (file))
    return access (file, W_OK) == 0 || errno == ENOENT; /* a link to what is not there yet */
  probe = g_strdup_printf ("%s.XXXXXX", file);
  fd = g_mkstemp (probe);
  return fd >= 0 && unlink (probe) == 0;
}

gboolean
cli_report_check (const char *file, GError **error)
{
  if (strcmp (file, "-") == 0 || is_writable (file))
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, "name a file in a folder that exists and may be written",
                "cannot write the report '%s': %s", file, g_strerror (errno));
  return FALSE;
}
