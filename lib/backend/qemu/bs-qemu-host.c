/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-host.h"
#include "bs-error.h"
#include "bs-host-memory.h"
#include "bs-memo.h"
#include "bs-process.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define VERSION_MEMO "qemu.json"
#define VERSION_PREFIX "QEMU emulator version "
#define OLDEST_MAJOR 7
#define OLDEST_MINOR 2
#define OLDEST "7.2"
#define INSTALL_HINT "apt-get install qemu-system-x86"
#define KVM_DEVICE "/dev/kvm"
#define MIB (1024 * 1024)

void
bs_qemu_host_clear (BsQemuHost *self)
{
  g_clear_pointer (&self->program, g_free);
  g_clear_pointer (&self->version, g_free);
  g_clear_pointer (&self->cache_dir, g_free);
}

char *
bs_qemu_host_parse_version (const char *text)
{
  gsize length;

  if (!g_str_has_prefix (text, VERSION_PREFIX))
    return NULL;
  text += strlen (VERSION_PREFIX);
  length = strspn (text, "0123456789.");
  return length > 0 ? g_strndup (text, length) : NULL;
}

gboolean
bs_qemu_host_version_fits (const char *version)
{
  const char *dot = strchr (version, '.');
  int major = atoi (version), minor = dot != NULL ? atoi (dot + 1) : 0;

  return major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR);
}

static char *
ask_version (const char *program, GError **error)
{
  const char *argv[] = { program, "--version", NULL };
  g_autofree char *text = NULL;
  char *version;

  if (!bs_process_run (argv, &text, error))
    return NULL;
  version = bs_qemu_host_parse_version (text);
  if (version == NULL)
    bs_set_error (error, BS_ERROR_HOST, "set BENCHSCALE_QEMU to a QEMU program", "'%s' is not QEMU", program);
  return version;
}

static char *
find_version (const char *cache_dir, const char *program, GError **error)
{
  g_autofree char *key = bs_memo_file_key (program);
  g_autoptr (json_t) memo = key != NULL ? bs_memo_read (cache_dir, VERSION_MEMO, key) : NULL;
  g_autofree char *version = g_strdup (bs_json_string (memo, "version", NULL));
  g_autoptr (json_t) value = NULL;

  if (version != NULL)
    return g_steal_pointer (&version);
  version = ask_version (program, error);
  if (version == NULL)
    return NULL;
  value = json_pack ("{s:s}", "version", version);
  if (key != NULL)
    bs_memo_write (cache_dir, VERSION_MEMO, key, value);
  return g_steal_pointer (&version);
}

gboolean
bs_qemu_host_find (BsQemuHost *host, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);

  *host = (BsQemuHost){ 0 };
  if (settings == NULL)
    return FALSE;
  host->cache_dir = g_strdup (bs_settings_cache_dir (settings));
  host->accel = bs_settings_accel (settings);
  host->program = g_find_program_in_path (bs_settings_qemu (settings));
  if (host->program == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, INSTALL_HINT, "there is no QEMU on this host: '%s' cannot be found",
                    bs_settings_qemu (settings));
      return FALSE;
    }
  host->version = find_version (host->cache_dir, host->program, error);
  if (host->version == NULL)
    return FALSE;
  if (!bs_qemu_host_version_fits (host->version))
    {
      bs_set_error (error, BS_ERROR_HOST, "install QEMU " OLDEST " or newer, or point BENCHSCALE_QEMU to one",
                    "QEMU %s is too old, " OLDEST " is needed", host->version);
      return FALSE;
    }
  return TRUE;
}

gboolean
bs_qemu_host_use_kvm (const BsQemuHost *host, const BsBackendNode *node, gboolean *kvm, GCancellable *cancellable,
                      GError **error)
{
  BsAccelTrial trial = { host->program, node->kernel, node->initrd, node->cmdline };
  BsVerdict verdict = bs_accel_known (host->accel, host->cache_dir, host->program, KVM_DEVICE);

  /* Without a kernel of our own there is nothing to try with that would tell its progress. */
  if (verdict == BS_VERDICT_UNKNOWN && node->kernel != NULL)
    verdict = bs_accel_decide (host->accel, host->cache_dir, KVM_DEVICE, &trial, cancellable, error);
  if (verdict == BS_VERDICT_UNKNOWN && node->kernel != NULL)
    return FALSE;
  *kvm = verdict == BS_VERDICT_KVM;
  return TRUE;
}

gboolean
bs_qemu_host_knows_kvm (const BsQemuHost *host)
{
  return bs_accel_known (host->accel, host->cache_dir, host->program, KVM_DEVICE) == BS_VERDICT_KVM;
}

static guint64
free_disk_mib (void)
{
  const BsSettings *settings = bs_settings_get (NULL);
  g_autofree char *path = g_strdup (settings != NULL ? bs_settings_state_dir (settings) : "/");
  struct statvfs fs;

  /* The folder may be still to be made: its nearest ancestor is where that will be. */
  while (statvfs (path, &fs) != 0 && strcmp (path, "/") != 0)
    {
      char *parent = g_path_get_dirname (path);

      g_free (path);
      path = parent;
    }
  return (guint64) fs.f_bavail * fs.f_frsize / MIB;
}

void
bs_qemu_probe (BsBackendProbe *probe, GCancellable *cancellable)
{
  g_auto (BsQemuHost) host = { 0 };
  g_autoptr (GError) error = NULL;
  BsVerdict verdict;

  *probe = (BsBackendProbe){ .cpus = g_get_num_processors () };
  probe->free_memory_mib = bs_host_memory_free_mib ("/");
  probe->free_disk_mib = free_disk_mib ();
  probe->usable = bs_qemu_host_find (&host, &error);
  probe->version = g_strdup (host.version);
  if (!probe->usable)
    {
      probe->reason = g_strdup (error->message);
      probe->cure = g_strdup (bs_error_hint (error));
      return;
    }
  verdict = bs_accel_known (host.accel, host.cache_dir, host.program, KVM_DEVICE);
  if (verdict != BS_VERDICT_UNKNOWN)
    probe->accelerator = g_strdup (verdict == BS_VERDICT_KVM ? "kvm" : "tcg");
}
