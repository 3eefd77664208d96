/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-settings-file.h"

#include "bs-file.h"
#include "bs-suggest.h"
#include "bs-text.h"

#include <dlfcn.h>
#include <string.h>

/* Each dot of a key may be a table within a table, and toml++ frees those one within the other, on the stack. */
#define DOTS_MAX 4096

typedef struct
{
  const BsSettingPlace *place;
  BsSettingsFileFunc func;
  gpointer user_data;
  BsDiagnostics *diagnostics;
} Reader;

static char *
printable (const char *text)
{
  return g_strdelimit (bs_text_printable (text, strlen (text)), "\n\t", '?');
}

static gboolean
is_section (const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; i < BS_N_SETTINGS; i++)
    if (strncmp (bs_setting_kinds[i].key, name, length) == 0 && bs_setting_kinds[i].key[length] == '.')
      return TRUE;
  return FALSE;
}

static char *
did_you_mean (const char *nearest)
{
  return nearest != NULL ? g_strdup_printf ("did you mean '%s'?", nearest) : NULL;
}

static void
check_section (Reader *self, const BsTomlItem *item)
{
  g_autofree char *shown = printable (item->section), *hint = NULL;
  BsSuggest suggest;

  if (is_section (item->section))
    return;
  bs_suggest_init (&suggest, item->section);
  for (guint i = 0; i < BS_N_SETTINGS; i++)
    {
      g_autofree char *section = g_strndup (bs_setting_kinds[i].key, strcspn (bs_setting_kinds[i].key, "."));

      bs_suggest_offer (&suggest, g_intern_string (section));
    }
  hint = did_you_mean (suggest.nearest);
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, item->line, item->column, item->length, hint,
                      "unknown section '%s'", shown);
}

/* The hint for a key of a known section names what is nearest in it, for a key without one what it may belong to. */
static void
report_unknown (Reader *self, const BsTomlItem *item)
{
  g_autofree char *shown = printable (item->key), *hint = NULL;
  const char *nearest = NULL;
  BsSuggest suggest;

  bs_suggest_init (&suggest, item->key);
  for (guint i = 0; i < BS_N_SETTINGS; i++)
    {
      const char *key = bs_setting_kinds[i].key, *dot = strchr (key, '.');

      if (item->section == NULL || strncmp (key, item->section, strlen (item->section)) != 0
          || strlen (item->section) != (gsize) (dot - key))
        continue;
      bs_suggest_offer (&suggest, dot + 1);
    }
  nearest = item->section != NULL ? suggest.nearest : bs_settings_nearest (item->key);
  hint = nearest == NULL && item->section == NULL ? g_strdup ("settings are in sections, such as [up]")
                                                  : did_you_mean (nearest);
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, item->key_line, item->key_column, item->key_length, hint,
                      "unknown key '%s'%s%s", shown, item->section != NULL ? " in section " : "",
                      item->section != NULL ? item->section : "");
}

static int
find_setting (const BsTomlItem *item)
{
  for (int i = 0; item->section != NULL && i < BS_N_SETTINGS; i++)
    {
      const char *key = bs_setting_kinds[i].key;
      gsize length = strlen (item->section);

      if (strncmp (key, item->section, length) == 0 && key[length] == '.' && strcmp (key + length + 1, item->key) == 0)
        return i;
    }
  return -1;
}

/* Numbers and booleans are so in TOML, too; all else is in quotes. NULL: as it must be. */
static const char *
wrong_type (const BsSettingKind *kind, const BsTomlItem *item)
{
  switch (kind->type)
    {
    case BS_SETTING_INTEGER:
      return item->kind != BS_TOML_INTEGER ? "an integer without quotes" : NULL;
    case BS_SETTING_BOOLEAN:
      return item->kind != BS_TOML_BOOLEAN ? "true or false without quotes" : NULL;
    case BS_SETTING_SIZE:
      return item->kind != BS_TOML_INTEGER && item->kind != BS_TOML_STRING ? "a size such as \"20G\"" : NULL;
    case BS_SETTING_DURATION:
      if (item->kind == BS_TOML_INTEGER || item->kind == BS_TOML_FLOAT)
        return NULL;
      return item->kind != BS_TOML_STRING ? "a duration such as \"30s\"" : NULL;
    default:
      return item->kind != BS_TOML_STRING ? "a text in quotes" : NULL;
    }
}

static void
take_value (Reader *self, const BsTomlItem *item)
{
  g_autofree char *message = NULL, *hint = NULL;
  int id = find_setting (item);
  char *text = NULL;
  gint64 number;
  const char *wanted;

  if (item->section != NULL && !is_section (item->section))
    return;
  if (id < 0)
    {
      report_unknown (self, item);
      return;
    }
  wanted = wrong_type (&bs_setting_kinds[id], item);
  if (wanted != NULL)
    message = g_strdup_printf ("must be %s", wanted);
  else if (strlen (item->text) != item->text_length)
    message = g_strdup ("contains a control character");
  else if (bs_setting_check (&bs_setting_kinds[id], self->place, item->text, &text, &number, &message, &hint))
    {
      self->func ((BsSettingId) id, text, number, item->key_line, self->user_data);
      return;
    }
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, item->line, item->column, item->length, hint, "'%s' %s",
                      bs_setting_kinds[id].key, message);
}

static void
take_item (const BsTomlItem *item, void *user_data)
{
  Reader *self = user_data;

  if (item->kind == BS_TOML_ERROR)
    bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, item->line, item->column, item->length, NULL,
                        "not TOML: %c%s", g_ascii_tolower (item->text[0]), *item->text != '\0' ? item->text + 1 : "");
  else if (item->kind == BS_TOML_SECTION)
    check_section (self, item);
  else
    take_value (self, item);
}

static void
add_at (BsDiagnostics *diagnostics, const char *data, const char *place, const char *hint, const char *message)
{
  const char *line = data;
  guint number = 1;

  for (const char *p = data; p < place; p++)
    if (*p == '\n')
      {
        number++;
        line = p + 1;
      }
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, number, (guint) g_utf8_strlen (line, place - line) + 1, 1, hint,
                      "%s", message);
}

/* The dot that is one too many, or NULL. */
static const char *
find_dot_beyond (const char *data, gsize length)
{
  guint dots = 0;

  for (const char *p = data; p < data + length; p++)
    if (*p == '.' && ++dots > DOTS_MAX)
      return p;
  return NULL;
}

static gboolean
check_bytes (const char *data, gsize length, BsDiagnostics *diagnostics)
{
  const char *place = NULL;

  if (length > BS_SETTINGS_BYTES_MAX)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL, "the file is larger than 1 MiB");
  else if (!g_utf8_validate_len (data, length, &place))
    add_at (diagnostics, data, place, *place == '\0' ? "remove it" : "save the file as UTF-8",
            *place == '\0' ? "a NUL byte is not allowed" : "the text is not valid UTF-8");
  else if ((place = find_dot_beyond (data, length)) != NULL)
    add_at (diagnostics, data, place, NULL, "the file has more than 4096 dots");
  else
    return TRUE;
  return FALSE;
}

void
bs_settings_parse_file (const char *data, gsize length, const BsSettingPlace *place, BsTomlRead read,
                        BsSettingsFileFunc func, gpointer user_data, BsDiagnostics *diagnostics)
{
  Reader reader = { place, func, user_data, diagnostics };

  if (!check_bytes (data, length, diagnostics))
    return;
  read (data, length, take_item, &reader);
  bs_diagnostics_sort (diagnostics);
  bs_diagnostics_quote (diagnostics, data, length, BS_LINES_TOML);
}

char *
bs_settings_find_file (const BsSettingsHost *host)
{
  const char *asked
      = host->config != NULL ? host->config : g_environ_getenv ((char **) host->environment, "BENCHSCALE_CONFIG");
  const char *base = g_environ_getenv ((char **) host->environment, "XDG_CONFIG_HOME");
  g_autofree char *usual = NULL;

  if (asked != NULL)
    return *asked != '\0' ? g_strdup (asked) : NULL;
  if (base != NULL && g_path_is_absolute (base))
    usual = g_build_filename (base, "benchscale", "config.toml", NULL);
  else
    usual = g_build_filename (host->home, ".config", "benchscale", "config.toml", NULL);
  return g_file_test (usual, G_FILE_TEST_EXISTS) ? g_steal_pointer (&usual) : NULL;
}

/* The module stays loaded: there is one file to read in a process. */
static BsTomlRead
load_reader (const char *libexec_dir, BsDiagnostics *diagnostics)
{
  g_autofree char *path = g_build_filename (libexec_dir, BS_TOML_MODULE, NULL);
  void *module = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  void *symbol = module != NULL ? dlsym (module, BS_TOML_SYMBOL) : NULL;
  BsTomlRead read = NULL;

  if (symbol == NULL)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1,
                        "install benchscale whole, or point BENCHSCALE_LIBEXEC_DIR to its programs",
                        "cannot load what reads it: %s", dlerror ());
  memcpy (&read, &symbol, sizeof (read));
  return read;
}

void
bs_settings_read_file (const char *path, const char *home, const char *libexec_dir, BsSettingsFileFunc func,
                       gpointer user_data, BsDiagnostics *diagnostics)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = g_canonicalize_filename (path, NULL), *folder = g_path_get_dirname (whole);
  BsSettingPlace place = { folder, home };
  gsize length;
  g_autofree char *data = bs_file_read_settled (AT_FDCWD, path, BS_SETTINGS_BYTES_MAX, &length, &error);
  BsTomlRead read;

  if (data == NULL)
    {
      bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, bs_error_hint (error), "%s", error->message);
      return;
    }
  read = load_reader (libexec_dir, diagnostics);
  if (read != NULL)
    bs_settings_parse_file (data, length, &place, read, func, user_data, diagnostics);
}
