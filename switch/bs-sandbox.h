/* SPDX-License-Identifier: Apache-2.0 */
/* bs-sandbox.h — what the switch may still do once it has what it needs
 *
 * It parses what guests send, so it is left with nothing worth taking: packets on sockets that it was given, epoll,
 * closing, the clock, mapping the memory that it is lent (rings, logs, traces; never executable), its own end. No
 * files, no new sockets, no processes; anything else ends it by SIGSYS. It keeps its uid and stays dumpable, so that a
 * new supervisor can take its descriptors with pidfd_getfd(2).
 */
#pragma once

#include <stdbool.h>

/* Irreversible. Returns: false with errno */
bool bs_sandbox_enter (void);
