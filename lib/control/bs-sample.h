/* SPDX-License-Identifier: Apache-2.0 */
/* bs-sample.h — what a tap of the switch gives: a frame or a decision, checked */
#pragma once

#include "bs-switch-protocol.h"

#include <glib.h>

/* Whether the head makes sense; `length` bytes follow it. */
gboolean bs_sample_is_valid (const BsSwitchSample *sample);

/**
 * bs_sample_parse:
 * @data: one message of a tap's socket
 * @payload: (out): what follows the head, in @data
 *
 * Returns: FALSE with %BS_ERROR_PROTOCOL
 */
gboolean bs_sample_parse (const guint8 *data, gsize length, BsSwitchSample *sample, const guint8 **payload,
                          GError **error);

/* The decision in @payload of a sample of that kind; FALSE when it is none, or not plausible. */
gboolean bs_sample_decision (const BsSwitchSample *sample, const guint8 *payload, BsSwitchDecision *decision);

/* "loss", "queue", …: as `net show` names causes; "other" for those of a newer switch. */
const char *bs_drop_name (guint cause);
