/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-repository.h"
#include "bs-error.h"

#include <string.h>

#define LINE_MAX_BYTES 4096
#define ID_DIGITS 12

/* Options of the one-line form that make sense here, and their fields. Lists are separated by commas there, by spaces
 * here. */
static const struct
{
  const char *option, *field;
} options[] = {
  { "arch", "Architectures" },
  { "lang", "Languages" },
  { "target", "Targets" },
  { "trusted", "Trusted" },
  { "signed-by", "Signed-By" },
  { "pdiffs", "PDiffs" },
  { "by-hash", "By-Hash" },
  { "check-date", "Check-Date" },
  { "check-valid-until", "Check-Valid-Until" },
  { "allow-insecure", "Allow-Insecure" },
  { "allow-weak", "Allow-Weak" },
};

static gboolean
refuse (const char *line, const char *problem, GError **error)
{
  g_autofree char *shown = g_strescape (line, NULL);

  bs_set_error (error, BS_ERROR_INVALID,
                "write it as \"deb [arch=amd64] URL SUITE COMPONENT\", or the URL alone for dnf and apk",
                "'%s' is no repository: %s", shown, problem);
  return FALSE;
}

/* One line of printable ASCII. */
static gboolean
check_characters (const char *line, GError **error)
{
  if (strlen (line) > LINE_MAX_BYTES)
    return refuse ("…", "its line is too long", error);
  for (const char *at = line; *at != '\0'; at++)
    if (!g_ascii_isprint (*at) && *at != '\t')
      return refuse (line, "it contains a control character, or one that is not ASCII", error);
  return TRUE;
}

static gboolean
is_uri (const char *text)
{
  return g_regex_match_simple ("^[a-z][a-z0-9+.-]*:[^#\"'\\[\\]]+$", text, 0, 0);
}

static const char *
field_of (const char *option)
{
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    if (strcmp (options[i].option, option) == 0)
      return options[i].field;
  return NULL;
}

static gboolean
add_option (GString *text, const char *line, const char *word, gboolean has_key, GError **error)
{
  const char *equals = strchr (word, '=');
  g_autofree char *name = equals != NULL ? g_ascii_strdown (word, equals - word) : g_strdup (word);
  const char *field = field_of (name);
  g_autofree char *value = g_strdelimit (g_strdup (equals != NULL ? equals + 1 : ""), ",", ' ');
  g_autofree char *problem = NULL;

  if (field == NULL)
    problem = g_strdup_printf ("option '%s' is not known", name);
  else if (g_strstrip (value)[0] == '\0')
    problem = g_strdup_printf ("option '%s' has no value", name);
  else if (has_key && strcmp (name, "signed-by") == 0)
    problem = g_strdup ("option 'signed-by' contradicts its key");
  if (problem != NULL)
    return refuse (line, problem, error);
  g_string_append_printf (text, "%s: %s\n", field, value);
  return TRUE;
}

/* Words between brackets become options, which may touch them: "[ arch=amd64 ]". Returns: the index after the closing
 * one, or -1. */
static int
take_options (GString *text, const char *line, char **words, gboolean has_key, GError **error)
{
  gboolean closed = FALSE;
  int i = 0;

  if (words[0] == NULL || words[0][0] != '[')
    return 0;
  for (; words[i] != NULL && !closed; i++)
    {
      char *word = words[i] + (i == 0 ? 1 : 0);

      closed = g_str_has_suffix (word, "]");
      if (closed)
        word[strlen (word) - 1] = '\0';
      if (word[0] != '\0' && !add_option (text, line, word, has_key, error))
        return -1;
    }
  if (closed)
    return i;
  refuse (line, "its options do not end in ']'", error);
  return -1;
}

static gboolean
check_suite (const char *line, char **words, GError **error)
{
  if (words[0] == NULL || !is_uri (words[0]))
    return refuse (line, "after its type and options, a URL must follow", error);
  if (words[1] == NULL)
    return refuse (line, "a suite must follow the URL", error);
  if (g_str_has_suffix (words[1], "/") != (words[2] == NULL))
    return refuse (line,
                   words[2] == NULL ? "a component must follow the suite" : "a suite that is a path has no components",
                   error);
  for (guint i = 1; words[i] != NULL; i++)
    if (strpbrk (words[i], "#[]\"") != NULL)
      return refuse (line, "its suite or components contain one of # [ ] \"", error);
  return TRUE;
}

/* As strsplit, but for runs of blanks. */
static char **
split_words (const char *line)
{
  g_autofree char *spaced = g_strstrip (g_strdelimit (g_strdup (line), "\t", ' '));
  g_auto (GStrv) all = g_strsplit (spaced, " ", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (char **at = all; *at != NULL; at++)
    if (**at != '\0')
      g_ptr_array_add (words, g_strdup (*at));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_steal (words, NULL);
}

char *
bs_repository_deb822 (const char *line, const char *signed_by, GError **error)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GString) text = g_string_new (NULL), rest = g_string_new (NULL);
  int at;

  if (!check_characters (line, error))
    return NULL;
  words = split_words (line);
  if (words[0] == NULL || (strcmp (words[0], "deb") != 0 && strcmp (words[0], "deb-src") != 0))
    {
      refuse (line, "it does not begin with 'deb' or 'deb-src'", error);
      return NULL;
    }
  at = take_options (rest, line, words + 1, signed_by != NULL, error);
  if (at < 0 || !check_suite (line, words + 1 + at, error))
    return NULL;
  at++;
  g_string_append_printf (text, "Types: %s\nURIs: %s\nSuites: %s\n", words[0], words[at], words[at + 1]);
  if (words[at + 2] != NULL)
    {
      g_autofree char *components = g_strjoinv (" ", words + at + 2);

      g_string_append_printf (text, "Components: %s\n", components);
    }
  g_string_append (text, rest->str);
  if (signed_by != NULL)
    g_string_append_printf (text, "Signed-By: %s\n", signed_by);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
bs_repository_check (const char *line, BsRepositoryKind *kind, GError **error)
{
  g_autofree char *text = NULL;

  if (!check_characters (line, error))
    return FALSE;
  if (is_uri (line) && strpbrk (line, " \t") == NULL)
    {
      *kind = BS_REPOSITORY_URL;
      return TRUE;
    }
  text = bs_repository_deb822 (line, NULL, error);
  *kind = BS_REPOSITORY_APT;
  return text != NULL;
}

char *
bs_repository_dnf (const char *url, const char *id, const char *key)
{
  const char *scheme = g_path_is_absolute (key) ? "file://" : "";

  return g_strdup_printf ("[%s]\nname=%s\nbaseurl=%s\nenabled=1\ngpgcheck=1\ngpgkey=%s%s\n", id, id, url, scheme, key);
}

char *
bs_repository_id (const char *line, const char *key)
{
  g_autofree char *all = g_strconcat (line, "\n", key, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);

  digest[ID_DIGITS] = '\0';
  return g_strconcat ("benchscale-", digest, NULL);
}
