/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net.h — what the lab's wires are told to do, and for how long
 *
 * Goals. What was asked for holds whatever dies: the switch is told all of it again when it starts, and a new
 * supervisor reads it from its records, with what is left of each deadline (the clock is monotonic, and the records are
 * of one boot). What has an end ends by this process's timer alone, whoever asked for it.
 *
 * A wire does what the topology declares of it; over that, what its schedule says now; over that, the layers that are
 * about it, oldest first, key by key. Layers and partitions are faults: each has a number and maybe an end. A change
 * sends to the switch what differs from what it was told last, and nothing else; so an order of changes does not matter
 * and none is lost.
 */
#pragma once

#include "bs-net-layer.h"
#include "bs-net-partition.h"
#include "bs-supervisor.h"

BsNet *bs_net_new (BsSupervisor *lab);
void bs_net_free (BsNet *self);

/* Reads what an earlier supervisor of this boot left; what is not usable is told as "record-lost". */
void bs_net_load (BsNet *self);
void bs_net_remove_records (BsNet *self);

/* What the topology says. Takes the place of what was declared of the same wire. (transfer full) */
void bs_net_declare (BsNet *self, BsNetDeclared *wire);
void bs_net_set_seed (BsNet *self, guint network, guint64 seed);
/* The schedules' time begins; once. */
void bs_net_begin_schedules (BsNet *self);
/* After declarations: keeps and applies them. */
gboolean bs_net_commit (BsNet *self, GError **error);

/* Both give it a number and apply it; (transfer full), also on failure. 0 with an error */
guint64 bs_net_add_layer (BsNet *self, BsNetLayer *layer, GError **error);
guint64 bs_net_add_partition (BsNet *self, BsNetPartition *partition, GError **error);

/* Wires of @targets (nullable: all) do again what is declared; partitions stay. */
gboolean bs_net_reset (BsNet *self, GPtrArray *targets, GError **error);
/* All partitions end. */
gboolean bs_net_heal (BsNet *self, GError **error);
/* Ends one fault of either kind. FALSE: there is none, it may have ended by itself */
gboolean bs_net_end (BsNet *self, guint64 id);

/* Answers when the switch has taken all that was told so far; both (transfer full). */
void bs_net_answer (BsNet *self, BsReply *reply, json_t *answer);

/* FALSE with what the switch refused while nobody waited, once. */
gboolean bs_net_check (BsNet *self, GError **error);

/* Some more faults, from *@place on, which is set as by the next function: [{"id","kind":"conditions"|"partition",
 * "what"?,"left_usec"?,"values"?,"targets"?,"groups"?,"one_way"?}] */
json_t *bs_net_describe_faults (const BsNet *self, gint64 *place);
/**
 * bs_net_describe_wires:
 * @place: (inout): from 0; where to go on, or negative when that was all
 *
 * Some more wires: [{"node","interface","direction","to"?,"to_interface"?,"network","declared","current","faults":[ID],
 * "changes"?: how many its schedule has, "left_usec"?: to its next change}]
 */
json_t *bs_net_describe_wires (BsNet *self, gint64 *place);

/* What BsWires tells: a new switch knows nothing; @link was added to it, or left it; @serial of bs_wires_send() was
 * answered; none is going to run. */
void bs_net_switch_started (BsNet *self);
void bs_net_connected (BsNet *self, BsLink *link);
void bs_net_all_connected (BsNet *self);
void bs_net_disconnected (BsNet *self, const BsLink *link);
void bs_net_answered (BsNet *self, guint32 serial, int result);
void bs_net_switch_failed (BsNet *self, const GError *error);
