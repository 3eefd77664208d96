/* SPDX-License-Identifier: Apache-2.0 */
/* bs-accel.h — whether KVM can be trusted here
 *
 * A /dev/kvm that opens is no proof: nested virtualisation may hang a guest in its first instructions, or make QEMU
 * abort. So KVM is used only after a kernel made progress under it: it must come as far as to start its first program
 * within seconds (a tenth of one where KVM works). The verdict is kept in CACHE/accel.json for this kernel, QEMU and
 * processor. BENCHSCALE_ACCEL=kvm or tcg overrides it. No /dev/kvm that can be opened is TCG without a trial.
 */
#pragma once

#include "bs-settings.h"

#include <gio/gio.h>

typedef enum
{
  BS_VERDICT_UNKNOWN,
  BS_VERDICT_KVM,
  BS_VERDICT_TCG,
} BsVerdict;

/* What a trial boots. */
typedef struct
{
  const char *program; /* QEMU, a path */
  const char *kernel, *initrd, *cmdline;
} BsAccelTrial;

/* What is known without a trial. @cache_dir: of the settings; @device: "/dev/kvm". */
BsVerdict bs_accel_known (BsAccel wanted, const char *cache_dir, const char *program, const char *device);

/**
 * bs_accel_decide:
 *
 * Returns at once what is known, else after a trial; callers at the same time wait for one trial. Any thread.
 *
 * Returns: never %BS_VERDICT_UNKNOWN, except with %BS_ERROR_CANCELLED
 */
BsVerdict bs_accel_decide (BsAccel wanted, const char *cache_dir, const char *device, const BsAccelTrial *trial,
                           GCancellable *cancellable, GError **error);

/* Runs the trial: TRUE when the kernel started its first program. @reason: (out) (transfer full): what was seen. */
gboolean bs_accel_try (const char *const *argv, gint64 deadline_usec, GCancellable *cancellable, char **reason);
