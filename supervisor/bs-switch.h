/* SPDX-License-Identifier: Apache-2.0 */
/* bs-switch.h — the lab's packet process: started, lent its ports, and started again when it dies
 *
 * Ports may be added before it runs. When it dies a new one is started at once, gets the same memory and all ports;
 * requests under way are asked of the new one. One that dies more than 5 times in a row, each within 2 s of its start,
 * is left alone until "start-switch" is asked for again.
 */
#pragma once

#include "bs-link.h"
#include "bs-supervisor.h"

BsSwitch *bs_switch_new (BsSupervisor *lab);
/* The process lives on. */
void bs_switch_free (BsSwitch *self);

/* Starts @program unless a switch runs. */
gboolean bs_switch_start (BsSwitch *self, const char *program, GError **error);
/* Shared memory of an earlier supervisor's switch, for the next start; (transfer full). FALSE: not fit, closed */
gboolean bs_switch_take_memory (BsSwitch *self, int memory);
void bs_switch_set_restarts (BsSwitch *self, guint restarts);
/* Kills and reaps it, for good. */
void bs_switch_stop (BsSwitch *self);

/* Lowest free port, or the wanted one; %BS_ERROR_EXHAUSTED, %BS_ERROR_EXISTS. @wanted: -1 for any */
gboolean bs_switch_reserve (BsSwitch *self, BsLink *link, int wanted, GError **error);
/* Tells the switch of a link with a reserved port; its waiting replies are answered when it took effect. */
void bs_switch_connect (BsSwitch *self, BsLink *link);
/* Tells the switch that the link is gone; keeps its port reserved. */
void bs_switch_disconnect (BsSwitch *self, BsLink *link);
/* Frees the port too. */
void bs_switch_release (BsSwitch *self, BsLink *link);

/* (nullable) path of its program, NULL before the first start */
const char *bs_switch_program (const BsSwitch *self);
/* {"pid","restarts"} and "error" when it was given up; for "status" and the record; (transfer full) */
json_t *bs_switch_describe (const BsSwitch *self);
/* (nullable) its counters of a port */
const BsSwitchPortCounters *bs_switch_counters (const BsSwitch *self, int port);
