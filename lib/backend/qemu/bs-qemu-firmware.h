/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-firmware.h — what a machine's disk is booted by: QEMU's own BIOS, or UEFI by OVMF where the topology, or
 * else the image, asks for it
 *
 * OVMF is a program, which all machines read, and its variables, of which each has a copy: nodes/NAME/vars.fd.
 */
#pragma once

#include "bs-backend.h"

/* Whether @node is booted by UEFI. */
gboolean bs_qemu_firmware_is_uefi (const BsBackendNode *node);

/* %BS_ERROR_UNSUPPORTED for what cannot be had at all, %BS_ERROR_HOST with a hint where OVMF is missing. */
gboolean bs_qemu_firmware_check (const BsBackendNode *node, GError **error);

/* Makes the machine's copy of the variables. */
gboolean bs_qemu_firmware_create (const BsBackendLab *lab, const BsBackendNode *node, GError **error);

/* Adds the arguments for both; the machine gets the option bs_qemu_firmware_machine(): ",pflash0=…", or "". */
void bs_qemu_firmware_args (GPtrArray *argv, const BsBackendNode *node);
const char *bs_qemu_firmware_machine (const BsBackendNode *node);
