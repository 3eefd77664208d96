/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-apt-config.h"
#include "bs-command.h"
#include "bs-error.h"

#include <string.h>

#define MIRROR_HINT "images are built from Debian's packages: build on a Debian host, or import a finished image"

/* A name that ends in ':' stands for all below it. What would run a program of this host is left out: it is not there
 * in the new system, where apt runs too. */
static const char *const ways[]
    = { "Acquire::http::", "Acquire::https::", "Acquire::Retries", "Acquire::ForceIPv4", "Acquire::ForceIPv6", NULL };
static const char *const mirrors[] = { "Acquire::Check-Valid-Until", "Acquire::Check-Date", "Acquire::Max-FutureTime",
                                       "Acquire::Min-ValidTime", NULL };
static const char *const programs[] = { "Auto-Detect", "AutoDetect", "PinHook", NULL };

static gboolean
is_one_of (const char *line, const char *const *names)
{
  for (; *names != NULL; names++)
    {
      gsize length = strlen (*names);

      if (g_ascii_strncasecmp (line, *names, length) == 0 && ((*names)[length - 1] == ':' || line[length] == ' '))
        return TRUE;
    }
  return FALSE;
}

static gboolean
runs_program (const char *line)
{
  for (guint i = 0; programs[i] != NULL; i++)
    if (strstr (line, programs[i]) != NULL)
      return TRUE;
  return FALSE;
}

char *
bs_apt_config_pick (const char *dump, gboolean way, gboolean mirror)
{
  g_auto (GStrv) lines = g_strsplit (dump, "\n", -1);
  GString *text = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_suffix (*line, "\";") && !g_str_has_suffix (*line, " \"\";") && !runs_program (*line)
        && ((way && is_one_of (*line, ways)) || (mirror && is_one_of (*line, mirrors))))
      g_string_append_printf (text, "%s\n", *line);
  return g_string_free (text, FALSE);
}

char *
bs_apt_config_dump (GCancellable *cancellable, GError **error)
{
  const char *argv[] = { "apt-config", "dump", NULL };
  char *text = NULL;

  if (!bs_command_run ("/", argv, &text, cancellable, error))
    {
      bs_error_blame_host (error != NULL ? *error : NULL, MIRROR_HINT);
      return NULL;
    }
  return text;
}
