/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-path.c — files of the host that a topology names */
#include "bs-decoder.h"

#include "bs-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* Opened without waiting, so that a FIFO holds nobody up. Returns: NULL, or why it is of no use */
static const char *
why_not_readable (const char *path)
{
  bs_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;

  if (fd < 0 || fstat (fd, &status) != 0)
    return g_strerror (errno);
  return S_ISREG (status.st_mode) ? NULL : "not a regular file";
}

gboolean
bs_decoder_check_file (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  g_autofree char *path = NULL, *shown = bs_yaml_show (value), *hint = NULL;
  gsize length = strlen (value->text);
  const char *fault;

  if (length == 0 || length >= PATH_MAX || value->text[length - 1] == '/')
    {
      bs_decoder_wrong (self, field, value, NULL, "the path of a file");
      return FALSE;
    }
  if (self->folder == NULL)
    return TRUE;
  path = g_path_is_absolute (value->text) ? g_strdup (value->text) : g_build_filename (self->folder, value->text, NULL);
  fault = why_not_readable (path);
  if (fault == NULL)
    return TRUE;
  if (!g_path_is_absolute (value->text))
    hint = g_strdup_printf ("paths begin at the folder of the file: %s", path);
  bs_decoder_error (self, value, hint, "'%s' cannot be read from %s: %s", field->key, shown, fault);
  return FALSE;
}
