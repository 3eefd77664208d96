/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tap-list.h — the lab's taps, and the log of decisions that its wires follow
 *
 * A tap ends with the client that asked for it, unless it is to be kept: then it lasts until somebody removes it, or
 * the lab ends. The switch is told of all of them again when it starts. A new supervisor finds the memory of those that
 * are kept, and of the log, among the descriptors of the switch that it takes over; what it does not find has ended,
 * and the event "tap-lost" or "replay-lost" says so.
 */
#pragma once

#include "bs-old-switch.h"
#include "bs-supervisor.h"
#include "bs-switch-protocol.h"

/* As a request asks for it. */
typedef struct
{
  BsSwitchTap what; /* its number is not chosen yet */
  guint64 bytes;    /* of a ring */
  gboolean keep;
  json_t *about; /* (owned) the members that say what it is about, for who asks */
} BsTapSpec;

void bs_tap_spec_clear (BsTapSpec *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsTapSpec, bs_tap_spec_clear)

BsTapList *bs_tap_list_new (BsSupervisor *lab);
void bs_tap_list_free (BsTapList *self);

/* Takes @reply, and @spec's members; the answer comes when the switch has taken it: {"tap":NUMBER} and the descriptor
 * to read from. FALSE with an error, and then neither is taken */
gboolean bs_tap_list_add (BsTapList *self, BsTapSpec *spec, BsReply **reply, GError **error);
/* %BS_ERROR_NOT_FOUND */
gboolean bs_tap_list_remove (BsTapList *self, guint number, GError **error);
/* A ring's memory, borrowed; -1 with %BS_ERROR_NOT_FOUND */
int bs_tap_list_ring (const BsTapList *self, guint number, GError **error);
/* [{"tap","sink","what":[…],"snap","bytes","keep", and what it is about}]; (transfer full) */
json_t *bs_tap_list_describe (const BsTapList *self);

/* A memory for the client to write a log of @bytes into, and seal: borrowed; -1 with an error */
int bs_tap_list_make_log (BsTapList *self, guint64 client, guint64 bytes, GError **error);
/* Follows the log that this client wrote; takes @reply as bs_tap_list_add() does. @bytes 0: ends the replay */
gboolean bs_tap_list_replay (BsTapList *self, guint64 bytes, BsReply **reply, GError **error);
guint64 bs_tap_list_replay_bytes (const BsTapList *self);

/* What others tell it. */
void bs_tap_list_switch_started (BsTapList *self);
void bs_tap_list_switch_failed (BsTapList *self, const GError *error);
/* Returns: whether it was a request of ours */
gboolean bs_tap_list_answered (BsTapList *self, guint32 serial, int result);
void bs_tap_list_client_gone (BsTapList *self, guint64 client);

/* For supervisor.json: {"kept":[…],"replay":{…}|null}; (transfer full) */
json_t *bs_tap_list_save (const BsTapList *self);
/* What of that is still in @switches: (element-type BsOldSwitch) */
void bs_tap_list_load (BsTapList *self, const json_t *record, GPtrArray *switches);
