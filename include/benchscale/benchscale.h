/* SPDX-License-Identifier: Apache-2.0 */
/* benchscale.h — everything public */
#pragma once

#include <benchscale/bs-error.h>
#include <benchscale/bs-lab.h>
#include <benchscale/bs-model.h>
