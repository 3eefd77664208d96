/* SPDX-License-Identifier: Apache-2.0 */
/* bs-event-log.h — events.ndjson: one JSON object a line, appended */
#pragma once

#include "bs-json.h"

#define BS_EVENT_LOG "events.ndjson"

typedef struct _BsEventLog BsEventLog;

BsEventLog *bs_event_log_open (int dir, const char *lab, GError **error);
void bs_event_log_free (BsEventLog *self);

/**
 * bs_event_log_add:
 * @event: gets "time" and "lab" first, whatever it had there
 *
 * A disk that is full loses the line, never the supervisor.
 *
 * Returns: (transfer full): the event as it was written
 */
json_t *bs_event_log_add (BsEventLog *self, const json_t *event);
