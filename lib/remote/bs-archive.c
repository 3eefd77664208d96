/* SPDX-License-Identifier: Apache-2.0 */
/* bs-archive.c — what both ends of an archive share */
#include "bs-archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
code_of (int errnum)
{
  switch (errnum)
    {
    case 0:
      return "protocol";
    case ENOENT:
      return "not-found";
    case ELOOP:
      return "exists";
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
      return "exhausted";
    case EOPNOTSUPP:
      return "unsupported";
    default:
      return "failed";
    }
}

void
bs_archive_error (BsArchiveError *error, int errnum, const char *what, const char *folder, const char *name)
{
  bool has_name = name != NULL && name[0] != '\0';
  size_t length = strlen (folder);
  const char *between = has_name && length > 0 && folder[length - 1] != '/' ? "/" : "";

  error->code = code_of (errnum);
  if (errnum == 0 || errnum == EOPNOTSUPP)
    snprintf (error->text, sizeof error->text, "%s '%.300s%s%.100s'", what, folder, between, has_name ? name : "");
  else
    snprintf (error->text, sizeof error->text, "%s '%.300s%s%.100s': %s", what, folder, between, has_name ? name : "",
              errnum == ELOOP ? "it is a symbolic link, not a folder" : strerror (errnum));
  for (char *at = error->text; *at != '\0'; at++)
    if ((unsigned char) *at < 0x20 || *at == 0x7f)
      *at = '?';
}

char *
bs_archive_base_name (const char *path)
{
  size_t end = strlen (path), start;
  char *name;

  while (end > 0 && path[end - 1] == '/')
    end--;
  for (start = end; start > 0 && path[start - 1] != '/';)
    start--;
  name = strndup (path + start, end - start);
  if (name != NULL && (strcmp (name, ".") == 0 || strcmp (name, "..") == 0))
    name[0] = '\0';
  return name;
}
