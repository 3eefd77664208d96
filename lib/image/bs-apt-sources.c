/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-apt-sources.h"
#include "bs-file.h"

#include <string.h>

#define FILE_MAX (1024 * 1024)

void
bs_apt_source_free (BsAptSource *self)
{
  if (self == NULL)
    return;
  g_free (self->uri);
  g_free (self->suite);
  g_free (self->components);
  g_free (self->signed_by);
  g_free (self);
}

/* What all sources of one line or stanza share. */
typedef struct
{
  const char *architecture;
  const char *architectures; /* (nullable) separated by commas or blanks */
  const char *signed_by;     /* (nullable) */
  const char *trusted;       /* (nullable) */
} Options;

static gboolean
contains_word (const char *words, const char *word)
{
  g_auto (GStrv) all = g_strsplit_set (words, " \t\n,", -1);

  return g_strv_contains ((const char *const *) all, word);
}

static gboolean
is_yes (const char *value)
{
  static const char *const yes[] = { "yes", "true", "1", "on", "enable", NULL };
  g_autofree char *lower = value != NULL ? g_ascii_strdown (value, -1) : NULL;

  return lower != NULL && g_strv_contains (yes, g_strstrip (lower));
}

/* Printable, so that it can be written into a file of ours as it is. */
static gboolean
is_plain (const char *word)
{
  for (const char *at = word; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      return FALSE;
  return *word != '\0';
}

static gboolean
is_usable (const char *uri, const char *suite)
{
  const char *host = strstr (uri, "://");

  if (!g_str_has_prefix (uri, "http://") && !g_str_has_prefix (uri, "https://"))
    return FALSE;
  host += strlen ("://");
  /* A suite that ends in '/' is a folder, not one of a Debian archive. */
  return *host != '\0' && *host != '/' && is_plain (uri) && is_plain (suite) && !g_str_has_suffix (suite, "/");
}

static void
add_source (const char *uri, const char *suite, const char *components, const Options *options, GPtrArray *sources)
{
  BsAptSource *source;

  if (!is_usable (uri, suite)
      || (options->architectures != NULL && !contains_word (options->architectures, options->architecture)))
    return;
  source = g_new0 (BsAptSource, 1);
  source->uri = g_strdup (uri);
  while (g_str_has_suffix (source->uri, "/"))
    source->uri[strlen (source->uri) - 1] = '\0';
  source->suite = g_strdup (suite);
  source->components = g_strdup (components);
  if (options->signed_by != NULL && options->signed_by[0] != '\0')
    source->signed_by = g_strdup (options->signed_by);
  source->trusted = is_yes (options->trusted);
  g_ptr_array_add (sources, source);
}

/* Words of @text that are not empty and plain, with one blank between. */
static char *
join_words (char **words)
{
  GString *joined = g_string_new (NULL);

  for (char **word = words; *word != NULL; word++)
    if (is_plain (*word))
      g_string_append_printf (joined, "%s%s", joined->len > 0 ? " " : "", *word);
  return g_string_free (joined, FALSE);
}

/* "[arch=amd64 signed-by=/usr/share/keyrings/x.gpg] " at the start of @rest. Returns: what follows, or NULL when it
 * does not end. */
static char *
take_options (char *rest, Options *options)
{
  char *end, *key, *state;

  if (*rest != '[')
    return rest;
  end = strchr (rest, ']');
  if (end == NULL)
    return NULL;
  *end = '\0';
  for (key = strtok_r (rest + 1, " \t", &state); key != NULL; key = strtok_r (NULL, " \t", &state))
    {
      if (g_ascii_strncasecmp (key, "arch=", 5) == 0)
        options->architectures = key + 5;
      else if (g_ascii_strncasecmp (key, "signed-by=", 10) == 0)
        options->signed_by = key + 10;
      else if (g_ascii_strncasecmp (key, "trusted=", 8) == 0)
        options->trusted = key + 8;
    }
  return end + 1;
}

/* "deb [options] uri suite component…" */
static void
parse_line (char *line, const char *architecture, GPtrArray *sources)
{
  Options options = { .architecture = architecture };
  g_auto (GStrv) words = NULL;
  g_autofree char *all = NULL;
  char *rest;

  line[strcspn (line, "#")] = '\0';
  g_strstrip (line);
  if (strncmp (line, "deb", 3) != 0 || !g_ascii_isspace (line[3]))
    return;
  rest = take_options (g_strchug (line + 4), &options);
  if (rest == NULL)
    return;
  words = g_strsplit_set (rest, " \t", -1);
  all = join_words (words);
  g_strfreev (words);
  words = g_strsplit (all, " ", 3);
  if (g_strv_length (words) == 3)
    add_source (words[0], words[1], words[2], &options, sources);
}

static const char *
field (GHashTable *stanza, const char *name)
{
  return g_hash_table_lookup (stanza, name);
}

static void
finish_stanza (GHashTable *stanza, const char *architecture, GPtrArray *sources)
{
  Options options
      = { architecture, field (stanza, "architectures"), field (stanza, "signed-by"), field (stanza, "trusted") };
  const char *types = field (stanza, "types"), *enabled = field (stanza, "enabled");
  const char *uris = field (stanza, "uris"), *suites = field (stanza, "suites");
  const char *components = field (stanza, "components");

  if (types != NULL && uris != NULL && suites != NULL && components != NULL && contains_word (types, "deb")
      && (enabled == NULL || is_yes (enabled)))
    {
      g_auto (GStrv) uri = g_strsplit_set (uris, " \t\n", -1);
      g_auto (GStrv) suite = g_strsplit_set (suites, " \t\n", -1);
      g_auto (GStrv) component = g_strsplit_set (components, " \t\n", -1);
      g_autofree char *joined = join_words (component);

      for (guint i = 0; uri[i] != NULL; i++)
        for (guint j = 0; suite[j] != NULL; j++)
          add_source (uri[i], suite[j], joined, &options, sources);
    }
  g_hash_table_remove_all (stanza);
}

/* A line of a stanza: "Field: value", or more of the last one's value after a blank. */
static void
take_field (GHashTable *stanza, char **last, const char *line)
{
  const char *colon = strchr (line, ':');

  if (g_ascii_isspace (line[0]) && *last != NULL)
    {
      const char *before = field (stanza, *last);
      g_autofree char *more = g_strstrip (g_strdup (line));

      g_hash_table_insert (stanza, g_strdup (*last), g_strjoin ("\n", before != NULL ? before : "", more, NULL));
    }
  else if (colon != NULL)
    {
      g_free (*last);
      *last = g_ascii_strdown (line, colon - line);
      g_hash_table_insert (stanza, g_strdup (*last), g_strstrip (g_strdup (colon + 1)));
    }
}

static gboolean
is_blank (const char *line)
{
  return line[strspn (line, " \t\r")] == '\0';
}

void
bs_apt_sources_parse (const char *text, gboolean deb822, const char *architecture, GPtrArray *sources)
{
  g_autoptr (GHashTable) stanza = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *last = NULL;

  for (char **line = lines; *line != NULL; line++)
    if (!deb822)
      parse_line (*line, architecture, sources);
    else if (is_blank (*line))
      finish_stanza (stanza, architecture, sources);
    else if (**line != '#')
      take_field (stanza, &last, *line);
  finish_stanza (stanza, architecture, sources);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
read_file (const char *folder, const char *name, const char *architecture, GPtrArray *sources)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = bs_file_read (AT_FDCWD, path, FILE_MAX, NULL, NULL);

  if (text != NULL)
    bs_apt_sources_parse (text, g_str_has_suffix (name, ".sources"), architecture, sources);
}

GPtrArray *
bs_apt_sources_read (const char *etc_apt, const char *architecture)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_apt_source_free);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *parts = g_build_filename (etc_apt, "sources.list.d", NULL);
  g_autoptr (GDir) dir = g_dir_open (parts, 0, NULL);
  const char *name;

  read_file (etc_apt, "sources.list", architecture, sources);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".list") || g_str_has_suffix (name, ".sources"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    read_file (parts, g_ptr_array_index (names, i), architecture, sources);
  return sources;
}

static void
format_signed_by (GString *text, const char *signed_by)
{
  g_auto (GStrv) lines = g_strsplit (signed_by, "\n", -1);

  g_string_append (text, "Signed-By:");
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (text, " %s\n", lines[i][0] == '\0' && i > 0 ? "." : lines[i]);
}

char *
bs_apt_sources_format (GPtrArray *sources)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < sources->len; i++)
    {
      const BsAptSource *source = g_ptr_array_index (sources, i);

      g_string_append_printf (text, "%sTypes: deb\nURIs: %s\nSuites: %s\nComponents: %s\n", i > 0 ? "\n" : "",
                              source->uri, source->suite, source->components);
      if (source->signed_by != NULL)
        format_signed_by (text, source->signed_by);
      if (source->trusted)
        g_string_append (text, "Trusted: yes\n");
    }
  return g_string_free (text, FALSE);
}
