/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-output.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

gboolean
cli_output_is_replaceable (const char *file)
{
  struct stat st;

  return lstat (file, &st) != 0 ? errno == ENOENT : S_ISREG (st.st_mode);
}

/* Into a device such as /dev/null, which must stay one, a pipe, or where a link leads. */
static gboolean
write_into (const char *file, const char *text, GError **error)
{
  bs_autofd int fd = open (file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);

  if (fd >= 0 && bs_fd_write_all (fd, text, strlen (text)))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write '%s'", file);
  return FALSE;
}

gboolean
cli_output_write (const char *file, const char *text, GError **error)
{
  if (file == NULL || strcmp (file, "-") == 0)
    {
      if (fputs (text, stdout) >= 0 && fflush (stdout) == 0)
        return TRUE;
      bs_set_error_errno (error, errno, "cannot write to standard output");
      return FALSE;
    }
  return cli_output_is_replaceable (file) ? bs_file_write_atomic (AT_FDCWD, file, text, strlen (text), 0644, error)
                                          : write_into (file, text, error);
}
