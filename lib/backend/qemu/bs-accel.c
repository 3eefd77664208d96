/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-accel.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-memo.h"
#include "bs-qemu-args.h"
#include "bs-settings.h"
#include "bs-time.h"

#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#define MEMO "accel.json"

/* Kernel, processor and QEMU: any other one may fare otherwise. */
static char *
memo_key (const char *program)
{
  g_autofree char *qemu = bs_memo_file_key (program);
  g_autofree char *info = NULL;
  const char *model;
  struct utsname host;

  if (uname (&host) != 0 || qemu == NULL)
    return NULL;
  g_file_get_contents ("/proc/cpuinfo", &info, NULL, NULL);
  model = info != NULL ? strstr (info, "model name") : NULL;
  return g_strdup_printf ("%s %s|%.*s|%s", host.release, host.version, model != NULL ? (int) strcspn (model, "\n") : 0,
                          model != NULL ? model : "", qemu);
}

static gboolean
can_open (const char *device)
{
  bs_autofd int fd = open (device, O_RDWR | O_CLOEXEC);

  return fd >= 0;
}

static BsVerdict
remembered (const char *cache_dir, const char *program)
{
  g_autofree char *key = memo_key (program);
  g_autoptr (json_t) memo = key != NULL ? bs_memo_read (cache_dir, MEMO, key) : NULL;
  const char *verdict = bs_json_string (memo, "accel", "");

  if (strcmp (verdict, "kvm") == 0)
    return BS_VERDICT_KVM;
  return strcmp (verdict, "tcg") == 0 ? BS_VERDICT_TCG : BS_VERDICT_UNKNOWN;
}

static void
remember (const char *cache_dir, const char *program, gboolean kvm, const char *reason)
{
  g_autofree char *key = memo_key (program);
  g_autofree char *valid = g_utf8_make_valid (reason, -1);
  g_autoptr (json_t) value = json_pack ("{s:s, s:s}", "accel", kvm ? "kvm" : "tcg", "reason", valid);

  if (key != NULL)
    bs_memo_write (cache_dir, MEMO, key, value);
}

BsVerdict
bs_accel_known (BsAccel wanted, const char *cache_dir, const char *program, const char *device)
{
  if (wanted == BS_ACCEL_KVM)
    return BS_VERDICT_KVM;
  if (wanted == BS_ACCEL_TCG || !can_open (device))
    return BS_VERDICT_TCG;
  return remembered (cache_dir, program);
}

BsVerdict
bs_accel_decide (BsAccel wanted, const char *cache_dir, const char *device, const BsAccelTrial *trial,
                 GCancellable *cancellable, GError **error)
{
  static GMutex one_trial;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&one_trial);
  BsVerdict verdict = bs_accel_known (wanted, cache_dir, trial->program, device);
  g_auto (GStrv) argv = NULL;
  g_autofree char *reason = NULL;
  gboolean kvm;

  if (verdict != BS_VERDICT_UNKNOWN)
    return verdict;
  argv = bs_qemu_args_trial (trial->program, trial->kernel, trial->initrd, trial->cmdline);
  kvm = bs_accel_try ((const char *const *) argv, bs_time_now_usec () + bs_setting_number (BS_SETTING_QEMU_TRIAL),
                      cancellable, &reason);
  if (g_cancellable_is_cancelled (cancellable))
    {
      bs_set_error (error, BS_ERROR_CANCELLED, NULL, "the trial of KVM was interrupted");
      return BS_VERDICT_UNKNOWN;
    }
  remember (cache_dir, trial->program, kvm, reason);
  return kvm ? BS_VERDICT_KVM : BS_VERDICT_TCG;
}
