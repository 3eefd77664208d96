/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-settings.h"
#include "bs-time.h"

#include <string.h>
#include <unistd.h>

enum
{
  STATE_DIR,
  CACHE_DIR,
  LIBEXEC,
  ACCEL,
  QEMU,
  CATALOGUE,
  DOWNLOAD_STALL,
  N_SETTINGS,
};

struct _BsSettings
{
  BsSetting items[N_SETTINGS];
  char *values[N_SETTINGS];
  char *origins[N_SETTINGS];
};

typedef struct
{
  const char *key, *variable, *doc;
  char *(*fallback) (const BsSettingsHost *host);
  char *(*check) (const char *variable, const char *value,
                  GError **error); /* the value to keep, or NULL with an error */
} Kind;

static const char *const accel_words[] = { "auto", "kvm", "tcg", NULL };

/* The folder for @root, else benchscale in the XDG folder of @variable, which counts only when absolute, else in @home.
 */
static char *
user_dir (const BsSettingsHost *host, const char *root, const char *variable, const char *otherwise)
{
  const char *base = g_environ_getenv ((char **) host->environment, variable);

  if (host->root)
    return g_strdup (root);
  if (base != NULL && g_path_is_absolute (base))
    return g_build_filename (base, "benchscale", NULL);
  return g_build_filename (host->home, otherwise, "benchscale", NULL);
}

static char *
default_state_dir (const BsSettingsHost *host)
{
  return user_dir (host, "/var/lib/benchscale", "XDG_STATE_HOME", ".local/state");
}

static char *
default_cache_dir (const BsSettingsHost *host)
{
  return user_dir (host, "/var/cache/benchscale", "XDG_CACHE_HOME", ".cache");
}

/* A build tree has the companions beside the program. */
static char *
default_libexec_dir (const BsSettingsHost *host)
{
  g_autofree char *companion = NULL;

  if (host->program_dir != NULL)
    companion = g_build_filename (host->program_dir, "benchscale-lab", NULL);
  if (companion != NULL && access (companion, X_OK) == 0)
    return g_strdup (host->program_dir);
  return g_strdup (LIBEXEC_DIR);
}

static char *
default_accel (const BsSettingsHost *host)
{
  return g_strdup ("auto");
}

static char *
default_qemu (const BsSettingsHost *host)
{
  return g_strdup ("qemu-system-x86_64");
}

/* Beside the configuration file, of root too. */
static char *
default_catalogue (const BsSettingsHost *host)
{
  const char *base = g_environ_getenv ((char **) host->environment, "XDG_CONFIG_HOME");

  if (base != NULL && g_path_is_absolute (base))
    return g_build_filename (base, "benchscale", "catalogue.yaml", NULL);
  return g_build_filename (host->home, ".config", "benchscale", "catalogue.yaml", NULL);
}

static char *
default_download_stall (const BsSettingsHost *host)
{
  return g_strdup ("30s");
}

static gboolean
check_text (const char *variable, const char *value, const char *hint, GError **error)
{
  if (*value == '\0')
    {
      bs_set_error (error, BS_ERROR_INVALID, hint, "%s is empty", variable);
      return FALSE;
    }
  for (const char *p = value; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      {
        bs_set_error (error, BS_ERROR_INVALID, hint, "%s contains a control character", variable);
        return FALSE;
      }
  return TRUE;
}

static char *
check_dir (const char *variable, const char *value, GError **error)
{
  if (!check_text (variable, value, "name a folder, or unset the variable", error))
    return NULL;
  return g_canonicalize_filename (value, NULL);
}

static char *
check_program (const char *variable, const char *value, GError **error)
{
  if (!check_text (variable, value, "name a program, or unset the variable", error))
    return NULL;
  return strchr (value, '/') != NULL ? g_canonicalize_filename (value, NULL) : g_strdup (value);
}

static char *
check_file (const char *variable, const char *value, GError **error)
{
  if (!check_text (variable, value, "name a file, or unset the variable", error))
    return NULL;
  return g_canonicalize_filename (value, NULL);
}

static char *
check_duration (const char *variable, const char *value, GError **error)
{
  gint64 usec;

  if (bs_time_parse_duration (value, &usec) && usec > 0)
    return g_strdup (value);
  bs_set_error (error, BS_ERROR_INVALID, "write it as 500ms, 2s or 3m", "%s is no duration: '%s'", variable, value);
  return NULL;
}

static char *
check_accel (const char *variable, const char *value, GError **error)
{
  if (g_strv_contains (accel_words, value))
    return g_strdup (value);
  bs_set_error (error, BS_ERROR_INVALID, "use auto, kvm or tcg", "%s is not an accelerator: '%s'", variable, value);
  return NULL;
}

static const Kind kinds[N_SETTINGS] = {
  [STATE_DIR] = { "state_dir", "BENCHSCALE_STATE_DIR", "where labs are recorded", default_state_dir, check_dir },
  [CACHE_DIR] = { "cache_dir", "BENCHSCALE_CACHE_DIR", "where images are kept", default_cache_dir, check_dir },
  [LIBEXEC]
  = { "libexec_dir", "BENCHSCALE_LIBEXEC_DIR", "where the companion programs are", default_libexec_dir, check_dir },
  [ACCEL]
  = { "accel", "BENCHSCALE_ACCEL", "how machines are accelerated: auto, kvm or tcg", default_accel, check_accel },
  [QEMU] = { "qemu", "BENCHSCALE_QEMU", "the program that runs machines", default_qemu, check_program },
  [CATALOGUE] = { "catalogue", "BENCHSCALE_CATALOGUE", "your own catalogue of images", default_catalogue, check_file },
  [DOWNLOAD_STALL] = { "download_stall", "BENCHSCALE_DOWNLOAD_STALL", "how long a download's server may send nothing",
                       default_download_stall, check_duration },
};

static gboolean
load_one (BsSettings *self, guint index, const BsSettingsHost *host, GError **error)
{
  const Kind *kind = &kinds[index];
  const char *given = g_environ_getenv ((char **) host->environment, kind->variable);

  if (given != NULL)
    {
      self->values[index] = kind->check (kind->variable, given, error);
      self->origins[index] = g_strdup_printf ("environment %s", kind->variable);
    }
  else
    {
      self->values[index] = kind->fallback (host);
      self->origins[index] = g_strdup ("default");
    }
  self->items[index] = (BsSetting){ kind->key, kind->variable, kind->doc, self->values[index], self->origins[index] };
  return self->values[index] != NULL;
}

BsSettings *
bs_settings_new (const BsSettingsHost *host, GError **error)
{
  g_autoptr (BsSettings) self = g_new0 (BsSettings, 1);

  for (guint i = 0; i < N_SETTINGS; i++)
    if (!load_one (self, i, host, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
bs_settings_free (BsSettings *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < N_SETTINGS; i++)
    {
      g_free (self->values[i]);
      g_free (self->origins[i]);
    }
  g_free (self);
}

static BsSettings *
load_process (GError **error)
{
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = program != NULL ? g_path_get_dirname (program) : NULL;
  BsSettingsHost host = { (const char *const *) environment, geteuid () == 0, g_get_home_dir (), dir };

  return bs_settings_new (&host, error);
}

const BsSettings *
bs_settings_get (GError **error)
{
  static GMutex mutex;
  static BsSettings *settings;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  if (settings == NULL)
    settings = load_process (error);
  return settings;
}

const char *
bs_settings_state_dir (const BsSettings *self)
{
  return self->values[STATE_DIR];
}

const char *
bs_settings_cache_dir (const BsSettings *self)
{
  return self->values[CACHE_DIR];
}

const char *
bs_settings_libexec_dir (const BsSettings *self)
{
  return self->values[LIBEXEC];
}

const char *
bs_settings_qemu (const BsSettings *self)
{
  return self->values[QEMU];
}

BsAccel
bs_settings_accel (const BsSettings *self)
{
  const char *word = self->values[ACCEL];

  if (strcmp (word, "kvm") == 0)
    return BS_ACCEL_KVM;
  return strcmp (word, "tcg") == 0 ? BS_ACCEL_TCG : BS_ACCEL_AUTO;
}

const char *
bs_settings_catalogue (const BsSettings *self)
{
  return self->values[CATALOGUE];
}

gint64
bs_settings_download_stall_usec (const BsSettings *self)
{
  gint64 usec = 0;

  bs_time_parse_duration (self->values[DOWNLOAD_STALL], &usec);
  return usec;
}

const BsSetting *
bs_settings_nth (const BsSettings *self, guint index)
{
  return index < N_SETTINGS ? &self->items[index] : NULL;
}
