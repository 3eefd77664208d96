/* SPDX-License-Identifier: Apache-2.0 */
/* bs-reap.h — how a process ended */
#pragma once

#include "bs-json.h"

/* @child: ours to wait for; another's ended unseen. (transfer full): {"exit_code":N}, {"signal":N} or {"unknown":true}
 */
json_t *bs_reap (int pidfd, gboolean child);
