/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-diagnostics.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80

/* As the C library would say after setlocale(), which the program leaves alone. */
static gboolean
locale_is_utf8 (void)
{
  static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      const char *value = g_getenv (variables[i]);
      g_autofree char *lower = value != NULL ? g_ascii_strdown (value, -1) : NULL;

      if (lower != NULL && *lower != '\0')
        return strstr (lower, "utf-8") != NULL || strstr (lower, "utf8") != NULL;
    }
  return FALSE;
}

static guint
terminal_width (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH_DEFAULT;
}

void
cli_print_diagnostics (const BsDiagnostics *diagnostics)
{
  const char *no_colour = g_getenv ("NO_COLOR");
  BsDiagnosticStyle style = { .quotes = isatty (STDERR_FILENO) };
  g_autofree char *text = NULL;

  style.colour
      = style.quotes && (no_colour == NULL || *no_colour == '\0') && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  style.ascii = !locale_is_utf8 ();
  style.width = style.quotes ? terminal_width () : WIDTH_DEFAULT;
  text = bs_diagnostics_render (diagnostics, &style);
  fputs (text, stderr);
}
