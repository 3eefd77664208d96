/* SPDX-License-Identifier: Apache-2.0 */
/* bs-control-message.h — messages of the supervisor, taken apart; see bs-control-protocol.h */
#pragma once

#include "bs-json.h"

/**
 * bs_control_message_parse:
 * @id: (out): of the request that it answers; 0 for an event, or when the supervisor could not tell
 * @event: (out): whether it is an event
 *
 * Returns: (transfer full): the answer's or event's object; NULL with %BS_ERROR_PROTOCOL when it is neither
 */
json_t *bs_control_message_parse (const char *data, gsize length, guint64 *id, gboolean *event, GError **error);

/* Of an answer: TRUE when it says ok, else FALSE with the supervisor's error: code, message and hint. */
gboolean bs_control_message_check (const json_t *answer, GError **error);
