/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"

#include <errno.h>

typedef struct
{
  char *hint;
} BsErrorPrivate;

static void
bs_error_private_init (BsErrorPrivate *priv)
{
}

static void
bs_error_private_copy (const BsErrorPrivate *source, BsErrorPrivate *target)
{
  target->hint = g_strdup (source->hint);
}

static void
bs_error_private_clear (BsErrorPrivate *priv)
{
  g_free (priv->hint);
}

G_DEFINE_EXTENDED_ERROR (BsError, bs_error)

static const struct
{
  const char *name;
  int exit_code;
} codes[] = {
  [BS_ERROR_FAILED] = { "failed", 4 },
  [BS_ERROR_INVALID] = { "invalid", 2 },
  [BS_ERROR_HOST] = { "host", 3 },
  [BS_ERROR_TIMEOUT] = { "timeout", 5 },
  [BS_ERROR_CANCELLED] = { "cancelled", 130 },
  [BS_ERROR_NOT_FOUND] = { "not-found", 2 },
  [BS_ERROR_EXISTS] = { "exists", 2 },
  [BS_ERROR_BUSY] = { "busy", 4 },
  [BS_ERROR_UNSUPPORTED] = { "unsupported", 2 },
  [BS_ERROR_PROTOCOL] = { "protocol", 4 },
  [BS_ERROR_EXHAUSTED] = { "exhausted", 3 },
  [BS_ERROR_DIED] = { "died", 4 },
  [BS_ERROR_CHECK] = { "check", 1 },
};

const char *
bs_error_hint (const GError *error)
{
  if (error == NULL || error->domain != BS_ERROR)
    return NULL;
  return bs_error_get_private (error)->hint;
}

void
bs_error_set_hint (GError *error, const char *hint)
{
  BsErrorPrivate *priv;

  g_return_if_fail (error != NULL && error->domain == BS_ERROR);
  priv = bs_error_get_private (error);
  g_free (priv->hint);
  priv->hint = g_strdup (hint);
}

void
bs_error_blame_host (GError *error, const char *hint)
{
  if (error == NULL || error->domain != BS_ERROR || error->code == BS_ERROR_EXHAUSTED
      || error->code == BS_ERROR_CANCELLED)
    return;
  error->code = BS_ERROR_HOST;
  bs_error_set_hint (error, hint);
}

int
bs_error_exit_code (const GError *error)
{
  if (error == NULL)
    return 0;
  if (error->domain == BS_ERROR && error->code >= 0 && error->code < (int) G_N_ELEMENTS (codes))
    return codes[error->code].exit_code;
  return 4;
}

const char *
bs_error_code_name (int code)
{
  if (code < 0 || code >= (int) G_N_ELEMENTS (codes))
    return codes[BS_ERROR_FAILED].name;
  return codes[code].name;
}

gboolean
bs_error_code_from_name (const char *name, int *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_strcmp0 (codes[i].name, name) == 0)
      {
        *code = (int) i;
        return TRUE;
      }
  return FALSE;
}

void
bs_set_error (GError **error, BsErrorCode code, const char *hint, const char *format, ...)
{
  va_list args;

  if (error == NULL)
    return;
  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (BS_ERROR, (int) code, format, args));
  va_end (args);
  if (hint != NULL)
    bs_error_set_hint (*error, hint);
}

void
bs_set_error_errno (GError **error, int errnum, const char *format, ...)
{
  g_autofree char *what = NULL;
  BsErrorCode code = BS_ERROR_FAILED;
  const char *hint = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  if (errnum == ENOENT)
    code = BS_ERROR_NOT_FOUND;
  else if (errnum == ENOSPC || errnum == EDQUOT)
    {
      code = BS_ERROR_EXHAUSTED;
      hint = "free disk space, or point BENCHSCALE_STATE_DIR and BENCHSCALE_CACHE_DIR to a larger file system";
    }
  else if (errnum == EMFILE || errnum == ENFILE)
    {
      code = BS_ERROR_EXHAUSTED;
      hint = "raise the limit of open files (ulimit -n)";
    }
  else if (errnum == ENOMEM)
    {
      code = BS_ERROR_EXHAUSTED;
      hint = "free memory, or give the nodes less with memory_mb";
    }
  bs_set_error (error, code, hint, "%s: %s", what, g_strerror (errnum));
}
