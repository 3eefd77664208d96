/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-environment.h"
#include "bs-error.h"

#include <string.h>

#define PAM_LINE_MAX 1000

gboolean
bs_environment_check (const char *variable, GError **error)
{
  gsize name = strcspn (variable, "=");
  g_autofree char *shown = g_strndup (variable, name);
  const char *problem = NULL;

  if (variable[name] != '=')
    problem = "it has no value";
  else if (!g_regex_match_simple ("^[A-Za-z_][A-Za-z0-9_]*$", shown, G_REGEX_DOLLAR_ENDONLY, 0))
    problem = "a name consists of letters, digits and _";
  else if (!g_utf8_validate (variable, -1, NULL))
    problem = "its value is no UTF-8";
  for (const char *at = variable + name; problem == NULL && *at != '\0'; at++)
    if (g_ascii_iscntrl (*at) && *at != '\t')
      problem = "its value contains a line break or another control character";
  if (problem != NULL)
    {
      g_autofree char *escaped = g_strescape (shown, NULL);

      bs_set_error (error, BS_ERROR_INVALID, NULL, "variable '%s' cannot be given to a node: %s", escaped, problem);
    }
  return problem == NULL;
}

char *
bs_environment_profile (char **variables)
{
  GString *text = g_string_new (NULL);

  for (; *variables != NULL; variables++)
    {
      const char *value = strchr (*variables, '=') + 1;
      g_autofree char *quoted = g_shell_quote (value);

      g_string_append_printf (text, "export %.*s%s\n", (int) (value - *variables), *variables, quoted);
    }
  return g_string_free (text, FALSE);
}

/* It takes off the quotes at both ends and leaves those between, and knows no escapes. */
char *
bs_environment_pam (char **variables)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (; *variables != NULL; variables++)
    {
      const char *value = strchr (*variables, '=') + 1;

      if (strchr (value, '#') == NULL && strlen (*variables) <= PAM_LINE_MAX)
        g_string_append_printf (text, "%.*s\"%s\"\n", (int) (value - *variables), *variables, value);
    }
  if (text->len == 0)
    return g_strdup ("");
  g_string_prepend (text, BS_ENVIRONMENT_BEGIN "\n");
  g_string_append (text, BS_ENVIRONMENT_END "\n");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* In double quotes, where C's escapes hold, and specifiers begin with '%'. */
char *
bs_environment_systemd (char **variables)
{
  GString *text = g_string_new ("[Manager]\n");

  for (; *variables != NULL; variables++)
    {
      g_string_append (text, "DefaultEnvironment=\"");
      for (const char *at = *variables; *at != '\0'; at++)
        {
          if (*at == '"' || *at == '\\')
            g_string_append_c (text, '\\');
          if (*at == '%')
            g_string_append_c (text, '%');
          if (*at == '\t')
            g_string_append (text, "\\t");
          else
            g_string_append_c (text, *at);
        }
      g_string_append (text, "\"\n");
    }
  return g_string_free (text, FALSE);
}

/* set-environment acts at once and costs a message; daemon-reexec would have the manager read the file at the price of
 * a second under emulation. */
static const char script_head[]
    = "set -eu\n"
      "umask 022\n"
      "put () {\n"
      "  [ -d \"${1%/*}\" ] || mkdir -p \"${1%/*}\"\n"
      "  printf %s \"$2\" > \"$1.bs-new\"\n"
      "  mv -f \"$1.bs-new\" \"$1\"\n"
      "}\n"
      "old=\n"
      "if [ -s /etc/environment ]; then\n"
      "  old=$(sed '/^" BS_ENVIRONMENT_BEGIN "$/,/^" BS_ENVIRONMENT_END "$/d' /etc/environment)\n"
      "fi\n"
      "if [ -n \"$old\" ]; then old=$old'\n'; fi\n";

static void
add_put (GString *text, const char *before, const char *path, const char *prefix, const char *content)
{
  g_autofree char *quoted = g_shell_quote (content);

  g_string_append_printf (text, "%sput %s %s%s\n", before, path, prefix, quoted);
}

char *
bs_environment_script (char **variables)
{
  GString *text = g_string_new (script_head);
  g_autofree char *pam = bs_environment_pam (variables), *profile = bs_environment_profile (variables);
  g_autofree char *systemd = bs_environment_systemd (variables);

  add_put (text, "", "/etc/environment", "\"$old\"", pam);
  add_put (text, "", "/etc/profile.d/benchscale.sh", "", profile);
  add_put (text, "[ ! -d /etc/systemd ] || ", "/etc/systemd/system.conf.d/benchscale.conf", "", systemd);
  g_string_append (text, "[ ! -d /run/systemd/system ] || systemctl set-environment");
  for (; *variables != NULL; variables++)
    {
      g_autofree char *quoted = g_shell_quote (*variables);

      g_string_append_printf (text, " %s", quoted);
    }
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}
