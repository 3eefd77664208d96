/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-name.h"

#include <string.h>

#define PASSWORD_MAX 511
#define KEY_MAX 16384
#define PATH_MAX_BYTES 4095

static gboolean
say (const char **problem, const char *what)
{
  *problem = what;
  return what == NULL;
}

static const char *
problem_of_line (const char *text, gsize most)
{
  if (text[0] == '\0')
    return "it is empty";
  if (strlen (text) > most)
    return "it is too long";
  if (!g_utf8_validate (text, -1, NULL))
    return "it is no UTF-8";
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text))
      return "it contains a line break or another control character";
  return NULL;
}

gboolean
bs_name_is_user (const char *name, const char **problem)
{
  gboolean ok = g_regex_match_simple ("^[a-z_][a-z0-9_-]{0,31}$", name, G_REGEX_DOLLAR_ENDONLY, 0);

  return say (problem, ok ? NULL : "a user's name consists of lower-case letters, digits, _ and -, 32 at most");
}

gboolean
bs_name_is_owner (const char *name, const char **problem)
{
  gboolean ok = g_regex_match_simple ("^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$", name,
                                      G_REGEX_DOLLAR_ENDONLY, 0);

  return say (problem, ok ? NULL : "it is not of the form USER or USER:GROUP");
}

gboolean
bs_name_is_host (const char *name, const char **problem)
{
  gboolean ok
      = strlen (name) <= 64
        && g_regex_match_simple ("^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}"
                                 "[A-Za-z0-9])?)*$",
                                 name, G_REGEX_DOLLAR_ENDONLY, 0);

  return say (problem,
              ok ? NULL : "a host's name consists of letters, digits and hyphens, with dots between its parts");
}

gboolean
bs_name_is_ssh_key (const char *line, const char **problem)
{
  const char *wrong = problem_of_line (line, KEY_MAX);

  if (wrong == NULL
      && !g_regex_match_simple (
          "(^|[ \\t,\"])(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)[a-z0-9@.-]+[ \\t]+[A-Za-z0-9+/]{16,}=*"
          "([ \\t]|$)",
          line, G_REGEX_DOLLAR_ENDONLY, 0))
    wrong = "it is no public key such as 'ssh-ed25519 AAAA…'";
  return say (problem, wrong);
}

gboolean
bs_name_is_password (const char *text, const char **problem)
{
  return say (problem, problem_of_line (text, PASSWORD_MAX));
}

gboolean
bs_name_is_path (const char *path, const char **problem)
{
  const char *wrong = problem_of_line (path, PATH_MAX_BYTES);

  return say (problem, wrong != NULL || path[0] == '/' ? wrong : "it is not absolute");
}
