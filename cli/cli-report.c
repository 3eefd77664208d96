/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-report.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a new file may take its place: it is absent or a file, and no link. */
static gboolean
is_replaceable (const char *file)
{
  struct stat st;

  return lstat (file, &st) != 0 ? errno == ENOENT : S_ISREG (st.st_mode);
}

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
  if (!is_replaceable (file))
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

gboolean
cli_report_write (const char *file, const char *text, GError **error)
{
  bs_autofd int fd = -1;

  if (is_replaceable (file))
    return bs_file_write_atomic (AT_FDCWD, file, text, strlen (text), 0644, error);
  fd = open (file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
  if (fd >= 0 && bs_fd_write_all (fd, text, strlen (text)))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write the report '%s'", file);
  return FALSE;
}
