/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-list.h — all labs of this state folder, and a glance at the others */
#pragma once

#include "bs-json.h"

/* (transfer full): array of {"name","state","nodes","running","topology"}; a broken record has state "broken". */
json_t *bs_lab_list (void);

/* How many labs of other users or other state folders have a supervisor running on this host. */
guint bs_lab_count_others (void);
