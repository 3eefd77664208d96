/* SPDX-License-Identifier: Apache-2.0 */
/* bs-record.h — supervisor.json: what a successor must know and cannot ask the kernel
 *
 * Replaced by rename at each change and never synced: it serves while this boot's processes live, and no longer.
 */
#pragma once

#include "bs-supervisor.h"

#define BS_RECORD "supervisor.json"
#define BS_RECORD_FORMAT 1

/* Writes it; a failure is only logged. */
void bs_record_save (BsSupervisor *lab);
gboolean bs_record_save_checked (BsSupervisor *lab, GError **error);
void bs_record_remove (BsSupervisor *lab);

/**
 * bs_record_load:
 *
 * Makes machines and links (without descriptors or processes) in an empty @lab as the record says.
 *
 * Returns: (transfer full): the record's object, NULL without an error when there is none, or with %BS_ERROR_INVALID or
 * %BS_ERROR_PROTOCOL when a part of it is not plausible; @lab is empty then
 */
json_t *bs_record_load (BsSupervisor *lab, GError **error);
