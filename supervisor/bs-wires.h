/* SPDX-License-Identifier: Apache-2.0 */
/* bs-wires.h — the lab's packet process: started, lent its ports, and started again when it dies
 *
 * Ports may be added before it runs. When it dies a new one is started at once, gets the same memory and all ports;
 * requests under way are asked of the new one. One that dies more than 5 times in a row, each within 2 s of its start,
 * is left alone until "start-switch" is asked for again.
 */
#pragma once

#include "bs-link.h"
#include "bs-supervisor.h"

BsWires *bs_wires_new (BsSupervisor *lab);
/* The process lives on. */
void bs_wires_free (BsWires *self);

/* Starts @program unless a switch runs. */
gboolean bs_wires_start (BsWires *self, const char *program, GError **error);
/* Shared memory of an earlier supervisor's switch, for the next start; (transfer full). FALSE: not fit, closed */
gboolean bs_wires_take_memory (BsWires *self, int memory);
void bs_wires_set_restarts (BsWires *self, guint restarts);
/* Says why none runs and answers who waits; until "start-switch" is asked for again. */
void bs_wires_give_up (BsWires *self, const char *why);
/* Kills and reaps it, for good. */
void bs_wires_stop (BsWires *self);

/* Lowest free port, or the wanted one; %BS_ERROR_EXHAUSTED, %BS_ERROR_EXISTS. @wanted: -1 for any */
gboolean bs_wires_reserve (BsWires *self, BsLink *link, int wanted, GError **error);
/* Tells the switch of a link with a reserved port; its waiting replies are answered when it took effect. */
void bs_wires_connect (BsWires *self, BsLink *link);
/* Tells the switch that the link is gone; keeps its port reserved. */
void bs_wires_disconnect (BsWires *self, BsLink *link);
/* Frees the port too. */
void bs_wires_release (BsWires *self, BsLink *link);

/* Sends one request, whose version, size and serial are filled in, after all earlier ones; @fd: (transfer full), or -1.
 * Answers come to bs_net_answered(). Returns: its serial; 0 when no switch runs */
guint32 bs_wires_send (BsWires *self, BsSwitchRequest *message, int fd);
gboolean bs_wires_runs (const BsWires *self);
/* (nullable) why none runs, when it was given up */
const char *bs_wires_problem (const BsWires *self);
/* Ports are 0 … bs_wires_n_links() - 1; (nullable) where free */
guint bs_wires_n_links (const BsWires *self);
BsLink *bs_wires_link (const BsWires *self, guint port);

/* (nullable) path of its program, NULL before the first start */
const char *bs_wires_program (const BsWires *self);
/* {"pid","restarts"} and "error" when it was given up; for "status" and the record; (transfer full) */
json_t *bs_wires_describe (const BsWires *self);
/* (nullable) its counters of a port */
const BsSwitchPortCounters *bs_wires_counters (const BsWires *self, int port);
/* A port as the switch of this memory has it; FALSE: it has none */
gboolean bs_wires_port_state (const BsWires *self, guint port, BsSwitchPortState *state);
