/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-way-open.h — what a way into a machine is wanted for (internal to bs-qemu-way*.c) */
#pragma once

#include "bs-qemu-way.h"

typedef enum
{
  BS_QEMU_WAY_ANY,
  BS_QEMU_WAY_BOOT,     /* the machine boots */
  BS_QEMU_WAY_TERMINAL, /* SSH only */
} BsQemuWayKind;

gboolean bs_qemu_way_open_kind (BsQemuWay *self, BsQemuWayKind kind, const BsBackendLab *lab, const char *name,
                                gint64 open_deadline_usec, gint64 deadline_usec, GError **error);
