/* SPDX-License-Identifier: Apache-2.0 */
/* bs-takeover.h — what an earlier supervisor of this lab left running
 *
 * A supervisor may be killed at any moment; its machines and its switch go on. Its successor finds machines by their
 * tags, fetches each link's switch end out of the machine's own process (pidfd_getfd(2) of BS_CONTROL_PEER_FD), the
 * switch's memory out of the old switch, ends that one, which nobody can speak to any more, and starts a new one with
 * all ports.
 *
 * supervisor.json says what cannot be seen: which network and address each link has, where the logs are. It is checked
 * as any input; without it machines are still watched and reachable, but their links are not connected.
 */
#pragma once

#include "bs-supervisor.h"

/* Also tells which of the two it was: event "supervisor-started" or "supervisor-took-over". */
gboolean bs_takeover (BsSupervisor *lab, GError **error);
