/* SPDX-License-Identifier: Apache-2.0 */
/* bs-old-switch.h — the switch that an earlier supervisor left
 *
 * It carries packets until bs_old_switch_end(), and nobody can speak to it; but what it holds can be taken: its memory,
 * and by that which of its descriptors is which port. So what a damaged record does not tell is found here.
 */
#pragma once

#include "bs-process.h"
#include "bs-supervisor.h"
#include "bs-switch-protocol.h"

typedef struct _BsOldSwitch BsOldSwitch;

/* Lends its memory to the lab's wires. Returns: NULL when it is gone */
BsOldSwitch *bs_old_switch_new (BsSupervisor *lab, const BsProcess *process);
void bs_old_switch_free (BsOldSwitch *self);

/* (nullable) the program that it runs, which is there and may be run again */
const char *bs_old_switch_program (const BsOldSwitch *self);
/* The port whose end of a link @fd is; -1: none, or not plausible. */
int bs_old_switch_find_port (BsOldSwitch *self, int fd, BsSwitchPortState *state);
/* FALSE when nothing can be found in it: its memory or descriptors could not be taken. */
gboolean bs_old_switch_knows_ports (BsOldSwitch *self);
/* The memory (memfd) of this inode that it holds; -1: none. The caller owns it. */
int bs_old_switch_find_memory (BsOldSwitch *self, guint64 inode);
void bs_old_switch_end (BsOldSwitch *self);

/* pidfd_getfd(2) */
int bs_old_switch_fetch (int pidfd, int fd);
/* Whether a switch could be started from there. */
gboolean bs_old_switch_is_program (const char *path);
