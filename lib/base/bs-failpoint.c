/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-failpoint.h"
#include "bs-error.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define DELAY_USEC (2 * G_USEC_PER_SEC)

/* Splits "name[:n]:action" from the right, since it is the short form that people type. */
static gboolean
matches (const char *spec, const char *name, guint64 *nth, const char **action)
{
  gsize length = strlen (name);
  const char *rest = spec + length;

  *nth = 1;
  if (strncmp (spec, name, length) != 0 || *rest != ':')
    return FALSE;
  rest++;
  if (g_ascii_isdigit (*rest))
    {
      char *end;

      *nth = g_ascii_strtoull (rest, &end, 10);
      if (*end != ':')
        return FALSE;
      rest = end + 1;
    }
  *action = rest;
  return TRUE;
}

gboolean
bs_failpoint (const char *name, GError **error)
{
  static gint passed;
  const char *spec = g_getenv ("BENCHSCALE_FAILPOINT");
  const char *action;
  guint64 nth;

  if (spec == NULL || !matches (spec, name, &nth, &action) || (guint64) g_atomic_int_add (&passed, 1) + 1 != nth)
    return TRUE;
  if (strcmp (action, "kill") == 0)
    kill (getpid (), SIGKILL);
  else if (strcmp (action, "delay") == 0)
    g_usleep (DELAY_USEC);
  else
    {
      bs_set_error (error, BS_ERROR_FAILED, "unset BENCHSCALE_FAILPOINT", "failpoint '%s'", name);
      return FALSE;
    }
  return TRUE;
}
