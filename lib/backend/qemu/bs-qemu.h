/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu.h — virtual machines as processes of the user, no root needed */
#pragma once

#include "bs-backend.h"

extern const BsBackendClass bs_qemu_backend;
