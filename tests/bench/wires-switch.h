/* SPDX-License-Identifier: Apache-2.0 */
/* wires-switch.h — the switch as a child, told what to do as its supervisor would */
#pragma once

#include "bs-switch-protocol.h"

#include <sys/types.h>

extern const char *switch_path;

/* Runs @program with two descriptors as 3 and 4. */
pid_t spawn_with (const char *program, const char *const *argv, int third, int fourth);
pid_t switch_start (int *control);
/* The counters of a running switch. */
const BsSwitchMemory *switch_memory (pid_t pid);
/* Fails loudly unless it is answered with 0. */
void switch_ask (int control, BsSwitchRequest *request, int fd);
/* Port n has the machine's address 02:00:00:00:hh:ll only when it is a socket's: what a TAP's is, is learnt. */
void switch_add (int control, uint32_t port, uint32_t network, BsSwitchPortKind kind, uint32_t offload, int fd);
