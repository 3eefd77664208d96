/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-settings.h"

#include "bs-settings-file.h"
#include "bs-suggest.h"

#include <string.h>
#include <unistd.h>

struct _BsSettings
{
  BsSetting items[BS_N_SETTINGS];
  char *texts[BS_N_SETTINGS];
  gint64 numbers[BS_N_SETTINGS];
  char *shown[BS_N_SETTINGS], *variables[BS_N_SETTINGS], *origins[BS_N_SETTINGS];
  char *file; /* (nullable) */
};

typedef struct
{
  BsSettings *settings;
  const BsSettingsHost *host;
  BsDiagnostics *diagnostics;
} Loader;

/* Takes @text; what was there before counts no more. */
static void
keep (BsSettings *self, BsSettingId id, char *text, gint64 number, char *origin)
{
  g_free (self->texts[id]);
  g_free (self->origins[id]);
  self->texts[id] = text;
  self->numbers[id] = number;
  self->origins[id] = origin;
}

static void
keep_default (BsSettings *self, BsSettingId id, const BsSettingsHost *host)
{
  const BsSettingKind *kind = &bs_setting_kinds[id];
  const BsSettingPlace place = { 0 };
  g_autofree char *value = kind->choose != NULL ? kind->choose (host) : g_strdup (kind->fallback);
  g_autofree char *message = NULL, *hint = NULL;
  char *text = NULL;
  gint64 number;

  if (!bs_setting_check (kind, &place, value, &text, &number, &message, &hint))
    g_error ("the default of '%s' %s", kind->key, message);
  keep (self, id, text, number, g_strdup ("default"));
}

/* A value of the environment or a flag, which @name names in messages and @where as their place. */
static void
take (Loader *loader, BsSettingId id, const char *value, const char *where, const char *name, const char *origin)
{
  const BsSettingPlace place = { 0 };
  g_autofree char *message = NULL, *hint = NULL;
  char *text = NULL;
  gint64 number;

  if (bs_setting_check (&bs_setting_kinds[id], &place, value, &text, &number, &message, &hint))
    {
      keep (loader->settings, id, text, number, g_strdup (origin));
      return;
    }
  bs_diagnostics_add (loader->diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, hint, "%s %s", name, message);
  bs_diagnostics_set_last_file (loader->diagnostics, where);
}

static void
take_file_value (BsSettingId id, char *text, gint64 number, guint line, gpointer user_data)
{
  BsSettings *self = user_data;

  keep (self, id, text, number, g_strdup_printf ("%s:%u", self->file, line));
}

static void
take_variable (Loader *loader, BsSettingId id, const char *variable)
{
  const char *value = g_environ_getenv ((char **) loader->host->environment, variable);
  g_autofree char *origin = g_strdup_printf ("environment %s", variable);

  if (value != NULL)
    take (loader, id, value, "environment", variable, origin);
}

static void
take_environment (Loader *loader)
{
  for (guint i = 0; i < BS_N_SETTINGS; i++)
    {
      if (bs_setting_kinds[i].also != NULL)
        take_variable (loader, i, bs_setting_kinds[i].also);
      take_variable (loader, i, loader->settings->variables[i]);
    }
}

static void
take_flag (Loader *loader, const char *flag)
{
  g_autofree char *key = g_strndup (flag, strcspn (flag, "=")), *name = g_strdup_printf ("'%s'", key), *hint = NULL;
  const char *nearest = bs_settings_nearest (key);

  for (guint i = 0; strchr (flag, '=') != NULL && i < BS_N_SETTINGS; i++)
    if (strcmp (bs_setting_kinds[i].key, key) == 0)
      {
        take (loader, i, strchr (flag, '=') + 1, "command line", name, "flag --setting");
        return;
      }
  if (strchr (flag, '=') == NULL)
    hint = g_strdup ("write it as --setting section.key=VALUE");
  else
    hint = nearest != NULL ? g_strdup_printf ("did you mean '%s'?", nearest)
                           : g_strdup ("`benchscale config` lists all settings");
  bs_diagnostics_add (loader->diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, hint, "%s is no setting", name);
  bs_diagnostics_set_last_file (loader->diagnostics, "command line");
}

/* A password in a URI is for no one's eyes: "qemu+ssh://ann:***@host/". */
static char *
without_password (const char *text)
{
  const char *scheme_end = strstr (text, "://");
  const char *end = scheme_end != NULL ? scheme_end + 3 + strcspn (scheme_end + 3, "/?#") : NULL;
  const char *at = end != NULL ? g_strrstr_len (scheme_end, end - scheme_end, "@") : NULL;
  const char *colon = at != NULL ? memchr (scheme_end + 3, ':', (gsize) (at - scheme_end - 3)) : NULL;

  if (colon == NULL)
    return g_strdup (text);
  return g_strdup_printf ("%.*s:***%s", (int) (colon - text), text, at);
}

static void
fill_items (BsSettings *self)
{
  for (guint i = 0; i < BS_N_SETTINGS; i++)
    {
      self->shown[i] = without_password (self->texts[i]);
      self->items[i] = (BsSetting){ bs_setting_kinds[i].key, self->variables[i], bs_setting_kinds[i].doc,
                                    self->shown[i], self->origins[i] };
    }
}

/* What reads the file is where the environment or the flags say, or where it usually is. */
static void
take_file (Loader *loader)
{
  g_autoptr (BsSettings) before = g_new0 (BsSettings, 1);
  g_autoptr (BsDiagnostics) nothing = bs_diagnostics_new ("");
  Loader first = { before, loader->host, nothing };

  keep_default (before, BS_SETTING_LIBEXEC_DIR, loader->host);
  take_variable (&first, BS_SETTING_LIBEXEC_DIR, loader->settings->variables[BS_SETTING_LIBEXEC_DIR]);
  bs_settings_read_file (loader->settings->file, loader->host->home, before->texts[BS_SETTING_LIBEXEC_DIR],
                         take_file_value, loader->settings, loader->diagnostics);
}

BsSettings *
bs_settings_load (const BsSettingsHost *host, BsDiagnostics **diagnostics)
{
  g_autoptr (BsSettings) self = g_new0 (BsSettings, 1);
  Loader loader = { self, host, NULL };

  self->file = bs_settings_find_file (host);
  *diagnostics = loader.diagnostics = bs_diagnostics_new (self->file != NULL ? self->file : "configuration");
  for (guint i = 0; i < BS_N_SETTINGS; i++)
    {
      self->variables[i] = bs_setting_variable (bs_setting_kinds[i].key);
      keep_default (self, i, host);
    }
  if (self->file != NULL)
    take_file (&loader);
  take_environment (&loader);
  for (const char *const *flag = host->flags; flag != NULL && *flag != NULL; flag++)
    take_flag (&loader, *flag);
  bs_diagnostics_sort (*diagnostics);
  if (bs_diagnostics_has_errors (*diagnostics))
    return NULL;
  fill_items (self);
  return g_steal_pointer (&self);
}

BsSettings *
bs_settings_new (const BsSettingsHost *host, GError **error)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsSettings *self = bs_settings_load (host, &diagnostics);

  if (self == NULL)
    bs_diagnostics_to_error (diagnostics, error);
  return self;
}

void
bs_settings_free (BsSettings *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < BS_N_SETTINGS; i++)
    {
      g_free (self->texts[i]);
      g_free (self->shown[i]);
      g_free (self->variables[i]);
      g_free (self->origins[i]);
    }
  g_free (self->file);
  g_free (self);
}

static BsSettings *
load_process (const char *config, const char *const *flags, BsDiagnostics **diagnostics)
{
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = program != NULL ? g_path_get_dirname (program) : NULL;
  BsSettingsHost host = { (const char *const *) environment, geteuid () == 0, g_get_home_dir (), dir, config, flags };

  return bs_settings_load (&host, diagnostics);
}

static GMutex process_lock;
static BsSettings *of_process; /* set once, by process_lock */

gboolean
bs_settings_begin (const char *config, const char *const *flags, BsDiagnostics **diagnostics)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&process_lock);

  g_return_val_if_fail (of_process == NULL, FALSE);
  of_process = load_process (config, flags, diagnostics);
  return of_process != NULL;
}

const BsSettings *
bs_settings_get (GError **error)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&process_lock);

  if (of_process == NULL)
    of_process = load_process (NULL, NULL, &diagnostics);
  if (of_process == NULL)
    bs_diagnostics_to_error (diagnostics, error);
  return of_process;
}

const char *
bs_settings_state_dir (const BsSettings *self)
{
  return self->texts[BS_SETTING_STATE_DIR];
}

const char *
bs_settings_cache_dir (const BsSettings *self)
{
  return self->texts[BS_SETTING_CACHE_DIR];
}

const char *
bs_settings_libexec_dir (const BsSettings *self)
{
  return self->texts[BS_SETTING_LIBEXEC_DIR];
}

const char *
bs_settings_qemu (const BsSettings *self)
{
  return self->texts[BS_SETTING_QEMU_PROGRAM];
}

BsAccel
bs_settings_accel (const BsSettings *self)
{
  const char *word = self->texts[BS_SETTING_QEMU_ACCEL];

  if (strcmp (word, "kvm") == 0)
    return BS_ACCEL_KVM;
  return strcmp (word, "tcg") == 0 ? BS_ACCEL_TCG : BS_ACCEL_AUTO;
}

const char *
bs_settings_text (const BsSettings *self, BsSettingId id)
{
  return self->texts[id];
}

gint64
bs_settings_number (const BsSettings *self, BsSettingId id)
{
  return self->numbers[id];
}

gint64
bs_setting_number (BsSettingId id)
{
  const BsSettings *settings = bs_settings_get (NULL);
  const BsSettingPlace place = { 0 };
  g_autofree char *text = NULL, *message = NULL, *hint = NULL;
  gint64 number = 0;

  if (settings != NULL)
    return settings->numbers[id];
  bs_setting_check (&bs_setting_kinds[id], &place, bs_setting_kinds[id].fallback, &text, &number, &message, &hint);
  return number;
}

const char *
bs_setting_text (BsSettingId id)
{
  const BsSettings *settings = bs_settings_get (NULL);

  return settings != NULL ? settings->texts[id] : bs_setting_kinds[id].fallback;
}

const BsSetting *
bs_settings_nth (const BsSettings *self, guint index)
{
  return index < BS_N_SETTINGS ? &self->items[index] : NULL;
}

const char *
bs_settings_nearest (const char *key)
{
  BsSuggest suggest;

  bs_suggest_init (&suggest, key);
  for (guint i = 0; i < BS_N_SETTINGS; i++)
    bs_suggest_offer (&suggest, bs_setting_kinds[i].key);
  return suggest.nearest;
}

const char *
bs_settings_file (const BsSettings *self)
{
  return self->file;
}
