/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-copy-error.h"

static const char *
hint_for (int code)
{
  switch (code)
    {
    case BS_ERROR_EXHAUSTED:
      return "free disk space there";
    case BS_ERROR_EXISTS:
      return "remove the symbolic link, or, if it is yours and leads to a folder, write it with a slash at its end";
    case BS_ERROR_UNSUPPORTED:
      return "only files, folders and symbolic links can be copied or replaced: leave devices, sockets and FIFOs out";
    default:
      return NULL;
    }
}

gboolean
bs_copy_explain (gboolean ok, GError **error)
{
  if (ok || error == NULL || *error == NULL)
    return ok;
  if (bs_error_hint (*error) == NULL)
    bs_error_set_hint (*error, hint_for ((*error)->code));
  if ((*error)->code == BS_ERROR_UNSUPPORTED)
    (*error)->code = BS_ERROR_FAILED;
  return FALSE;
}

gboolean
bs_copy_set_error (const BsArchiveError *archive, GError **error)
{
  int code = BS_ERROR_FAILED;

  bs_error_code_from_name (archive->code, &code);
  bs_set_error (error, (BsErrorCode) code, NULL, "%s", archive->text);
  return FALSE;
}
