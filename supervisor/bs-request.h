/* SPDX-License-Identifier: Apache-2.0 */
/* bs-request.h — one request of a client: checked, and given to the operation that it names */
#pragma once

#include "bs-supervisor.h"

/* A BsServerHandler; @supervisor is a BsSupervisor. Whatever @message is, @reply is answered or kept for an answer. */
void bs_request_handle (const char *message, gsize length, BsReply *reply, gpointer supervisor);

/**
 * BsOperation:
 * @reply: (inout): set to NULL by an operation that takes it, to answer later
 *
 * Returns: (transfer full): the answer's members, or NULL with an error, or NULL with *@reply taken
 */
typedef json_t *(*BsOperation) (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);

/* bs-request-machine.c */
json_t *bs_request_spawn (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_signal (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_guest (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_forget (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);

/* bs-request-wires.c */
json_t *bs_request_start_switch (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_add_port (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_remove_port (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_counters (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);

/* bs-request-tap.c */
json_t *bs_request_add_tap (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_remove_tap (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_taps (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_tap_ring (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_make_log (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_set_replay (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);

/* bs-request-net.c */
json_t *bs_request_set_wires (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_reset (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_partition (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_heal (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_faults (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
json_t *bs_request_wires (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error);
